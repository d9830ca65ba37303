"""Two audits side by side: which homes gained, which lost."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession

from gis.gaps import cluster_areas
from gis.streetnetwork import StreetNetwork
from services import coverage, coverage_results, networks
from services.access import Actor
from services.coverage_results import HomeSeconds
from services.errors import Invalid
from services.homes import Homes
from services.homes_in_memory import IN_MEMORY
from services.models import AuditState, CoverageAudit


class AuditsDiffer(Invalid):
    """The audits are of different areas. Compare two audits of one area."""


class AuditUnfinished(Invalid):
    """The audit {subject} has no answer yet. Wait until it is DONE."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Homes that changed: how many, how many people live there, and where (degrees)."""

    household_count: int
    resident_count: int
    area: MultiPolygon
    grid_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class GridChange:
    """Covered homes of a grid in both audits; None where one of them did not know the grid."""

    grid_id: uuid.UUID
    covered_before: int | None
    covered_after: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What changed from one audit to another."""

    before: CoverageAudit
    after: CoverageAudit
    gained: Change
    lost: Change
    by_grid: list[GridChange]


async def compare(session: AsyncSession, actor: Actor, before_id: uuid.UUID, after_id: uuid.UUID) -> Comparison:
    """Compare two audits of one area. Homes that only one of them knew count neither as gained nor as lost."""
    before = await _done(session, actor, before_id)
    after = await _done(session, actor, after_id)
    if before.area_id != after.area_id:
        raise AuditsDiffer
    network = networks.current()
    homes = await IN_MEMORY.get(session, network)
    gained, lost = changed(
        await coverage_results.load(session, before_id),
        before.minutes * 60,
        await coverage_results.load(session, after_id),
        after.minutes * 60,
    )
    return Comparison(
        before, after, _change(network, homes, gained), _change(network, homes, lost), _by_grid(before, after)
    )


def changed(
    before: HomeSeconds, before_limit: float, after: HomeSeconds, after_limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The feature ids of homes covered only after, and only before, of those that both audits knew."""
    both, in_before, in_after = np.intersect1d(before.feature_id, after.feature_id, True, return_indices=True)
    was, now = before.covered(before_limit)[in_before], after.covered(after_limit)[in_after]
    return both[now & ~was], both[was & ~now]


def _change(network: StreetNetwork, homes: Homes, feature_ids: NDArray[np.int64]) -> Change:
    at = np.flatnonzero(np.isin(homes.feature_id, feature_ids, assume_unique=True))
    area = cluster_areas(network.projection, homes.meters(network)[at])
    grid_ids = tuple(homes.grid_ids[grid] for grid in np.unique(homes.grid[at]))
    return Change(len(feature_ids), int(homes.residents[at].sum()), area, grid_ids)


def _by_grid(before: CoverageAudit, after: CoverageAudit) -> list[GridChange]:
    was, now = ({row["code"]: row for row in audit.by_grid} for audit in (before, after))
    return [
        GridChange(uuid.UUID((now.get(code) or was[code])["grid_id"]), _covered(was.get(code)), _covered(now.get(code)))
        for code in sorted(was | now)
    ]


def _covered(row: dict[str, Any] | None) -> int | None:
    return None if row is None else int(row["covered_count"])


async def _done(session: AsyncSession, actor: Actor, audit_id: uuid.UUID) -> CoverageAudit:
    audit = await coverage.find(session, actor, audit_id)
    if audit.state is not AuditState.DONE:
        raise AuditUnfinished(audit_id)
    return audit
