"""Who or what must be in reach: the suppliers of an audit, with the places from which they set out."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from gis.linking import Linker, PointLinks
from gis.streetnetwork import StreetNetwork
from services import clock
from services.database import speaking_as
from services.models import (
    CoverageSupply,
    Position,
    ServicePoint,
    ServicePointKind,
    Shift,
    StreetLink,
    Worker,
    WorkerRole,
    WorkerStatus,
)
from services.opening_hours import open_at

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """n suppliers: ids (None for a place only thought of), lon and lat float64[n] degrees, links to one graph."""

    ids: tuple[uuid.UUID | None, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    links: PointLinks

    def __len__(self) -> int:
        return len(self.ids)


async def find(
    session: AsyncSession,
    network: StreetNetwork,
    graph: str,
    kind: CoverageSupply,
    at: datetime | None = None,
    add: Sequence[Place] = (),
    remove: Sequence[uuid.UUID] = (),
) -> Supply:
    """The suppliers of a kind, linked to a graph (foot, ebike, car); `add`ed places (degrees) last, without `remove`d.

    Workers on shift are those at `at` (now when not given), at their posts; live positions are those of workers who
    are on duty; service points are all of the kind, or with `at` those that are open then.
    """
    async with speaking_as(session, "counts"):  # an audit takes in those who serve the neighbours, too
        rows = (await session.execute(_wanted(kind, at or clock.now()))).all()
    if kind not in _OF_PEOPLE and at is not None:
        rows = [row for row in rows if open_at(row.hours, at)]
    kept = [row for row in rows if row.id not in set(remove)]
    lon = np.array([row.lon for row in kept] + [place[0] for place in add], np.float64)
    lat = np.array([row.lat for row in kept] + [place[1] for place in add], np.float64)
    ids = (*(row.id for row in kept), *(None for _ in add))
    stored = await _stored_links(session, network, graph, [row.id for row in kept]) if kind in _AT_POSTS else {}
    return Supply(ids, lon, lat, _links(network, graph, ids, lon, lat, stored))


_OF_PEOPLE = {
    CoverageSupply.WORKERS_ON_SHIFT,
    CoverageSupply.LIVE_POSITIONS,
    CoverageSupply.POSTS,
    CoverageSupply.VOLUNTEERS,
}
_AT_POSTS = set(CoverageSupply) - {CoverageSupply.LIVE_POSITIONS}
_EDGE_AND_PLACE = ("edge", "fraction", "door_meters")


def _wanted(kind: CoverageSupply, at: datetime) -> "sa.Select[*tuple[Any, ...]]":
    if kind not in _OF_PEOPLE:
        points = sa.select(ServicePoint.id, *_lon_lat(ServicePoint.location), ServicePoint.hours)
        kinds = list(ServicePointKind) if kind is CoverageSupply.SERVICE_POINTS else [ServicePointKind(kind.value)]
        return points.where(ServicePoint.kind.in_(kinds)).order_by(ServicePoint.id)
    place = Position.location if kind is CoverageSupply.LIVE_POSITIONS else Worker.post
    workers = sa.select(Worker.id, *_lon_lat(place)).where(Worker.disabled_at.is_(None)).order_by(Worker.id)
    if kind is CoverageSupply.LIVE_POSITIONS:
        on_duty = Worker.status != WorkerStatus.OFF_DUTY
        return workers.join(Position, Position.worker_id == Worker.id).where(on_duty)
    if kind is CoverageSupply.WORKERS_ON_SHIFT:
        return workers.where(Worker.id.in_(_on_shift(at)))
    volunteers = Worker.role == WorkerRole.VOLUNTEER
    return workers.where(volunteers if kind is CoverageSupply.VOLUNTEERS else sa.not_(volunteers))


def _on_shift(at: datetime) -> sa.Select[uuid.UUID]:
    left = sa.or_(Shift.left_at.is_(None), Shift.left_at > at)
    return sa.select(Shift.worker_id).where(Shift.starts_at <= at, Shift.ends_at > at, left)


def _lon_lat(place: Any) -> tuple[Any, Any]:
    return sa.func.ST_X(place).label("lon"), sa.func.ST_Y(place).label("lat")


async def _stored_links(
    session: AsyncSession, network: StreetNetwork, graph: str, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[float, ...]]:
    """Edge, fraction and door walk of those that are linked to this network."""
    columns = [getattr(StreetLink, f"{graph}_{part}") for part in _EDGE_AND_PLACE]
    wanted = sa.select(StreetLink.owner_id, *columns).where(StreetLink.owner_id.in_(ids))
    rows = await session.execute(wanted.where(StreetLink.network_version == network.version))
    return {row[0]: tuple(row[1:]) for row in rows}


def _links(
    network: StreetNetwork,
    graph: str,
    ids: Sequence[uuid.UUID | None],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    stored: dict[uuid.UUID, tuple[float, ...]],
) -> PointLinks:
    """What is stored, and the rest linked now."""
    rows = [stored.get(one) if one is not None else None for one in ids]
    new = np.array([at for at, row in enumerate(rows) if row is None], np.int64)
    fresh = Linker(network).link(lon[new], lat[new], graph)
    table = np.array([row or (0.0, 0.0, 0.0) for row in rows], np.float64).reshape(-1, 3)
    columns = dict(zip(_EDGE_AND_PLACE, table.T.copy(), strict=True))
    for part, column in columns.items():
        column[new] = getattr(fresh, part)
    blank = np.zeros(len(rows))
    return PointLinks(
        edge=columns["edge"].astype(np.int32),
        fraction=columns["fraction"],
        door_meters=columns["door_meters"],
        street=np.full(len(rows), -1, np.int64),
        x=blank,
        y=blank,
        reason=np.zeros(len(rows), np.uint8),
    )
