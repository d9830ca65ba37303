"""The whole audit as a planner asks for it: search, figures of 1,800 grids, gaps, stored, through the API.

The peer is the search and the join to the homes alone, on the same network in the same process. What the API adds is
counting (grid by grid, category by category, circles), gaps as polygons, the seconds of every home committed to a
durable cluster, and the answer as JSON over an in-process HTTP client.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from starlette.applications import Starlette

from bench.contest import interleaved, medians, print_ratio, print_times, timed
from bench.dataset import Dataset, load
from fixtures.makers import KEYRING, SECRET, authorization
from gis.coordinates import LocalProjection
from gis.gaps import find_gaps
from gis.linking import Linker
from gis.profiles import WALK, ticks
from gis.search import field, homes_by_edge, homes_reached
from gis.warming import warm
from schema.context import Api
from schema.http import routes
from services import database, networks, streets
from services.cluster import OWNER, SUPERUSER, Cluster
from services.links import copy_links
from services.models import new_id

ROUNDS = 15
TARGET = 5.0
GRID_METERS = 1_000.0
AUDIT = """
mutation($area: ID!) { auditCoverage(input: {areaId: $area, supply: POSTS, minutes: 10}) {
  id householdCount coveredCount coveredShare twiceCoveredCount medianSeconds p90Seconds
  straightLine { coveredCount falselyCovered }
  byGrid { householdCount coveredCount coveredShare medianSeconds suppressed }
  gaps { id householdCount residentCount nearestSeconds }
} }
"""


def main() -> None:
    """Measure and print."""
    warm()
    dataset = load()
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, _migrated(Path(name)) as urls:
        district, planner = _stored(dataset, urls[0])
        asyncio.run(_contest(dataset, urls[1], district, planner))


async def _contest(dataset: Dataset, url: str, district: str, planner: Any) -> None:
    store = database.Database(url).acting_as("bench")
    api = Api.of(store, KEYRING, SECRET)
    transport = httpx.ASGITransport(Starlette(routes=routes(api)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", timeout=300) as client:
        loop = asyncio.get_running_loop()

        async def ask() -> dict[str, Any]:
            body = {"query": AUDIT, "variables": {"area": district}}
            answer = (await client.post("/graphql", json=body, headers=authorization(planner, SECRET))).json()
            assert "errors" not in answer, answer["errors"]
            found: dict[str, Any] = answer["data"]["auditCoverage"]
            return found

        first = await ask()
        contestants = _contestants(dataset, lambda: asyncio.run_coroutine_threadsafe(ask(), loop).result())
        seconds = await asyncio.to_thread(interleaved, contestants, ROUNDS)
    await store.close()
    counts = f"{first['coveredCount']:,} of {first['householdCount']:,} homes, {len(first['byGrid']):,} grids"
    print_times(seconds, {"audit through the API": f"{counts}, {len(first['gaps'])} gaps"})
    middle = medians(seconds)
    ratio = middle["audit through the API"] / middle["search and join"]
    print_ratio("audit-full", "search-and-join", ratio, TARGET, at_most=True)


def _contestants(dataset: Dataset, ask: Any) -> dict[str, Any]:
    network = networks.current()
    graph, linker, limit = network.graphs["foot"], Linker(network), ticks(WALK, 600)
    suppliers, homes = (linker.link(*places).for_profile(WALK) for places in (dataset.suppliers, dataset.homes))
    prepared = homes_by_edge(graph, homes)
    reach = homes_reached(graph, field(graph, suppliers, limit), suppliers, prepared)
    meters = np.column_stack(network.projection.to_meters(*dataset.homes))
    ones, seconds = np.ones(len(homes), np.int32), np.zeros(len(homes), np.int32)
    return {
        "search and join": timed(lambda: homes_reached(graph, field(graph, suppliers, limit), suppliers, prepared)),
        "of which gaps": timed(lambda: find_gaps(network.projection, meters, ~reach.reached, ones, seconds)),
        "audit through the API": timed(ask),
    }


@contextmanager
def _migrated(folder: Path) -> Iterator[tuple[str, str]]:
    folder.chmod(0o711)
    cluster = Cluster(folder / "data").start()
    try:
        database.migrate(cluster.url(OWNER))
        yield cluster.url(SUPERUSER), cluster.url()  # COPY needs a role that row-level security does not bind
    finally:
        cluster.stop()


def _stored(dataset: Dataset, url: str) -> tuple[str, Any]:
    """Streets, grids of a kilometre, homes with links, 500 posts and a planner; the district's and planner's ids."""
    with psycopg.connect(url) as connection:
        network = streets.store(connection, dataset.streets, dataset.name)
        networks.CURRENT.take(network)
        square, corners = _squares(network.projection.to_meters(*dataset.homes))
        district, grids = _areas(connection, network.projection, corners)
        homes = _homes(connection, dataset, [grids[number] for number in square])
        for start in range(0, len(homes), 50_000):
            copy_links(connection, network, homes[start : start + 50_000])
        copy_links(connection, network, _workers(connection, dataset))
        planner = new_id()
        connection.execute("INSERT INTO accounts (id, login, name, created_at) VALUES (%s, 'p', 'P', now())", [planner])
        connection.execute(
            "INSERT INTO role_grants (id, account_id, role, valid_from) VALUES (%s, %s, 'PLANNER', now())",
            [new_id(), planner],
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return str(district), planner


def _squares(meters: tuple[NDArray[np.float64], NDArray[np.float64]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    corner = np.floor(np.column_stack(meters) / GRID_METERS)
    corners, number = np.unique(corner, axis=0, return_inverse=True)
    return number.reshape(-1), corners * GRID_METERS


def _areas(
    connection: psycopg.Connection[Any], projection: LocalProjection, corners: NDArray[np.float64]
) -> tuple[Any, list[Any]]:
    """A district, a street office, a community for every 900 squares, and the squares as grids."""
    squares = [shapely.MultiPolygon([shapely.box(x, y, x + GRID_METERS, y + GRID_METERS)]) for x, y in corners]
    boxes = projection.geometry_to_degrees(np.array(squares, object))
    district, street = new_id(), new_id()
    rows = [
        (district, "DISTRICT", "990001000000", None, boxes[0]),
        (street, "STREET", "990001001000", district, boxes[0]),
    ]
    grids = []
    for number, box in enumerate(boxes):
        if number % 900 == 0:
            community = new_id()
            code = f"990001001{number // 900 + 1:03}"
            rows.append((community, "COMMUNITY", code, street, box))
        grids.append(new_id())
        rows.append((grids[-1], "GRID", f"{code}{number % 900 + 1:03}", community, box))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO areas (id, level, code, name, parent_id, boundary, label_point, area_square_meters, version,"
            " valid_from) VALUES (%s, %s, %s, %s, %s, ST_GeomFromWKB(%s, 4326), ST_GeomFromWKB(%s, 4326), 1e6, 1,"
            " now())",
            [(*row[:3], row[2], row[3], row[4].wkb, row[4].centroid.wkb) for row in rows],
        )
        cursor.executemany(
            "INSERT INTO area_versions (id, area_id, version, code, name, parent_id, boundary, valid_from, reason)"
            " SELECT %s, id, 1, code, name, parent_id, boundary, now(), 'FOUNDED' FROM areas WHERE id = %s",
            [(new_id(), row[0]) for row in rows],
        )
    return district, grids


def _homes(connection: psycopg.Connection[Any], dataset: Dataset, grids: list[Any]) -> list[Any]:
    columns = "id, code, address, location, declared_system, declared_longitude, declared_latitude, grid_id, has_lift"
    lon, lat = (values.tolist() for values in dataset.homes)
    points = shapely.to_wkb(shapely.set_srid(shapely.points(*dataset.homes), 4326), hex=True, include_srid=True)
    homes = []
    with connection.cursor().copy(f"COPY households ({columns}, restricted, version, created_at) FROM STDIN") as copy:
        for number, (x, y, point, grid) in enumerate(zip(lon, lat, points, grids, strict=True)):
            homes.append((new_id(), x, y))
            code = f"H{number:07}"
            home = (homes[-1][0], code, code, point, "WGS84", x, y, grid, True, False, 1, "2026-01-01")
            copy.write_row(home)
    return homes


def _workers(connection: psycopg.Connection[Any], dataset: Dataset) -> list[Any]:
    posts = [(new_id(), x, y) for x, y in zip(*(values.tolist() for values in dataset.suppliers), strict=True)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO workers (id, code, name, role, status, skills, languages, post) VALUES"
            " (%s, %s, %s, 'GRID_WORKER', 'OFF_DUTY', '{}', '{}', ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
            [(one, f"W{number}", f"W{number}", x, y) for number, (one, x, y) in enumerate(posts)],
        )
    return posts


if __name__ == "__main__":
    main()
