"""Offers of a call to a worker, who else could come, and the worker's own answers."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
import strawberry
from shapely import LineString
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from gis.profiles import PROFILES
from schema import workers
from schema.areas import Crs
from schema.context import Info, id_of
from schema.lens import field, lens, listing, mutation, shown, words
from schema.loading import many_each, one_each
from schema.places import PointInput
from schema.scalars import GeoJSON, drawn
from schema.service_circle import Mode
from schema.workers import Worker
from services import dispatch, offers
from services.access import Actor
from services.call_rights import STAFF, worker_of
from services.choosing import Reason, Verdict
from services.models import Call as CallRow
from services.models import Offer as OfferRow
from services.models import OfferStatus, TravelMode
from services.models import Worker as WorkerRow
from services.models.offers import binding
from services.reach import Door

if TYPE_CHECKING:
    from schema.calls import Call

words(OfferStatus, Reason)

MOST_CANDIDATES = 50

CallLens = Annotated["Call", strawberry.lazy("schema.calls")]
HowMany = Annotated[int, strawberry.argument(description=f"How many at most, 1 to {MOST_CANDIDATES}.")]


@lens
class Offer:
    """A call offered to one worker."""

    id: strawberry.ID = shown("Opaque.")
    status: OfferStatus = shown("OFFERED and ACCEPTED bind; the others are past.")
    rung: str = shown("The rung of the ladder, or BY_DISPATCHER.")
    eta_seconds: float | None = shown("Travel time over the streets when it was offered, to the door.")
    distance_meters: float | None = shown("Length of that way.")
    reason: str = shown("Why this worker: NEAREST, OWN_GRID, TOGETHER (many calls at once), FREE.")
    offered_at: datetime = shown("When it was offered.")
    expires_at: datetime = shown("Until when it can be accepted.")
    answered_at: datetime | None = shown("When it was accepted, declined, or over.")

    @field(graphql_type=GeoJSON | None)
    def path(self, row: Parent[OfferRow], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """The way to the door, a LineString from where the worker was."""
        return course(row.path, crs)

    @field(graphql_type=Worker)
    async def worker(self, info: Info, row: Parent[OfferRow]) -> WorkerRow | None:
        """Who is asked."""
        return await info.context.load(workers.by_id, row.worker_id)

    @field(graphql_type=CallLens | None)
    async def call(self, info: Info, row: Parent[OfferRow]) -> CallRow | None:
        """What for; null once the offer is over, for those who follow no calls of the area."""
        return info.context.known(call_of_offer, row.id) or await info.context.load(call_of_offer, row.id)


@lens
class Candidate:
    """A worker who could come, or why not."""

    @field(graphql_type=Worker)
    async def worker(self, info: Info, verdict: Parent[Verdict]) -> WorkerRow | None:
        """Who."""
        return await info.context.load(workers.by_id, verdict.candidate.worker_id)

    @field()
    def eta_seconds(self, verdict: Parent[Verdict]) -> float | None:
        """Travel time to the door; null when no street leads there."""
        trip = verdict.candidate.trip
        return round(trip.seconds, 1) if trip else None

    @field()
    def distance_meters(self, verdict: Parent[Verdict]) -> float | None:
        """Length of the way."""
        trip = verdict.candidate.trip
        return round(trip.meters, 1) if trip else None

    @field(graphql_type=GeoJSON | None)
    def path(self, verdict: Parent[Verdict], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """The way, a LineString from where the worker is."""
        return course(verdict.candidate.trip.course if verdict.candidate.trip else None, crs)

    eligible: bool = shown("True when the worker could be asked now.")
    reason: Reason = shown("Why, or why not.")

    @field()
    def measured(self, verdict: Parent[Verdict]) -> str | None:
        """STREETS, or ESTIMATE by the straight line where the streets cannot tell."""
        return verdict.candidate.trip.measured.value if verdict.candidate.trip else None

    @field()
    def position_source(self, verdict: Parent[Verdict]) -> str:
        """POSITION when fresh, POST when none is known, POST_FOR_STALE_POSITION when the last one is old."""
        return verdict.candidate.source.value


@lens
class OfferQuery:
    """What can be asked about who could come."""

    @listing(graphql_type=list[Candidate] | None, at_most=MOST_CANDIDATES)
    async def nearest_workers(
        self, info: Info, to: PointInput, first: HowMany = 5, travel_mode: Mode = TravelMode.WALK
    ) -> list[Verdict]:
        """Who could be first at a place, whether or not there is a call: those who could be asked, by travel time."""
        info.context.actor.require(*STAFF)
        door = Door(*to.to_wgs84())
        async with info.context.read() as session:
            profile, rules = PROFILES[travel_mode.value], info.context.api.rules
            return await dispatch.nearest_workers(session, door, bounded(first), profile, rules)


@lens
class OfferMutation:
    """A worker's answers."""

    @mutation(graphql_type=Offer)
    async def accept_offer(self, info: Info, id: strawberry.ID) -> OfferRow:
        """Take the call. Twice is once; too late is refused by name, and says who has it."""
        worker_id = worker_of(info.context.actor)
        async with info.context.write("calls") as session:
            offer = await offers.accept(session, id_of(id), worker_id, info.context.api.rules)
        await info.context.renew_self()
        return offer

    @mutation(graphql_type=Offer)
    async def decline_offer(self, info: Info, id: strawberry.ID, reason: str) -> OfferRow:
        """Say no; the next one is asked at once."""
        worker_id, keyring = worker_of(info.context.actor), info.context.api.keyring
        async with info.context.write("calls") as session:
            offer, call = await offers.decline(session, id_of(id), worker_id, reason, keyring)
            await dispatch.go_on(session, call, info.context.api.rules)
        return offer


async def of_calls(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[OfferRow]]:
    """All offers of each call, first to last."""
    pairs = sa.select(OfferRow.call_id, OfferRow).where(OfferRow.call_id.in_(ids))
    return await many_each(session, pairs.order_by(OfferRow.offered_at, OfferRow.id), ids)


async def binding_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, OfferRow]:
    """The offer that binds each call now."""
    return await one_each(session, sa.select(OfferRow.call_id, OfferRow).where(OfferRow.call_id.in_(ids), binding()))


async def call_of_offer(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, CallRow]:
    """The call of each offer: who has been given the offer may know what it was for."""
    pairs = sa.select(OfferRow.id, CallRow).join(CallRow, CallRow.id == OfferRow.call_id)
    return await one_each(session, pairs.where(OfferRow.id.in_(ids)))


def course(points: list[list[float]] | None, crs: CoordinateSystem) -> Any:
    """A course of [longitude, latitude] as a GeoJSON LineString in `crs`; None stays None."""
    return drawn(LineString(points), crs) if points else None


def bounded(first: int) -> int:
    """`first` within the bounds of a plain list."""
    return max(1, min(first, MOST_CANDIDATES))
