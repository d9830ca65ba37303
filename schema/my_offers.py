"""What a worker's phone follows: the offers to that worker, each with its call and the door in one select."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import sqlalchemy as sa

from schema import calls, offers
from schema.context import Context, Info
from schema.households import ASKED_TO
from schema.lens import lens, subscription
from schema.offers import Offer
from services import events
from services.call_rights import worker_of
from services.models import Call as CallRow
from services.models import Household as HouseholdRow
from services.models import Offer as OfferRow
from services.models.base import least_id, new_id
from services.models.offers import BINDING

OVERLAP_SECONDS = 60.0
MOST_FOLLOWED = 20


def _mine() -> "sa.Select[OfferRow, CallRow, Any]":
    """The worker's offers that bind, that came since, or that were told before and may have ended.

    Each of the three by its own index: offers are numbered by time.
    """
    mine = sa.select(OfferRow.id).where(OfferRow.worker_id == sa.bindparam("worker_id", type_=sa.Uuid))
    matters = mine.where(OfferRow.status.in_(BINDING)).union_all(
        mine.where(OfferRow.id >= sa.bindparam("since", type_=sa.Uuid)),
        mine.where(OfferRow.id == sa.any_(sa.bindparam("told", type_=sa.ARRAY(sa.Uuid)))),
    )
    return (
        sa.select(OfferRow, CallRow, HouseholdRow)
        .join(CallRow, CallRow.id == OfferRow.call_id)
        .outerjoin(HouseholdRow, HouseholdRow.id == CallRow.household_id)
        .where(OfferRow.id.in_(matters))
        .order_by(OfferRow.offered_at, OfferRow.id)
    )


MINE = _mine()


@lens
class OfferSubscription:
    """What a worker's phone follows."""

    @subscription(graphql_type=Offer)
    async def my_offers(self, info: Info) -> AsyncGenerator[OfferRow, None]:
        """Your offers as they change: the one that stands, then each that comes, is pressed again, or ends."""
        context, began = info.context, least_id(new_id())
        worker_id, seen, looked = worker_of(context.actor), dict[uuid.UUID, tuple[Any, ...]](), began
        with context.api.wakeups.bell(events.OFFERS, worker_id) as bell:
            while True:
                since, looked = max(began, least_id(looked, OVERLAP_SECONDS)), new_id()
                for offer, call, home in await _look(context, worker_id, since, list(seen)[-MOST_FOLLOWED:]):
                    state = (offer.status, call.press_count, call.priority)
                    if seen.get(offer.id) != state:
                        seen[offer.id] = state
                        await context.look_again()
                        _carry(context, offer, call, home)
                        yield offer
                await bell.wait()
                await context.look_again()


async def _look(context: Context, worker_id: uuid.UUID, since: uuid.UUID, seen: Sequence[uuid.UUID]) -> list[Any]:
    """The worker's offers as they are now; the platform looks, since who is only asked may know where, too."""
    async with context.read_as("calls") as session:
        return list(await session.execute(MINE, {"worker_id": worker_id, "since": since, "told": list(seen)}))


def _carry(context: Context, offer: OfferRow, call: CallRow, home: HouseholdRow | None) -> None:
    """While an offer binds, its call and its door are the worker's to know: they need not be asked for again."""
    if offer.status not in BINDING:
        return
    context.know(offers.call_of_offer, {offer.id: call})
    if home is not None:
        setattr(home, ASKED_TO, not context.actor.finds.holds(home.grid_id))
        context.know(calls.homes, {call.id: home})
