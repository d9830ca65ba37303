"""What a worker's phone follows: the offers to that worker, each with its call and the door in one select."""

import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from schema import calls, offers
from schema.context import Context, Info
from schema.households import ASKED_TO
from schema.lens import lens, subscription
from schema.offers import Offer
from services import events, json_rows
from services.call_rights import worker_of
from services.database import plain_sql
from services.models import Call as CallRow
from services.models import Household as HouseholdRow
from services.models import Offer as OfferRow
from services.models.base import Base, least_id, new_id
from services.models.offers import BINDING

OVERLAP_SECONDS = 60.0
MOST_FOLLOWED = 20


def _mine() -> "sa.Select[*tuple[Any, ...]]":
    """The worker's offers that bind, that came since, or that were told before and may have ended.

    Each of the three by its own index: offers are numbered by time.
    """
    mine = sa.select(OfferRow.id).where(OfferRow.worker_id == sa.literal_column(":worker_id"))
    matters = mine.where(OfferRow.status.in_(BINDING)).union_all(
        mine.where(OfferRow.id >= sa.literal_column(":since")),
        mine.where(OfferRow.id == sa.any_(sa.literal_column("CAST(:told AS uuid[])"))),
    )
    columns = (column for name, kind in ROWS.items() for column in json_rows.columns_of(kind, name))
    return (
        sa.select(*columns)
        .select_from(OfferRow)
        .join(CallRow, CallRow.id == OfferRow.call_id)
        .outerjoin(HouseholdRow, HouseholdRow.id == CallRow.household_id)
        .where(OfferRow.id.in_(matters))
        .order_by(OfferRow.offered_at, OfferRow.id)
    )


ROWS: Mapping[str, type[Base]] = {"offer": OfferRow, "call": CallRow, "home": HouseholdRow}
MINE = json_rows.every(plain_sql(_mine()))


@lens
class OfferSubscription:
    """What a worker's phone follows."""

    @subscription(graphql_type=Offer)
    async def my_offers(self, info: Info) -> AsyncGenerator[OfferRow, None]:
        """Your offers as they change: the one that stands, then each that comes, is pressed again, or ends."""
        context, began = info.context, least_id(new_id())
        worker_id, seen, looked = worker_of(context.actor), dict[str, tuple[Any, ...]](), began
        with context.api.wakeups.bell(events.OFFERS, worker_id) as bell:
            while True:
                since, looked = max(began, least_id(looked, OVERLAP_SECONDS)), new_id()
                for row in await _look(context, worker_id, since, list(seen)[-MOST_FOLLOWED:]):
                    state = (row["offer_status"], row["call_press_count"], row["call_priority"])
                    if seen.get(row["offer_id"]) != state:
                        seen[row["offer_id"]] = state
                        await context.look_again()
                        yield _carried(context, row)
                await bell.wait()
                await context.look_again()


async def _look(context: Context, worker_id: uuid.UUID, since: uuid.UUID, seen: Sequence[str]) -> list[Any]:
    """The worker's offers as they are now; the platform looks, since who is only asked may know where, too."""
    told = f"{{{','.join(seen)}}}"
    (found,) = await context.api.platform("calls").ask(MINE, worker_id=worker_id, since=since, told=told)
    rows: list[Any] = orjson.loads(found)
    return rows


def _carried(context: Context, row: Mapping[str, Any]) -> OfferRow:
    """While an offer binds, its call and its door are the worker's to know: they need not be asked for again."""
    offer, call = json_rows.row_of(OfferRow, "offer", row), json_rows.row_of(CallRow, "call", row)
    home = json_rows.row_of(HouseholdRow, "home", row)
    assert offer is not None
    assert call is not None
    if offer.status in BINDING:
        context.know(offers.call_of_offer, {offer.id: call})
        if home is not None:
            setattr(home, ASKED_TO, not context.actor.finds.holds(home.grid_id))
            context.know(calls.homes, {call.id: home})
    return offer
