"""An audit's answer as it is stored: figures in columns, the seconds of every home in packed arrays."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from shapely import MultiPolygon
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gis.gaps import Gap
from gis.profiles import BLOCKED, PROFILES, Profile
from gis.profiles import seconds as in_seconds
from gis.tally import Tally
from services import contents
from services.contents import Content
from services.coverage_answer import Answer
from services.errors import NotFound
from services.homes import Homes
from services.models import AuditState, CoverageAudit, CoverageResult, CoverageRoster
from services.supply import Supply

NOBODY = 65_535


@dataclass(frozen=True, slots=True, eq=False)
class HomeSeconds:
    """A stored audit's homes: feature_id int64[n] rising, seconds int32[n] (-1: nobody comes), times uint8[n]."""

    feature_id: NDArray[np.int64]
    seconds: NDArray[np.int32]
    times: NDArray[np.uint8]

    def covered(self, limit_seconds: float) -> NDArray[np.bool_]:
        """Which homes are reached within the limit."""
        return (self.seconds >= 0) & (self.seconds <= limit_seconds)


def figures(homes: Homes, supply: Supply, answer: Answer, profile: Profile) -> dict[str, Any]:
    """The columns of a CoverageAudit that follow from its answer."""
    whole = answer.whole
    return {
        "supply_count": len(supply),
        "unlinked_supply_count": answer.unlinked_supply,
        "household_count": int(whole.homes[0]),
        "covered_count": int(whole.covered[0]),
        "twice_covered_count": int(whole.twice[0]),
        "unreachable_count": int(whole.homes[0] - whole.reached[0]),
        "unlinked_count": answer.unlinked_homes,
        "resident_count": int(whole.residents[0]),
        "covered_resident_count": int(whole.covered_residents[0]),
        "median_seconds": _time(whole.median[0], profile),
        "p90_seconds": _time(whole.p90[0], profile),
        "straight_line": {"covered_count": int(whole.straight[0]), "falsely_covered": int(whole.falsely[0])},
        "by_grid": _by_grid(homes, answer.grids, profile),
        "by_category": _by_category(homes, answer),
        "gaps": _gaps(answer.gaps, homes),
    }


async def store(session: AsyncSession, audit: CoverageAudit, homes: Homes, supply: Supply, answer: Answer) -> None:
    """Write the figures, the seconds of every home and the supply that was used: the audit is DONE."""
    for name, value in figures(homes, supply, answer, PROFILES[audit.travel_mode.value]).items():
        setattr(audit, name, value)
    audit.state, audit.progress = AuditState.DONE, 1.0
    feature_ids = homes.feature_id.astype("<i8").tobytes()
    roster_id = homes.digest(lambda: uuid.UUID(bytes=hashlib.sha256(feature_ids).digest()[:16]))
    roster = insert(CoverageRoster).values(id=roster_id, feature_ids=feature_ids)
    await session.execute(roster.on_conflict_do_nothing())
    capped = np.where(answer.seconds < 0, NOBODY, np.minimum(answer.seconds, NOBODY - 1))
    session.add(
        CoverageResult(
            audit_id=audit.id,
            roster_id=roster_id,
            seconds=capped.astype("<u2").tobytes(),
            times=np.minimum(answer.times, 255).astype(np.uint8).tobytes(),
            supply=[_place(supply, at) for at in range(len(supply))],
            gap_areas=shapely.GeometryCollection([gap.area for gap in answer.gaps]).wkb,
        )
    )
    await session.flush()
    await contents.changed(session, Content.AUDITS)


async def load(session: AsyncSession, audit_id: uuid.UUID) -> HomeSeconds:
    """The seconds of every home of a stored audit; NotFound when it has no answer yet."""
    wanted = sa.select(CoverageRoster.feature_ids, CoverageResult.seconds, CoverageResult.times)
    wanted = wanted.join(CoverageResult, CoverageResult.roster_id == CoverageRoster.id)
    row = (await session.execute(wanted.where(CoverageResult.audit_id == audit_id))).one_or_none()
    if row is None:
        raise NotFound(audit_id)
    seconds = np.frombuffer(row.seconds, "<u2").astype(np.int32)
    seconds[seconds == NOBODY] = -1
    return HomeSeconds(np.frombuffer(row.feature_ids, "<i8"), seconds, np.frombuffer(row.times, np.uint8))


async def gap_areas(session: AsyncSession, audit_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[MultiPolygon]]:
    """The areas (degrees) of the gaps of stored audits, in the order of their gaps."""
    wanted = sa.select(CoverageResult.audit_id, CoverageResult.gap_areas).where(CoverageResult.audit_id.in_(audit_ids))
    return {row.audit_id: list(shapely.from_wkb(row.gap_areas).geoms) for row in await session.execute(wanted)}


def _by_grid(homes: Homes, grids: Tally, profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "grid_id": str(grid_id),
            "code": code,
            "household_count": int(grids.homes[at]),
            "covered_count": int(grids.covered[at]),
            "twice_covered_count": int(grids.twice[at]),
            "resident_count": int(grids.residents[at]),
            "median_seconds": _time(grids.median[at], profile),
            "straight_line_count": int(grids.straight[at]),
        }
        for at, (grid_id, code) in enumerate(zip(homes.grid_ids, homes.grid_codes, strict=True))
    ]


def _by_category(homes: Homes, answer: Answer) -> list[dict[str, Any]]:
    counts = zip(homes.category_ids, answer.category_people.tolist(), answer.category_covered.tolist(), strict=True)
    return [
        {"category_id": str(category), "resident_count": people, "covered_count": covered}
        for category, people, covered in counts
        if people
    ]


def _gaps(gaps: Sequence[Gap], homes: Homes) -> list[dict[str, Any]]:
    grids = _grids_of([gap.homes for gap in gaps], homes)
    return [
        {
            "id": f"gap-{number}",
            "household_count": gap.home_count,
            "resident_count": gap.resident_count,
            "nearest_seconds": gap.nearest_seconds,
            "grid_ids": inside,
        }
        for number, (gap, inside) in enumerate(zip(gaps, grids, strict=True), 1)
    ]


def _grids_of(groups: Sequence[NDArray[np.int32]], homes: Homes) -> list[list[str]]:
    """The grids in which each group of homes lies, in the order of the grids; all groups in one pass."""
    count = len(homes.grid_ids)
    group = np.repeat(np.arange(len(groups)), [len(one) for one in groups])
    pairs = np.unique(group * count + homes.grid[np.concatenate([*groups, np.zeros(0, np.int32)]).astype(np.int64)])
    names = [str(grid_id) for grid_id in homes.grid_ids]
    found: list[list[str]] = [[] for _ in groups]
    for pair in pairs.tolist():
        found[pair // count].append(names[pair % count])
    return found


def _place(supply: Supply, at: int) -> dict[str, Any]:
    found = supply.ids[at]
    return {"id": None if found is None else str(found), "place": [float(supply.lon[at]), float(supply.lat[at])]}


def _time(ticks: Any, profile: Profile) -> float | None:
    return None if ticks == BLOCKED else round(in_seconds(profile, int(ticks)), 1)
