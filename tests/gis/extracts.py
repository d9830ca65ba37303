"""Real street data for tests, where it is present: OpenStreetMap extracts, (c) OpenStreetMap contributors, ODbL."""

import os
from functools import cache
from pathlib import Path

import pytest

from gis.network import StreetNetwork, build_network
from gis.streetfile import read_streets
from gis.streets import Streets

CHECKOUT = Path(__file__).parents[2]


def extract(name: str) -> Path:
    """Give the path of an extract, or skip the test and say why."""
    folder = Path(os.environ.get("LINLI_OSM_DIR", CHECKOUT.parent / "shared" / "osm"))
    path = folder / f"{name}.osm.pbf"
    if not path.is_file():
        pytest.skip(f"no street data {path}; set LINLI_OSM_DIR to a folder that holds {path.name}")
    return path


@cache
def _streets(path: Path) -> Streets:
    return read_streets(path)


@cache
def _network(path: Path) -> StreetNetwork:
    return build_network(_streets(path))


def streets_of(name: str) -> Streets:
    """Give the streets of an extract, read once a run."""
    return _streets(extract(name))


def network_of(name: str) -> StreetNetwork:
    """Give the network of an extract, built once a run."""
    return _network(extract(name))
