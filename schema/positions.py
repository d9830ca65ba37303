"""Workers on duty: their own word, where they report to be, and following that on a map."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema import workers as worker_lens
from schema.areas import Crs
from schema.context import Context, Info, id_of
from schema.lens import CAN_WAIT, field, given, lens, mutation, shown, subscription
from schema.places import PointInput
from schema.scalars import GeoJSON, geojson
from schema.workers import Worker
from services import clock, workers
from services.call_rights import WATCHERS_OF_WORKERS, require_area, worker_of
from services.models import Area, Assignment, Position
from services.models import Worker as WorkerRow
from services.models.areas import grids_within
from services.workers import Fix

LOOK_EVERY_SECONDS = 1.0
MOST_AT_ONCE = 1000


@given
class PositionInput:
    """Where a worker is."""

    point: PointInput = shown("The place.")
    fixed_at: datetime = shown("When the phone was there, by its own clock.")
    accuracy_meters: float | None = strawberry.field(default=None, description="How exact, as the phone says.")


@lens
class WorkerPosition:
    """Where a worker was last."""

    accuracy_meters: float | None = shown("How exact, as the phone said.")
    fixed_at: datetime = shown("When the phone was there.")

    @field(graphql_type=Worker)
    async def worker(self, info: Info, row: Parent[Position]) -> WorkerRow | None:
        """Who."""
        return await info.context.load(worker_lens.by_id, row.worker_id)

    @field(graphql_type=GeoJSON)
    def location(self, row: Parent[Position], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where, a Point."""
        return geojson(row.location, crs)

    @field()
    def stale(self, info: Info, row: Parent[Position]) -> bool:
        """True when it is too old to reckon with: the worker's post stands for it then."""
        oldest = timedelta(seconds=info.context.api.rules.position_stale_seconds)
        return clock.now() - min(row.fixed_at, row.received_at) > oldest


@lens
class DutyMutation:
    """A worker's own word."""

    @mutation(graphql_type=Worker)
    async def start_shift(self, info: Info) -> WorkerRow:
        """You are on duty: from now on you may be asked."""
        worker_id = worker_of(info.context.actor)
        async with info.context.write("calls") as session:
            return await workers.start_shift(session, worker_id, info.context.api.rules)

    @mutation(graphql_type=Worker)
    async def end_shift(self, info: Info) -> WorkerRow:
        """You are off duty; what you were asked, or are on your way to, goes to others at once."""
        worker_id = worker_of(info.context.actor)
        async with info.context.write("calls") as session:
            return await workers.end_shift(session, worker_id)

    @mutation(graphql_type=Worker, metadata={CAN_WAIT: True})
    async def report_position(self, info: Info, input: PositionInput) -> WorkerRow:
        """Say where you are; only the newest is kept."""
        worker_id, api = worker_of(info.context.actor), info.context.api
        fix = Fix(worker_id, *input.point.to_wgs84(), input.fixed_at, input.accuracy_meters)
        workers.check_position(fix.longitude, fix.latitude, fix.fixed_at, fix.accuracy_meters, api.rules)
        return await api.position_batches.report(fix)


@lens
class PositionSubscription:
    """What a map of workers follows."""

    @subscription(graphql_type=WorkerPosition)
    async def worker_positions(self, info: Info, area_id: strawberry.ID) -> AsyncGenerator[Position, None]:
        """Where the workers who serve the area are: all first, then each who has moved, looked at every second."""
        context, area, told = info.context, id_of(area_id), dict[uuid.UUID, datetime]()
        while True:
            for position in await _positions(context, area, max(told.values(), default=None)):
                if told.get(position.worker_id) != position.received_at:
                    told[position.worker_id] = position.received_at
                    yield position
            await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _positions(context: Context, area_id: uuid.UUID, since: datetime | None) -> list[Position]:
    """Positions in the area's service that came since, a little overlap included; the rights are looked up again."""
    await context.look_again()
    async with context.read() as session:
        area = await require_area(session, context.actor, area_id, *WATCHERS_OF_WORKERS)
        inside = sa.or_(Area.id == area.id, grids_within(area.code))
        serves = sa.select(Assignment.worker_id).join(Area, Area.id == Assignment.area_id)
        wanted = sa.select(Position).where(Position.worker_id.in_(serves.where(Assignment.until.is_(None), inside)))
        if since is not None:
            wanted = wanted.where(Position.received_at >= since - timedelta(seconds=5 * LOOK_EVERY_SECONDS))
        return list(await session.scalars(wanted.order_by(Position.received_at).limit(MOST_AT_ONCE)))
