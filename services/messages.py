"""What workers and the duty desk are told about a call: ids and codes only, put into the outbox with the change."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services import outbox
from services.models.calls import Call, CallStatus
from services.models.offers import Offer
from services.models.outbox import Recipient


async def tell_worker(session: AsyncSession, call: Call, worker_id: uuid.UUID, template: str, **more: Any) -> None:
    """A message to one worker's phone about a call as it now stands."""
    await outbox.put_all(session, [worker_message(call, worker_id, template, **more)])


async def tell_desk(session: AsyncSession, call: Call, template: str, **more: Any) -> None:
    """A message to the duty desk of the call's community (null: every desk); to the one who has claimed it, if any."""
    await outbox.put_all(session, [desk_message(call, template, **more)])


async def tell_whoever_has(session: AsyncSession, call: Call, template: str) -> None:
    """Tell the holder, or whoever is being asked; the desk when it is the desk's, or when it has claimed the call."""
    worker_id = call.holder_id
    if worker_id is None and call.status is CallStatus.OFFERED and call.offer_id is not None:
        offer = await session.get(Offer, call.offer_id)
        worker_id = offer.worker_id if offer else None
    if worker_id is not None:
        await tell_worker(session, call, worker_id, template)
    if worker_id is None or call.claimed_by is not None:
        await tell_desk(session, call, template)


def offer_message(
    call: Call, worker_id: uuid.UUID, offer_id: uuid.UUID, expires_at: datetime
) -> tuple[str, dict[str, Any]]:
    """Key and body of the message that offers a call; it is written in one statement with the offer."""
    key = f"call:{call.id}:{call.version + 1}:OFFER:{Recipient.WORKER.value}:{worker_id}"
    body = {"call": str(call.id), "priority": call.priority, "press_count": call.press_count}
    return key, {**body, "offer": str(offer_id), "expires_at": expires_at.isoformat()}


def worker_message(call: Call, worker_id: uuid.UUID, template: str, **more: Any) -> dict[str, Any]:
    """What `tell_worker` puts, for whoever puts many at once (`outbox.put_all`)."""
    return _message(call, Recipient.WORKER, worker_id, template, more)


def desk_message(call: Call, template: str, **more: Any) -> dict[str, Any]:
    """What `tell_desk` puts, for whoever puts many at once (`outbox.put_all`)."""
    claimed = {"claimed_by": str(call.claimed_by)} if call.claimed_by else {}
    return _message(call, Recipient.DUTY_DESK, call.community_id, template, claimed | more)


def _message(
    call: Call, recipient: Recipient, recipient_id: uuid.UUID | None, template: str, more: dict[str, Any]
) -> dict[str, Any]:
    body = {"call": str(call.id), "priority": call.priority, "press_count": call.press_count, **more}
    key = f"call:{call.id}:{call.version}:{template}:{recipient.value}:{recipient_id}"
    who = {"recipient": recipient, "recipient_id": recipient_id}
    return {"key": key, **who, "template": template, "body": body}
