"""What the benches run on: the Porto extract with made-up homes where it is present, else the made town at scale."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import people
from gis.network import StreetNetwork, build_network
from gis.streetfile import read_streets
from gis.streets import Streets

CHECKOUT = Path(__file__).parents[1]
HOMES, SUPPLIERS = 361_984, 500
TOWNS = 32  # about as many homes


@dataclass(frozen=True)
class Dataset:
    """A place: its street file, streets and network, and longitudes and latitudes of homes and suppliers."""

    name: str
    path: Path
    streets: Streets
    network: StreetNetwork
    homes: people.Places
    suppliers: people.Places


def load() -> Dataset:
    """Give the dataset. LINLI_OSM_DIR names the folder of the extracts."""
    folder = Path(os.environ.get("LINLI_OSM_DIR", CHECKOUT.parent / "shared" / "osm"))
    path = folder / "porto-metro.osm.pbf"
    return _porto(path) if path.is_file() else _made_town()


def _porto(path: Path) -> Dataset:
    streets = read_streets(path)
    network = build_network(streets)
    homes = people.along_residential_streets(streets, network, HOMES, seed=1)
    return Dataset("Porto metro", path, streets, network, homes, people.some(homes, SUPPLIERS, seed=2))


def _made_town() -> Dataset:
    from fixtures import town

    folder = Path(tempfile.gettempdir()) / f"linli-bench-town-{TOWNS}"
    if not (folder / "done").exists():
        folder.mkdir(exist_ok=True)
        town.write_town(folder, scale=TOWNS)
        (folder / "done").touch()
    path = next(folder.glob("*.osm.pbf"))
    streets = read_streets(path)
    homes = town.household_arrays(scale=TOWNS)
    return Dataset("made town", path, streets, build_network(streets), homes, people.some(homes, SUPPLIERS, seed=2))


def pairs_of(places: people.Places) -> list[list[float]]:
    """Give places as [longitude, latitude] pairs, as the engines take them."""
    pairs: list[list[float]] = np.column_stack(places).tolist()
    return pairs


def straight_line_nearest(dataset: Dataset, call: NDArray[np.float64], count: int) -> list[list[float]]:
    """Give the suppliers that are nearest to a call (longitude, latitude) as the crow flies."""
    x, y = dataset.network.projection.to_meters(*dataset.suppliers)
    at_x, at_y = dataset.network.projection.to_meters(*call)
    chosen = np.argsort(np.hypot(x - at_x, y - at_y), kind="stable")[:count]
    nearest: list[list[float]] = np.column_stack(dataset.suppliers)[chosen].tolist()
    return nearest
