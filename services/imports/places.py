"""Places in a file: turned into WGS 84 as columns, each given the grid in which it lies."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.coordinates import to_wgs84
from gis.tiling import GridIndex
from services.imports.columns import Column
from services.imports.jobs import Job, Row
from services.imports.problems import NoGrids
from services.imports.values import latitude, longitude

LONGITUDE = Column("longitude", "经度", longitude, "106.7135", required=True, also=("lon", "lng", "x"))
LATITUDE = Column("latitude", "纬度", latitude, "26.5783", required=True, also=("lat", "y"))


@dataclass(frozen=True, slots=True)
class Grids:
    """The standing grids: which one a place is in, and their ids."""

    index: GridIndex
    ids: tuple[uuid.UUID, ...]


def standing_grids(job: Job) -> Grids:
    """All grids as they stand now; NoGrids before areas were imported."""
    rows = job.rows(
        "SELECT code, id, ST_AsBinary(boundary) FROM areas WHERE level = 'GRID' AND retired_at IS NULL ORDER BY code"
    )
    if not rows:
        raise NoGrids
    index = GridIndex({code: shapely.from_wkb(bytes(shape)) for code, _, shape in rows})
    ids = {code: area_id for code, area_id, _ in rows}
    return Grids(index, tuple(ids[code] for code in index.codes))


def turned(job: Job, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with `lon` and `lat` in WGS 84 beside what was declared."""
    if rows:
        declared = np.array([(row.values["longitude"], row.values["latitude"]) for row in rows])
        lons, lats = to_wgs84(declared[:, 0], declared[:, 1], job.system)
        for row, lon, lat in zip(rows, lons.tolist(), lats.tolist(), strict=True):
            row.values["lon"], row.values["lat"] = lon, lat
    return rows


def gridded(job: Job, rows: Sequence[Row], grids: Grids) -> Sequence[Row]:
    """The rows that lie in a grid, with `grid_id`; on a border the lower code wins. The others are refused."""
    turned(job, rows)
    if not rows:
        return rows
    numbers = grids.index.numbers_at([row.values["lon"] for row in rows], [row.values["lat"] for row in rows])
    inside = []
    for row, number in zip(rows, numbers.tolist(), strict=True):
        if number < 0:
            job.refuse(row, "longitude", "OUTSIDE_EVERY_GRID", _outside(job))
        else:
            row.values["grid_id"] = grids.ids[number]
            inside.append(row)
    return inside


def _outside(job: Job) -> str:
    return (
        f"The place lies outside every grid (read as {job.system.value}). Check the coordinates, "
        "or say with --crs in which system they are."
    )
