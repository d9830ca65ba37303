"""Templates: an empty file with the headings of a kind and one example row, to be filled in."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import orjson

from services.errors import Invalid
from services.imports.areas import AreaImport
from services.imports.columns import Column
from services.imports.kinds import TABLES
from services.imports.streets import StreetImport

# A made-up place: the outline of one grid, and one street in it.
_OUTLINE = [[[106.71, 26.57], [106.72, 26.57], [106.72, 26.58], [106.71, 26.58], [106.71, 26.57]]]
_LINE = [[106.711, 26.571], [106.719, 26.571]]
_STREET = {"highway": "residential", "name": "桂花路", "name_en": "Guihua Road", "oneway": "no"}


class KindUnknown(Invalid):
    """There is no kind {subject}. Write one of {kinds}."""


class FileThere(Invalid):
    """The file {subject} is there already. Name another with --output, or take it away first."""


def table_columns(kind: str) -> Sequence[Column]:
    """The columns of a kind of table. KindUnknown tells which there are."""
    found = {table.kind: table.columns for table in TABLES}
    if kind not in found:
        raise KindUnknown(kind, kinds=", ".join((*found, AreaImport.kind, StreetImport.kind)))
    return found[kind]


def write_template(kind: str, folder: Path, *, xlsx: bool, english: bool, target: Path | None = None) -> Path:
    """Write the template of `kind` and give its path. Layers get GeoJSON. KindUnknown, FileThere."""
    if kind in (AreaImport.kind, StreetImport.kind):
        return _written(target or folder / f"{kind}.geojson", lambda path: path.write_bytes(_layer(kind, english)))
    columns = table_columns(kind)
    rows = [[c.name if english else c.chinese for c in columns], [c.example for c in columns]]
    path = target or folder / f"{kind}.{'xlsx' if xlsx else 'csv'}"
    return _written(path, lambda there: _workbook(there, rows) if xlsx else _csv(there, rows))


def _written(path: Path, write: Callable[[Path], object]) -> Path:
    if path.exists():
        raise FileThere(path.name)
    write(path)
    return path


def _csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """With a byte order mark, so that Excel reads the Chinese headings."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """All cells as text, so that codes keep their zeros and long numbers their digits."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place, value)
            cell.number_format = "@"
    book.save(path)


def _layer(kind: str, english: bool) -> bytes:
    if kind == StreetImport.kind:
        properties, geometry = dict(_STREET), {"type": "LineString", "coordinates": _LINE}
    else:
        columns = AreaImport.columns
        properties = {column.name if english else column.chinese: column.example for column in columns}
        geometry = {"type": "Polygon", "coordinates": _OUTLINE}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return orjson.dumps({"type": "FeatureCollection", "features": [feature]}, option=orjson.OPT_INDENT_2)
