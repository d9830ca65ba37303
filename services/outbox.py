"""The outbox: messages written with the change that causes them, and the postman who delivers them after the commit."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

import orjson
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.database import Database
from services.ladder import RULES, CallRules
from services.many_rows import inserting
from services.models.base import new_id
from services.models.outbox import Message, Recipient

log = structlog.get_logger()

Send = Callable[[Message], Awaitable[None]]
LONGEST_RETRY_SECONDS = 600
NOTE = sa.text("""
UPDATE outbox SET delivered_at = noted.delivered_at, problem = noted.problem, dead_at = noted.dead_at,
                  due_at = coalesce(noted.due_at, outbox.due_at)
FROM json_to_recordset(CAST(:rows AS json)) AS noted (
  id uuid, delivered_at timestamptz, problem text, due_at timestamptz, dead_at timestamptz)
WHERE outbox.id = noted.id
""")


@runtime_checkable
class Preparing(Protocol):
    """A `Send` that looks up in one go what it must know of many messages."""

    async def __call__(self, message: Message) -> None:
        """Deliver one."""

    async def prepared(self, messages: Sequence[Message]) -> Send:
        """The `Send` for these messages."""


async def put(
    session: AsyncSession,
    key: str,
    recipient: Recipient,
    recipient_id: uuid.UUID | None,
    template: str,
    body: dict[str, Any],
) -> None:
    """A message that leaves after the commit; the same `key` again changes nothing. `body` holds ids and codes only."""
    values = {"key": key, "recipient": recipient, "recipient_id": recipient_id, "template": template, "body": body}
    await put_all(session, [values])


async def put_all(session: AsyncSession, messages: Sequence[Mapping[str, Any]]) -> None:
    """Many messages at once: `key`, `recipient`, `recipient_id`, `template`, `body` of each, as `put` takes them."""
    now = clock.now()
    rows = [{"id": new_id(), "created_at": now, "due_at": now, "attempts": 0, **each} for each in messages]
    if rows:
        await session.execute(inserting(Message, rows).on_conflict_do_nothing(index_elements=[Message.key]))


async def lend(
    database: Database, limit: int = 50, rules: CallRules = RULES, to: Collection[Recipient] = tuple(Recipient)
) -> Sequence[Message]:
    """Messages that are due, for `deliver_lent`; when this process dies they come back by themselves.

    No transaction is open while `send` waits for the outside, so a dead line out there holds nothing up in here.
    """
    async with database.write() as session:
        return (await session.scalars(_lend(limit, rules, to))).all()


async def deliver_lent(database: Database, send: Send, lent: Sequence[Message], rules: CallRules = RULES) -> int:
    """Send, and note what became of each; how many were delivered. As slow as the slowest line out there."""
    if not lent:
        return 0
    each = await _prepared(send, lent)
    told = await asyncio.gather(*(_send(each, message, rules) for message in lent))
    async with database.write() as session:
        await _note(session, lent, told, rules)
    return sum(problem is None for problem in told)


async def undeliverable(session: AsyncSession) -> int:
    """How many messages have been given up."""
    return await session.scalar(sa.select(sa.func.count()).where(Message.dead_at.is_not(None))) or 0


def _lend(limit: int, rules: CallRules, to: Collection[Recipient]) -> "sa.UpdateBase":
    now = clock.now()
    due = sa.select(Message.id).where(Message.due_at <= now, Message.delivered_at.is_(None), Message.dead_at.is_(None))
    due = due.where(Message.recipient.in_(to)).order_by(Message.due_at).limit(limit).with_for_update(skip_locked=True)
    back = now + timedelta(seconds=rules.delivery_lease_seconds)
    lend = sa.update(Message).where(Message.id.in_(due)).values(attempts=Message.attempts + 1, due_at=back)
    return lend.returning(Message)


async def _prepared(send: Send, messages: Sequence[Message]) -> Send:
    """What can be looked up together; when that fails each message is sent, and fails, by itself."""
    if not isinstance(send, Preparing):
        return send
    try:
        return await send.prepared(messages)
    except Exception as problem:
        log.warning("post goes one by one", messages=len(messages), error=type(problem).__name__)
        return send


async def _send(send: Send, message: Message, rules: CallRules) -> str | None:
    try:
        async with asyncio.timeout(rules.delivery_lease_seconds / 2):
            await send(message)
    except Exception as problem:
        log.warning("message not delivered", template=message.template, error=type(problem).__name__)
        return type(problem).__name__[:80]
    return None


async def _note(
    session: AsyncSession, messages: Sequence[Message], told: Sequence[str | None], rules: CallRules
) -> None:
    now = clock.now()
    each = zip(messages, told, strict=True)
    rows = [
        _delivered(message, now) if problem is None else _missed(message, problem, now, rules)
        for message, problem in each
    ]
    await session.execute(NOTE, {"rows": orjson.dumps(rows).decode()})


def _delivered(message: Message, now: datetime) -> dict[str, Any]:
    return {"id": message.id, "delivered_at": now}


def _missed(message: Message, problem: str, now: datetime, rules: CallRules) -> dict[str, Any]:
    wait = min(rules.delivery_retry_seconds * 2 ** (message.attempts - 1), LONGEST_RETRY_SECONDS)
    dead = now if message.attempts >= rules.delivery_attempts else None
    return {"id": message.id, "problem": problem, "due_at": now + timedelta(seconds=wait), "dead_at": dead}
