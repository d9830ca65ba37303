"""The picture of an audit for a printed page: grids by share covered, gaps, suppliers, as the paths of one SVG."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from shapely import Geometry, MultiPolygon

from gis.coordinates import LocalProjection
from gis.shapes import to_multipolygon

WIDTH = 720.0
COLOURS = ("#d7301f", "#fc8d59", "#fdcc8a", "#c6dbef", "#6baed6", "#2171b5")
"""From nobody covered to everybody: a scale that is also told apart by the colour-blind."""


def drawn(
    grids: Mapping[str, Geometry],
    shares: Mapping[str, float | None],
    gaps: Sequence[Geometry],
    supply: Sequence[Sequence[float]],
) -> dict[str, Any]:
    """What the page's SVG needs: `width`, `height`, `grid_paths`, `gap_paths`, `dots`, `scale` (metres, length).

    `shares` are the covered shares by the code of the grid, None where they are withheld: such a grid has no colour.
    """
    frame = _Frame([*grids.values(), *gaps])
    return {
        "width": WIDTH,
        "height": round(frame.height, 1),
        "grid_paths": [
            {"path": frame.path(one), "fill": _colour(shares.get(code)), "code": code} for code, one in grids.items()
        ],
        "gap_paths": [frame.path(gap) for gap in gaps],
        "dots": frame.dots(supply),
        "scale": frame.scale(),
        "legend": [{"fill": fill, "label": label} for fill, label in zip(COLOURS, _LABELS, strict=True)],
    }


_LABELS = ("< 50 %", "50-70 %", "70-80 %", "80-90 %", "90-97 %", "> 97 %")
_STEPS = (0.5, 0.7, 0.8, 0.9, 0.97)


class _Frame:
    """Degrees to the picture's points: north is up, metres are true."""

    def __init__(self, shapes: Sequence[Geometry]) -> None:
        whole = MultiPolygon([part for one in shapes for part in to_multipolygon(one).geoms])
        self._projection = LocalProjection.around(whole)
        west, south, east, north = self._projection.geometry_to_meters(whole).bounds
        self._west, self._north = west, north
        self._zoom = WIDTH / max(east - west, (north - south) / 1.6, 1.0)
        self.height = max((north - south) * self._zoom, 1.0)
        self._bounds = (west, south, east, north)

    def path(self, area: Geometry) -> str:
        rings = [ring for part in to_multipolygon(area).geoms for ring in (part.exterior, *part.interiors)]
        return " ".join("M" + "L".join(self._points(np.asarray(ring.coords)[:, :2])) + "Z" for ring in rings)

    def dots(self, places: Sequence[Sequence[float]]) -> list[dict[str, float]]:
        if not places:
            return []
        x, y = self._turned(np.asarray(places, np.float64))
        inside = (x >= 0) & (x <= WIDTH) & (y >= 0) & (y <= self.height)
        return [{"x": round(float(a), 1), "y": round(float(b), 1)} for a, b in zip(x[inside], y[inside], strict=True)]

    def scale(self) -> dict[str, float]:
        meters = next((m for m in (5_000, 2_000, 1_000, 500, 200, 100) if m * self._zoom < WIDTH / 4), 50)
        return {"meters": meters, "length": round(meters * self._zoom, 1)}

    def _points(self, ring: Any) -> Iterable[str]:
        return (f"{x:.1f},{y:.1f}" for x, y in zip(*self._turned(ring), strict=True))

    def _turned(self, places: Any) -> tuple[Any, Any]:
        x, y = self._projection.to_meters(places[:, 0], places[:, 1])
        return (x - self._west) * self._zoom, (self._north - y) * self._zoom


def _colour(share: float | None) -> str:
    return "#eeeeee" if share is None else COLOURS[int(np.searchsorted(_STEPS, share, side="right"))]
