"""The latest coverage audits as layers of the map: the share covered by grid, each home covered or not, and the gaps.

An audit is told to whom `services.coverage` tells it. Where the areas of audits overlap, each grid has its newest one;
a what-if is shown only when it is asked for by its id.
What is found here is handed to the statements of `services.coverage_rows`, which draw it.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from shapely import Geometry
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services import coverage_results
from services.access import Actor
from services.coverage_results import HomeSeconds
from services.errors import NotFound
from services.layer_rows import Asked, View, counts_homes, single_homes
from services.models import Area, AuditState, CoverageAudit, Household
from services.suppression import Teller, is_small

LINES = ("grid_id", "households", "covered", "twice", "suppressed", "audit")
HOMES = ("feature_id", "state", "seconds", "audit")
GAPS = ("number", "households", "nearest", "shape", "audit")
GAPS_OF_AN_AUDIT = 100_000
"""More than an audit can have: what its gaps' numbers begin with tells audits apart."""
NOISE_ABOVE = 2
"""The most that a count of people is blurred by: the homes of a gap are told where that cannot make it a small one."""
MOST_KEPT, MOST_HOMES_KEPT = 500, 16
_KEPT: dict[uuid.UUID, "Told"] = {}
_HOMES_KEPT: dict[uuid.UUID, HomeSeconds] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A finished audit, which never changes: its figures, the code of its area, the areas of its gaps (degrees)."""

    audit: CoverageAudit
    code: str
    gap_areas: Sequence[Geometry]

    def is_for(self, actor: Actor) -> bool:
        """Whether all of its area is the actor's, as `coverage.area_for` asks."""
        if actor.everywhere or any(self.code.startswith(one.digits) for one in actor.held):
            return True
        return set(self.grid_ids) <= set(actor.grid_ids)

    @property
    def grid_ids(self) -> list[uuid.UUID]:
        """The grids that it passed over."""
        return [uuid.UUID(line["grid_id"]) for line in self.audit.by_grid]


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """The audits told to somebody, the newest first, and which of them each grid has."""

    audits: Sequence[Told]
    of_grid: Mapping[uuid.UUID, Told]

    @classmethod
    def of(cls, audits: Iterable[Told], actor: Actor) -> "Latest":
        """From the newest audits of all areas."""
        mine = sorted((one for one in audits if one.is_for(actor)), key=lambda one: one.audit.id, reverse=True)
        of_grid: dict[uuid.UUID, Told] = {}
        for one in mine:
            for grid_id in one.grid_ids:
                of_grid.setdefault(grid_id, one)
        return cls(mine, of_grid)


async def found_coverage(session: AsyncSession, view: View, asked: Asked) -> dict[str, str]:
    """What the coverage layer tells in a box: grids from afar and to whom homes are not told, else single homes."""
    latest = await _wanted(session, view.actor, asked)
    if counts_homes(view):
        return columns("lines", LINES, lines(latest, view.actor))
    return columns("homes", HOMES, await _homes(session, view, asked, latest))


async def found_gaps(session: AsyncSession, view: View, asked: Asked) -> dict[str, str]:
    """The gaps that meet a box."""
    box = shapely.box(*(asked.places[f"box_{edge}"] for edge in ("west", "south", "east", "north")))
    return columns("gaps", GAPS, gaps(await _wanted(session, view.actor, asked), view.actor, box))


def lines(latest: Latest, actor: Actor) -> Iterator[tuple[object, ...]]:
    """Each grid's figures by its newest audit, small ones withheld as the audit itself withholds them."""
    for told in latest.audits:
        hidden = _teller(actor, told).withheld([line["resident_count"] for line in told.audit.by_grid])
        for grid_id, line, few in zip(told.grid_ids, told.audit.by_grid, hidden, strict=True):
            if latest.of_grid[grid_id] is told:
                counts = [line[name] for name in ("household_count", "covered_count", "twice_covered_count")]
                yield grid_id, *([None] * 3 if few else counts), few, told.audit.id


def gaps(latest: Latest, actor: Actor, box: Geometry) -> Iterator[tuple[object, ...]]:
    """The gaps that meet the box, in grids of which theirs is the newest audit; homes where people are not few."""
    for order, told in enumerate(latest.audits):
        least = 0 if _teller(actor, told).exact else NOISE_ABOVE
        for at, (gap, area) in enumerate(zip(told.audit.gaps, told.gap_areas, strict=True)):
            newest = any(latest.of_grid.get(uuid.UUID(one)) is told for one in gap["grid_ids"])
            if newest and area.intersects(box):
                people = gap["resident_count"]
                homes = None if is_small(people) or is_small(people - least) else gap["household_count"]
                number = order * GAPS_OF_AN_AUDIT + at
                yield number, homes, gap["nearest_seconds"], shapely.to_wkb(area, hex=True), told.audit.id


def states(
    feature_ids: NDArray[np.int64], homes: HomeSeconds, limit_seconds: float
) -> Iterator[tuple[str, int | None]]:
    """Of each home (int64[n]) TWICE, ONCE or NOT, and the seconds to it; UNKNOWN where the audit did not know it."""
    at = np.minimum(np.searchsorted(homes.feature_id, feature_ids), max(len(homes.feature_id) - 1, 0))
    for wanted, place in zip(feature_ids.tolist(), at.tolist(), strict=True):
        if not len(homes.feature_id) or homes.feature_id[place] != wanted:
            yield "UNKNOWN", None
            continue
        seconds = int(homes.seconds[place])
        covered = 0 <= seconds <= limit_seconds
        state = ("TWICE" if homes.times[place] >= 2 else "ONCE") if covered else "NOT"
        yield state, None if seconds < 0 else seconds


def columns(name: str, parts: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, str]:
    """Rows as PostgreSQL's arrays, one for each part: numbers, names and ids only, so that none needs quoting."""
    turned = list(zip(*rows, strict=True)) or [()] * len(parts)
    return {f"found_{name}_{part}": _array(values) for part, values in zip(parts, turned, strict=True)}


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _teller(actor: Actor, told: Told) -> Teller:
    return Teller(b"", exact=all(actor.cares.holds(grid) for grid in told.grid_ids))


async def _wanted(session: AsyncSession, actor: Actor, asked: Asked) -> Latest:
    """The audit that is asked for, or the newest ones. Raises NotFound, also for one that is not the actor's."""
    done = sa.select(CoverageAudit.id).where(CoverageAudit.state == AuditState.DONE)
    newest = done.ext(distinct_on(CoverageAudit.area_id)).where(CoverageAudit.what_if.is_(False))
    newest = newest.order_by(CoverageAudit.area_id, CoverageAudit.id.desc())
    one = done.where(CoverageAudit.id == asked.audit_id)
    found = Latest.of(await _told(session, list(await session.scalars(one if asked.audit_id else newest))), actor)
    if asked.audit_id and not found.audits:
        raise NotFound(asked.audit_id)
    return found


async def _told(session: AsyncSession, wanted: Sequence[uuid.UUID]) -> list[Told]:
    known = {one: _KEPT[one] for one in wanted if one in _KEPT}
    missing = await _load(session, [one for one in wanted if one not in known])
    if len(_KEPT) + len(missing) > MOST_KEPT:
        _KEPT.clear()
    _KEPT.update(missing)
    return [*known.values(), *missing.values()]


async def _load(session: AsyncSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Told]:
    if not ids:
        return {}
    found = sa.select(CoverageAudit, Area.code, Area.level).join(Area, Area.id == CoverageAudit.area_id)
    areas = await coverage_results.gap_areas(session, ids)
    rows = await session.execute(found.where(CoverageAudit.id.in_(ids)))
    return {audit.id: Told(audit, code[: level.own_digits], areas.get(audit.id, ())) for audit, code, level in rows}


async def _homes(session: AsyncSession, view: View, asked: Asked, latest: Latest) -> list[tuple[object, ...]]:
    rows = (await session.execute(asked.page(single_homes(view, Household.grid_id)), asked.places)).all()
    by_audit: dict[Told, list[int]] = {}
    for row in rows:
        if told := latest.of_grid.get(row.grid_id):
            by_audit.setdefault(told, []).append(row.feature_id)
    found: list[tuple[object, ...]] = []
    for told, ids in by_audit.items():
        homes, limit = await _home_seconds(session, told.audit.id), told.audit.minutes * 60
        known = states(np.array(ids), homes, limit)
        found += [(one, *state, told.audit.id) for one, state in zip(ids, known, strict=True)]
    return found


async def _home_seconds(session: AsyncSession, audit_id: uuid.UUID) -> HomeSeconds:
    homes = _HOMES_KEPT.get(audit_id)
    if homes is None:
        homes = await coverage_results.load(session, audit_id)
        if len(_HOMES_KEPT) >= MOST_HOMES_KEPT:
            _HOMES_KEPT.clear()
        _HOMES_KEPT[audit_id] = homes
    return homes
