"""A raster of doors: within which of some limits a home at each corner of a square grid would be reached."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis.compiled import compiled
from gis.doortimes import bounds_of, door_ticks, sift, wall_within, walled_ticks
from gis.nearby import Nearby, Trips
from gis.rasterrings import rings
from gis.streetnetwork import ModeNetwork, WallLines

MOST_CORNERS = 4_000_000
FINEST = 2
HALVINGS = 4
UNKNOWN = 255
Floats = NDArray[np.float64]


class Rule(NamedTuple):
    """When a door is reached: ticks a metre of door walk costs, metres to a street at most, limits in ticks, rising."""

    rate: float
    link_limit: float
    limits: Floats


class Frame(NamedTuple):
    """Where corners lie: that of row r and column c at west + c * cell, south + r * cell, in metres."""

    west: float
    south: float
    cell: float


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """The streets about, with their times and walls."""

    mode: ModeNetwork
    walls: WallLines
    streets: Trips
    near: Nearby

    def ticks(self, x: Floats, y: Floats, rule: Rule) -> Floats:
        """Give the ticks to a door at each place (metres), float64[n], walls minded as a link minds them."""
        mode, graph, out = self.mode, self.mode.graph, np.empty(len(x))
        course = (mode.shape_x, mode.shape_y, mode.edge_shape_first, graph.forward_ticks, graph.backward_ticks)
        walls = (self.walls.x, self.walls.y, *self.walls.segments)
        walled_ticks(x, y, course, tuple(mode.segments), walls, self.streets, rule.rate, rule.link_limit, out)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """How many of the rule's limits are too short for each corner: values uint8[rows, columns].

    passed float32[limits, 2 * corners]: by limit and crossing (`gis.rasterrings`), at which share of the way from its
    first corner the limit is passed; NaN where that is not known yet.
    """

    about: Neighbourhood
    rule: Rule
    frame: Frame
    values: NDArray[np.uint8]
    passed: NDArray[np.float32]

    def polygon(self, number: int) -> MultiPolygon:
        """Draw the area of one limit, in metres: rings about its corners, drawn where the limit is truly passed."""
        marked = self.values <= number
        found = rings(marked)
        shares = self.passed[number, found.crossing].astype(np.float64)
        unknown = np.flatnonzero(np.isnan(shares))
        if len(unknown):
            shares[unknown] = self._passed(found.crossing[unknown], marked.ravel(), number)
        return found.multipolygon(self._places(found.crossing, shares))

    def _places(self, crossing: NDArray[np.int64], shares: Floats) -> Floats:
        """Give metres float64[n, 2] for a share of the way along each crossing."""
        row, column = np.divmod(crossing // 2, self.values.shape[1])
        upward = crossing % 2
        west, south, cell = self.frame
        return np.stack(
            (west + (column + (1 - upward) * shares) * cell, south + (row + upward * shares) * cell), axis=1
        )

    def _passed(self, crossing: NDArray[np.int64], marked: NDArray[np.bool_], number: int) -> Floats:
        """Halve as `_fill_corners` does, where walls have to be minded."""
        inner = np.where(marked[crossing // 2], 0.0, 1.0)
        outer = 1.0 - inner
        for _ in range(HALVINGS):
            middle = (inner + outer) / 2
            x, y = np.ascontiguousarray(self._places(crossing, middle).T)
            inside = self.about.ticks(x, y, self.rule) <= self.rule.limits[number]
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        return np.asarray((inner + outer) / 2)


def bands(about: Neighbourhood, rule: Rule, box: Floats, cell: float) -> Bands:
    """Fill the raster of a box (west, south, east, north in metres), more than a cell wider all round.

    Blocks of corners get one band where bounds show that they share it; only the others are looked at more closely.
    """
    width, height = float(box[2] - box[0]), float(box[3] - box[1])
    cell = max(cell, float(np.sqrt(width * height / MOST_CORNERS)))
    rows, columns = (FINEST * (int(size / cell + 3) // FINEST + 1) + 1 for size in (height, width))
    frame = Frame(float(box[0]) - 1.5 * cell, float(box[1]) - 1.5 * cell, cell)
    values = np.full((rows, columns), UNKNOWN, np.uint8)
    passed = np.full((len(rule.limits), 2 * values.size), np.nan, np.float32)
    _fill(values, passed, frame, about.near, about.streets, rule)
    row, column = np.nonzero(values == UNKNOWN)
    if len(row):
        x, y = frame.west + column.astype(np.float64) * frame.cell, frame.south + row.astype(np.float64) * frame.cell
        ticks = about.ticks(x, y, rule)
        values[row, column] = np.searchsorted(rule.limits, ticks)
    return Bands(about, rule, frame, values, passed)


@compiled
def _band(ticks: float, limits: Any) -> int:
    band = 0
    while band < len(limits) and ticks > limits[band]:
        band += 1
    return band


@compiled
def _fill(values: Any, passed: Any, frame: Any, near: Any, streets: Any, rule: Any) -> None:
    """Fill in block by block, each with the corners on all four of its sides; what a wall may hide stays unknown.

    The first block is all; one that is not settled is cut in four, each sifting the segments of the one around it.
    """
    cells, walled, bounds = near.frame, near.walled, near.bounds
    ticks, start, along = near.ticks, near.start, near.along
    start_fraction, start_door = streets.start_fraction, streets.start_door
    rate, link_limit, limits = rule
    west, south, cell = frame
    rows, columns = values.shape
    outside, most_segments, levels = len(limits), len(near.course), 1
    while FINEST << (levels - 1) < max(rows, columns) - 1:
        levels += 1
    lines, segment = np.empty((levels + 1, 5, most_segments)), np.empty((levels + 1, most_segments), np.int32)
    squares, room = np.empty(most_segments), np.empty(most_segments)
    counts, stack = np.zeros(levels + 1, np.int64), np.empty((4 * levels, 3), np.int64)
    lines[0], segment[0], counts[0] = near.course.T, np.arange(most_segments), most_segments
    stack[0, 0], stack[0, 1], stack[0, 2] = 1, 0, 0
    height = 1
    while height:
        height -= 1
        level, r, c = stack[height, 0], stack[height, 1], stack[height, 2]
        size = FINEST << (levels - level)
        radius = size / 2 * np.sqrt(2.0) * cell
        x, y = west + (c + size / 2) * cell, south + (r + size / 2) * cell
        own_lines, own_segment = lines[level], segment[level]
        count, metres = sift(
            x, y, radius, lines[level - 1], segment[level - 1], counts[level - 1], room, own_lines, own_segment, squares
        )
        counts[level] = count
        band = UNKNOWN
        if metres - radius > link_limit:
            band = outside
        elif not (len(walled) and wall_within(x, y, metres + 2 * radius, cells, walled)):
            least, most = bounds_of(radius, rate, bounds, own_segment, squares, count)
            soonest, latest = _band(least, limits), _band(most + (metres + radius) * rate, limits)
            if soonest == outside or (metres + radius <= link_limit and soonest == latest):
                band = soonest
            elif level == levels:
                _fill_corners(
                    values, passed, west, south, cell, r, c, limits, rate, link_limit, own_lines, own_segment,
                    count, ticks, start, along, start_fraction, start_door,
                )  # fmt: skip
        if band != UNKNOWN:
            for at_row in range(r, min(rows, r + size + 1)):
                for at_column in range(c, min(columns, c + size + 1)):
                    values[at_row, at_column] = band
        elif level < levels:
            half = size // 2
            for part in range(4):
                below_r, below_c = r + part // 2 * half, c + part % 2 * half
                if below_r < rows - 1 and below_c < columns - 1:
                    stack[height, 0], stack[height, 1], stack[height, 2] = level + 1, below_r, below_c
                    height += 1


@compiled
def _fill_corners(
    values: Any, passed: Any, west: float, south: float, cell: float, row: int, column: int, limits: Any, rate: float,
    link_limit: float, lines: Any, segment: Any, count: int, ticks: Any, start: Any, along: Any,
    start_fraction: Any, start_door: Any,
) -> None:  # fmt: skip
    """Fill in the corners of a finest block, and where the limits are passed between them."""
    size = FINEST
    for r in range(row, row + size + 1):
        for c in range(column, column + size + 1):
            if values[r, c] == UNKNOWN:
                soonest = door_ticks(
                    west + c * cell, south + r * cell, rate, link_limit, lines, segment, count, ticks, start,
                    along, start_fraction, start_door,
                )  # fmt: skip
                values[r, c] = _band(soonest, limits)
    for piece in range(2 * (size + 1) ** 2):
        upward = piece % 2
        r, c = row + piece // 2 // (size + 1), column + piece // 2 % (size + 1)
        if r + upward > row + size or c + 1 - upward > column + size:
            continue
        here, there = values[r, c], values[r + upward, c + 1 - upward]
        at = 2 * (r * values.shape[1] + c) + upward
        for number in range(min(here, there), max(here, there)):
            # Halving takes the same steps for each limit, so the border of a shorter one never passes a longer one's.
            inner, outer = (0.0, 1.0) if here <= number else (1.0, 0.0)
            for _ in range(HALVINGS):
                share = (inner + outer) / 2
                soonest = door_ticks(
                    west + (c + (1 - upward) * share) * cell, south + (r + upward * share) * cell, rate, link_limit,
                    lines, segment, count, ticks, start, along, start_fraction, start_door,
                )  # fmt: skip
                inner, outer = (share, outer) if soonest <= limits[number] else (inner, share)
            passed[number, at] = (inner + outer) / 2
