"""A small county for the tests of imports: its files are written as text, brought in, and asked for by SQL.

26.01 +-----------+-----------+
      | grid 001  | grid 002  |   community 529901001001 of street 529901001000 in district 529901000000
26.00 +-----------+-----------+   (no place has these codes)
    106.00      106.01      106.02
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.imports.jobs import Options
from services.imports.kinds import KINDS
from services.imports.runs import Outcome, import_file
from services.sealing import Keyring
from tests import postgres

DISTRICT, STREET, COMMUNITY = "529901000000", "529901001000", "529901001001"
WEST, EAST = COMMUNITY + "001", COMMUNITY + "002"
Box = tuple[float, float, float, float]
WHOLE: Box = (106.00, 26.00, 106.02, 26.01)
AREAS: tuple[tuple[str, Box], ...] = (
    (DISTRICT, WHOLE),
    (STREET, WHOLE),
    (COMMUNITY, WHOLE),
    (WEST, (106.00, 26.00, 106.01, 26.01)),
    (EAST, (106.01, 26.00, 106.02, 26.01)),
)
HOMES = """code,address,floor,lift,longitude,latitude
H1,Willow Lane 1,5,yes,106.002,26.005
H2,Willow Lane 2,,,106.012,26.005
"""


@dataclass
class County:
    """A database of its own and a folder for files."""

    url: str
    folder: Path
    keyring: Keyring

    def write(self, name: str, content: str | bytes) -> Path:
        """A file of the county."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def bring(self, kind: str, content: str | bytes | Path, **options: Any) -> Outcome:
        """Import a file, or the text of one."""
        path = content if isinstance(content, Path) else self.write(f"{kind}.csv", content)
        return import_file(self.url, KINDS[kind](), path, self.keyring, Options(**options))

    def bring_areas(self, areas: Sequence[tuple[str, Any]] = AREAS, **options: Any) -> Outcome:
        """Import areas from GeoJSON; a box is west, south, east, north, a list is a ring."""
        return self.bring("areas", self.write("areas.geojson", geojson(areas)), **options)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        with psycopg.connect(self.url) as connection:
            connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
            return connection.execute(query, values or None).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        """The one value of a query."""
        ((found,),) = self.ask(query, *values)
        return found


def geojson(areas: Sequence[tuple[str, Any]]) -> str:
    """Areas as a feature collection."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"Area {code}"},
            "geometry": {"type": "Polygon", "coordinates": [ring(shape)]},
        }
        for code, shape in areas
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def ring(shape: Any) -> list[list[float]]:
    """A closed ring, from a box or as it is."""
    if isinstance(shape, list):
        return shape
    west, south, east, north = shape
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.fixture
def county(databases: postgres.WorkerDatabases, fresh_database: str, tmp_path: Path) -> County:
    """An empty county, asked as the owner of the tables."""
    url = databases.url(fresh_database, postgres.OWNER)
    return County(url, tmp_path, Keyring.from_secret(b"a secret of the tests alone"))


@pytest.fixture
def gridded(county: County) -> County:
    """A county with its areas."""
    assert county.bring_areas().counts.added == 5
    return county


@pytest.fixture
def housed(gridded: County) -> County:
    """A county with areas and two homes, H1 in the west grid and H2 in the east one."""
    assert gridded.bring("households", HOMES).counts.added == 2
    return gridded
