"""Polygon layers in any format that GDAL reads: rows of attributes and shapes, brought to WGS 84."""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.coordinates import geometry_to_wgs84
from services.imports.columns import Column, Layout, layout
from services.imports.crs import CrsUnknown, named_system
from services.imports.csv_files import text_encoding
from services.imports.files import checked_file, refuse_bomb
from services.imports.jobs import Job
from services.imports.problems import FileBroken, FileEmpty, LayerUnfit, ProjectionUnknown
from services.imports.values import Cell

_POLYGONS = ("Polygon", "MultiPolygon", "Unknown", "GeometryCollection", "Polygon Z", "MultiPolygon Z", "2.5D Polygon")


@dataclass(frozen=True, slots=True)
class Feature:
    """One shape with its attributes, numbered from 1 over all layers of the file; the shape is in WGS 84 or None."""

    number: int
    cells: tuple[Cell, ...]
    layout: Layout
    shape: Any


def read_features(job: Job, columns: Sequence[Column]) -> list[Feature]:
    """The polygons of all layers of a file. FileBroken, LayerUnfit, ProjectionUnknown, CrsUnknown, FileEmpty."""
    checked_file(job.path, job.options.limits)
    if zipfile.is_zipfile(job.path):
        refuse_bomb(job.path, job.options.limits)
    found: list[Feature] = []
    for name in _layer_names(job.path):
        found += _layer(job, name, columns, len(found))
    if not found:
        raise FileEmpty(job.path.name)
    return found


def _layer_names(path: Path) -> list[str]:
    try:
        layers = pyogrio.list_layers(path)
    except DataSourceError:
        reason = "GDAL knows no format like this. Use GeoPackage, Shapefile (with its .shx, .dbf, .prj) or GeoJSON."
        raise FileBroken(path.name, reason=reason) from None
    names = [str(name) for name, kind in layers if kind is not None and _is_polygons(str(kind))]
    if not names:
        raise LayerUnfit(path.name, reason="it holds no polygons. Export the areas as polygons.")
    return names


def _is_polygons(kind: str) -> bool:
    return kind in _POLYGONS or "Polygon" in kind


def _layer(job: Job, name: str, columns: Sequence[Column], before: int) -> Iterator[Feature]:
    try:
        meta, _, shapes, fields = pyogrio.raw.read(job.path, layer=name, force_2d=True, encoding=_encoding(job.path))
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(job.path.name, reason=f"its layer {name} is damaged ({error}). Export it again.") from None
    if not len(shapes):
        return
    headings = [str(field) for field in meta["fields"]]
    wanted = _recognised(headings, columns)
    skipped = tuple(heading for heading in headings if heading not in wanted)
    found = layout(headings, columns, job.path.name, "areas", skipped)
    geometry = _in_wgs84(job, shapely.from_wkb(shapes, on_invalid="ignore"), meta["crs"])
    for at, (shape, *cells) in enumerate(zip(geometry, *fields, strict=True), before + 1):
        yield Feature(at, tuple(_cell(cell) for cell in cells), found, shape)


def _encoding(path: Path) -> str | None:
    """What a Shapefile's table is written in when no .cpg says it: Chinese offices' programs leave that out."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    with table.open("rb") as file:
        header_bytes = int.from_bytes(file.read(10)[8:], "little")
    return text_encoding(table, header_bytes)


def _recognised(headings: Sequence[str], columns: Sequence[Column]) -> set[str]:
    """A layer carries much that is its program's own (OBJECTID, Shape_Area): only what is known is read."""
    wanted = set()
    for heading in headings:
        if any(column.is_called(heading) for column in columns):
            wanted.add(heading)
    return wanted


def _in_wgs84(job: Job, geometry: Any, layer_crs: str | None) -> Any:
    system = named_system(job.options.crs) if job.options.crs else None
    if system is not None:
        return geometry_to_wgs84(geometry, system)
    declared = job.options.crs or layer_crs
    if declared is None:
        raise ProjectionUnknown(job.path.name)
    try:
        crs = CRS.from_user_input(declared)
        turn = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except CRSError:
        if job.options.crs:
            raise CrsUnknown(job.options.crs, also=", or EPSG:n, such as EPSG:4545") from None
        raise ProjectionUnknown(job.path.name) from None
    return shapely.transform(geometry, turn.transform, interleaved=False)


def _cell(cell: Any) -> Cell:
    value = cell.item() if hasattr(cell, "item") else cell
    return None if value is None or value != value else value if isinstance(value, (int, float)) else str(value)
