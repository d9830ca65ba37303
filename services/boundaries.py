"""Boundaries change as one named, dated act: split, merge, move a border; who lives and works there follows in it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from shapely import Geometry, LineString, MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession

from gis import borders, tiling
from gis.shapes import to_geojson
from services import areas, contents, rehoming
from services.access import Actor
from services.contents import Content
from services.errors import Invalid, NotAllowed
from services.models import Area, AreaLevel, Role


class TilingBroken(Invalid):
    """The grids would no longer tile their community: {kind}, {square_meters} square metres. Mend the area shown."""


class NotAGrid(Invalid):
    """{subject} is not a grid. Choose a grid."""


class CommunitiesDiffer(Invalid):
    """The grids lie in different communities. Each grid belongs to exactly one: merge grids of one community."""


class TooFewGrids(Invalid):
    """Merging takes at least two different grids."""


async def split_grid(
    session: AsyncSession,
    actor: Actor,
    grid_id: uuid.UUID,
    line: LineString,
    code: str,
    name: str,
    version: int | None = None,
) -> list[Area]:
    """Cut a grid along a line (WGS 84); the larger part keeps the grid's id, the other becomes the grid `code`.

    Returns both, the older grid first. Raises StaleVersion, CodeTaken, CodeUnfit and what `gis.borders.split` refuses.
    """
    grid, community = await _locked(session, actor, grid_id, version)
    kept, given = sorted(borders.split(areas.boundary(grid), line), key=lambda part: part.area, reverse=True)
    await areas.redraw(session, grid, kept, "SPLIT", actor.account_id)
    new = await areas.found_grid(session, community, code, name, given, "SPLIT", actor.account_id)
    await _refuse_broken_tiling(session, community)
    await rehoming.after_split(session, actor, grid, new)
    await contents.changed(session, Content.AREAS, Content.HOMES)
    return [grid, new]


async def merge_grids(
    session: AsyncSession,
    actor: Actor,
    grid_ids: Sequence[uuid.UUID],
    code: str,
    name: str,
    versions: Mapping[uuid.UUID, int] | None = None,
) -> Area:
    """Make one grid of neighbours in one community; the old ones are retired, and their code may be used again."""
    if len(set(grid_ids)) < 2:
        raise TooFewGrids
    old = [await _locked(session, actor, one, (versions or {}).get(one)) for one in sorted(set(grid_ids))]
    community = old[0][1]
    if any(other.id != community.id for _, other in old):
        raise CommunitiesDiffer
    grids = [grid for grid, _ in old]
    shape = borders.merge([areas.boundary(grid) for grid in grids])
    for grid in grids:
        await areas.retire(session, grid)
    new = await areas.found_grid(session, community, code, name, shape, "MERGE", actor.account_id)
    await _refuse_broken_tiling(session, community)
    await rehoming.after_merge(session, actor, grids, new)
    await contents.changed(session, Content.AREAS, Content.HOMES)
    return new


async def move_border(
    session: AsyncSession, actor: Actor, grid_id: uuid.UUID, boundary: Geometry, version: int | None = None
) -> list[Area]:
    """Give a grid a new boundary inside its community; neighbours lose what it takes and get what it frees.

    Returns the changed grids by code. Raises StaleVersion, TilingBroken and the refusals of `gis.borders.move_border`.
    """
    grid, community = await _locked(session, actor, grid_id, version)
    grids = {one.code: one for one in await areas.grids_of(session, community.id, lock=True)}
    shapes = {code: areas.boundary(one) for code, one in grids.items()}
    _refuse_leaving(community, grid.code, boundary)
    changed = borders.move_border(shapes, grid.code, boundary)
    for code, shape in sorted(changed.items()):
        await areas.redraw(session, grids[code], shape, "MOVE_BORDER", actor.account_id)
    await _refuse_broken_tiling(session, community)
    await rehoming.after_border(session, actor, [grids[code] for code in sorted(changed)])
    await contents.changed(session, Content.AREAS, Content.HOMES)
    return [grids[code] for code in sorted(changed)]


async def faults(session: AsyncSession, community: Area) -> list[tiling.Violation]:
    """Where the community's grids overlap, leave a gap or reach out of it."""
    grids = await areas.grids_of(session, community.id)
    shapes: dict[str, MultiPolygon] = {grid.code: areas.boundary(grid) for grid in grids}
    return tiling.check_tiling(areas.boundary(community), shapes)


def described(violation: tiling.Violation) -> dict[str, Any]:
    """A fault as a client can draw it: kind, codes, GeoJSON and size."""
    return {
        "kind": violation.kind.value,
        "codes": list(violation.codes),
        "area": to_geojson(violation.area),
        "square_meters": round(violation.square_meters, 2),
    }


async def _locked(session: AsyncSession, actor: Actor, grid_id: uuid.UUID, version: int | None) -> tuple[Area, Area]:
    """The grid and its community, both locked, the community first: two acts in one community wait for each other."""
    actor.require(Role.MANAGER)
    seen = await areas.find(session, grid_id)
    if seen.level is not AreaLevel.GRID or seen.parent_id is None:
        raise NotAGrid(seen.code)
    if not actor.everywhere and seen.id not in actor.grid_ids:
        raise NotAllowed(grid_id)
    community = await areas.find(session, seen.parent_id, lock=True)
    await session.refresh(seen, with_for_update=True)
    return await areas.find_version(session, grid_id, version), community


def _refuse_leaving(community: Area, code: str, boundary: Geometry) -> None:
    parts = tiling.check_tiling(areas.boundary(community), {code: boundary})
    outside = [part for part in parts if part.kind is not tiling.ViolationKind.GAP]
    if outside:
        raise TilingBroken(community.code, **described(outside[0]), violations=[described(one) for one in outside])


async def _refuse_broken_tiling(session: AsyncSession, community: Area) -> None:
    found = await faults(session, community)
    if found:
        raise TilingBroken(community.code, **described(found[0]), violations=[described(one) for one in found])
