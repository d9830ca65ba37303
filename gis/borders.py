"""Borders of grids: split by a line, merge, move, so that what tiled its community still does."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import shapely
from shapely import Geometry, LineString, MultiPolygon, Polygon

from gis.errors import GisError
from gis.shapes import area_square_meters, to_multipolygon
from gis.slivers import TOLERANCE_METERS, Slivers

_SEAM_DEGREES, _SEAM_METERS = 1e-9, 1e-4  # 0.1 mm: closes seams left by rounding


class SplitLineTooShort(GisError):
    """The line ends inside the grid."""

    code: ClassVar[str] = "SPLIT_LINE_TOO_SHORT"


class SplitLineMisses(GisError):
    """The line does not cut anything off the grid."""

    code: ClassVar[str] = "SPLIT_LINE_MISSES"


class SplitTooManyParts(GisError):
    """The line cuts the grid more than once."""

    code: ClassVar[str] = "SPLIT_TOO_MANY_PARTS"


class MergePartsApart(GisError):
    """The grids share no border."""

    code: ClassVar[str] = "MERGE_PARTS_APART"


class BorderLeavesParent(GisError):
    """The new border reaches out of the community."""

    code: ClassVar[str] = "BORDER_LEAVES_PARENT"


class BorderFreesNobodys(GisError):
    """What the grid gives up touches no other grid."""

    code: ClassVar[str] = "BORDER_FREES_NOBODYS"


class BorderSwallowsGrid(GisError):
    """The new border leaves nothing of a neighbour."""

    code: ClassVar[str] = "BORDER_SWALLOWS_GRID"


class GridUnknown(GisError):
    """The grid is not one of the tiling."""

    code: ClassVar[str] = "GRID_UNKNOWN"


def split(
    grid: Geometry, line: LineString, tolerance_meters: float = TOLERANCE_METERS
) -> tuple[MultiPolygon, MultiPolygon]:
    """Cut a grid in two along a drawn line that crosses it fully; both in degrees.

    The first part is the one further west (then north), as grids are numbered. A line that ends within the tolerance
    of the border is taken as crossing it; parts of the grid that the line does not meet go to the nearer half.
    Raises SplitLineTooShort, SplitLineMisses, SplitTooManyParts.
    """
    meters = Slivers(grid, tolerance_meters)
    cut = meters.back(_lengthened(meters.to(line), tolerance_meters))
    pieces = [_pieces(meters, part, cut) for part in to_multipolygon(grid).geoms]
    met = [piece for cells in pieces if len(cells) > 1 for piece in cells]
    if not met:
        raise _no_cut(grid, line)
    if len(met) > 2:
        raise SplitTooManyParts(f"The line cuts the grid into {len(met)} parts. Draw one that crosses it once.")
    _refuse_loose_ends(meters, grid, cut)
    return _halves(met, [cells[0] for cells in pieces if len(cells) == 1])


def merge(grids: Sequence[Geometry], tolerance_meters: float = TOLERANCE_METERS) -> MultiPolygon:
    """Join grids that border on each other along a line; all in degrees.

    A gap between them that is thinner than the tolerance is closed. Raises MergePartsApart when one of them shares no
    border of at least four tolerances with the others: a corner is no border.
    """
    meters = Slivers(shapely.union_all(list(grids)), tolerance_meters)
    shapes = [meters.to(grid) for grid in grids]
    joined = _joined(meters, shapes)
    if len(joined) < len(shapes):
        apart = next(number for number in range(len(shapes)) if number not in joined)
        raise MergePartsApart(
            f"Grid number {apart + 1} of {len(shapes)} shares no border with the first. Merge neighbours."
        )
    return _closed_union(meters, list(grids), shapes)


def move_border(
    grids: Mapping[str, Geometry], code: str, new_polygon: Geometry, tolerance_meters: float = TOLERANCE_METERS
) -> dict[str, MultiPolygon]:
    """Give one grid of a tiling a new shape: neighbours lose what it claims and get what it frees; all in degrees.

    Each freed piece goes to the neighbour with the longest border on it (the lower code on a tie). Where the new
    border keeps within the tolerance of the old one, the old one stays. Gives the changed grids only.
    Raises GridUnknown, BorderLeavesParent, BorderSwallowsGrid, BorderFreesNobodys.
    """
    if code not in grids:
        raise GridUnknown(f"Grid {code} is not one of this community. Load the grids again.")
    meters = Slivers(shapely.union_all(list(grids.values())), tolerance_meters)
    _refuse_leaving(meters, grids, new_polygon)
    others = {other: grids[other] for other in sorted(grids) if other != code}
    claims = _claims(meters, others, new_polygon)
    freed = meters.thick_degrees(shapely.difference(grids[code], new_polygon))
    takers = _takers(meters, others, freed)
    gains = [part for parts in claims.values() for part in parts]
    changed = {code: _without(_with(grids[code], gains), freed)}
    for other in sorted({*claims, *takers}):
        changed[other] = _with(_without(grids[other], claims.get(other, [])), takers.get(other, []))
    return changed if gains or freed else {}


def _lengthened(line: LineString, by: float) -> LineString:
    """Draw both ends out along their last stretch."""
    points = shapely.get_coordinates(shapely.remove_repeated_points(line))
    if np.array_equal(points[0], points[1]):
        raise SplitLineMisses("The line has no length. Draw one across the grid.")
    ends = [_beyond(points[1], points[0], by), *points[1:-1], _beyond(points[-2], points[-1], by)]
    return LineString(ends)


def _beyond(start: Any, end: Any, by: float) -> Any:
    return end + (end - start) * (by / float(np.hypot(*(end - start))))


def _pieces(meters: Slivers, part: Polygon, cut: LineString) -> list[Polygon]:
    """Cut one polygon; loose ends of the line cut nothing, and slivers stay with the piece they border on most."""
    lines = shapely.union_all([part.boundary, cut])
    cells = [cell for cell in shapely.get_parts(shapely.polygonize([lines])) if part.contains(cell.point_on_surface())]
    pieces = meters.thick_degrees(MultiPolygon(cells))
    for sliver in [cell for cell in cells if cell not in pieces]:
        shared = [piece.boundary.intersection(sliver.boundary).length for piece in pieces]
        if shared:
            most = int(np.argmax(shared))
            pieces[most] = to_multipolygon(pieces[most].union(sliver)).geoms[0]
    return pieces or [part]


def _no_cut(grid: Geometry, line: LineString) -> GisError:
    if shapely.intersection(grid, line).length > 0 and any(
        grid.contains(shapely.get_point(line, end)) for end in (0, -1)
    ):
        return SplitLineTooShort("The line ends inside the grid. Draw it from border to border.")
    return SplitLineMisses("The line cuts nothing off the grid. Draw it through the grid from border to border.")


def _refuse_loose_ends(meters: Slivers, grid: Geometry, cut: LineString) -> None:
    area, line = meters.to(grid), meters.to(cut)
    for end in (shapely.get_point(line, 0), shapely.get_point(line, -1)):
        if area.contains(end) and area.boundary.distance(end) > meters.tolerance:
            raise SplitLineTooShort("The line ends inside the grid. Draw it from border to border.")


def _halves(pieces: list[Polygon], whole: list[Polygon]) -> tuple[MultiPolygon, MultiPolygon]:
    first, second = sorted(pieces, key=lambda piece: (piece.centroid.x, -piece.centroid.y))
    to_second = [second.distance(part) < first.distance(part) for part in whole]
    return (
        MultiPolygon([first, *(part for part, other in zip(whole, to_second, strict=True) if not other)]),
        MultiPolygon([second, *(part for part, other in zip(whole, to_second, strict=True) if other)]),
    )


def _joined(meters: Slivers, shapes: list[Geometry]) -> set[int]:
    """Follow shared borders from the first shape."""
    touching: dict[int, set[int]] = {number: set() for number in range(len(shapes))}
    for one, other in combinations(range(len(shapes)), 2):
        if meters.border_length(shapes[one], shapes[other]) > 4 * meters.tolerance:
            touching[one].add(other)
            touching[other].add(one)
    joined, waiting = {0}, [0]
    while waiting:
        new = touching[waiting.pop()] - joined
        joined |= new
        waiting += new
    return joined


def _closed_union(meters: Slivers, grids: list[Geometry], shapes: list[Geometry]) -> MultiPolygon:
    """Unite, filling those seams between two grids that growing and shrinking by half the tolerance closes."""
    union = shapely.union_all(grids, grid_size=_SEAM_DEGREES)
    # A millimetre more all round: what is straight in degrees may cross itself by less than that in metres.
    flat, half = meters.to(union).buffer(0.001, join_style="mitre"), meters.tolerance / 2 + 0.001
    closed = flat.buffer(half, join_style="mitre").buffer(-half, join_style="mitre")
    opened = shapely.difference(closed, flat, grid_size=_SEAM_METERS)
    candidates = [part for part in to_multipolygon(opened).geoms if part.area > 1e-4]
    seams = [part for part in candidates if sum(part.distance(shape) < 0.002 for shape in shapes) > 1]
    filling = [meters.back(seam.buffer(0.002, join_style="mitre")) for seam in seams]
    return to_multipolygon(shapely.union_all([union, *filling], grid_size=_SEAM_DEGREES))


def _refuse_leaving(meters: Slivers, grids: Mapping[str, Geometry], new_polygon: Geometry) -> None:
    beyond = meters.thick_degrees(shapely.difference(new_polygon, shapely.union_all(list(grids.values()))))
    if beyond:
        size = area_square_meters(MultiPolygon(beyond))
        raise BorderLeavesParent(f"The new border reaches {size:.0f} m2 out of the community. Keep it inside.")


def _claims(meters: Slivers, others: Mapping[str, Geometry], new_polygon: Geometry) -> dict[str, list[Polygon]]:
    """Find what each neighbour loses, thin remains that it could not use included."""
    claims = {}
    for code, shape in others.items():
        lost = meters.thick_degrees(shapely.intersection(shape, new_polygon))
        if not lost:
            continue
        remains = list(_without(shape, lost).geoms)
        kept = meters.thick_degrees(MultiPolygon(remains))
        if not kept:
            raise BorderSwallowsGrid(f"Nothing would be left of grid {code}. Merge the two grids instead.")
        claims[code] = [*lost, *(part for part in remains if part not in kept)]
    return claims


def _takers(meters: Slivers, others: Mapping[str, Geometry], freed: list[Polygon]) -> dict[str, list[Polygon]]:
    takers: dict[str, list[Polygon]] = {}
    for piece in freed:
        flat = meters.to(piece)
        lengths = {code: meters.border_length(flat, meters.to(shape)) for code, shape in others.items()}
        taker = max(lengths, key=lambda code: lengths[code], default=None)
        if taker is None or lengths[taker] <= 4 * meters.tolerance:
            raise BorderFreesNobodys(f"{flat.area:.0f} m2 that the grid gives up border on no other grid. Keep them.")
        takers.setdefault(taker, []).append(piece)
    return takers


def _with(shape: Geometry, parts: Iterable[Polygon]) -> MultiPolygon:
    return to_multipolygon(shapely.union_all([shape, *parts]))


def _without(shape: Geometry, parts: Iterable[Polygon]) -> MultiPolygon:
    return to_multipolygon(shapely.difference(shape, shapely.union_all(list(parts))))
