"""PostGIS and pgRouting as peers, in a private cluster of their own."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np
import psycopg

from bench.dataset import Dataset
from gis.graph import Graph
from gis.links import Links
from services.cluster import Cluster
from services.cluster_files import SUPERUSER

LIMIT_METERS = 780  # 600 s at 1.3 m/s
TICKS_PER_METER = 10_000

TABLES = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pgrouting CASCADE;
SET jit = off;
CREATE TABLE edges (id bigint, source bigint, target bigint, cost float8, reverse_cost float8);
CREATE TABLE homes (id bigint, source bigint, target bigint, from_source float8, from_target float8, geom geometry);
CREATE TABLE suppliers (id bigint, geom geometry);
"""
INDEXES = """
CREATE INDEX ON homes USING gist (geom);
CREATE INDEX ON homes (source);
CREATE INDEX ON homes (target);
CREATE INDEX ON suppliers USING gist (geom);
ANALYZE;
"""
CIRCLES = "SELECT count(DISTINCT h.id) FROM suppliers s JOIN homes h ON ST_DWithin(h.geom, s.geom, %s)"
STREETS = """
WITH reached AS (
    SELECT node, min(agg_cost) AS cost FROM pgr_drivingDistance(
        'SELECT id, source, target, cost, reverse_cost FROM edges', %(goers)s::bigint[], %(limit)s::float8,
        directed := false, equicost := true) GROUP BY node)
SELECT count(*) FROM homes h LEFT JOIN reached a ON a.node = h.source LEFT JOIN reached b ON b.node = h.target
WHERE least(a.cost + h.from_source, b.cost + h.from_target) <= %(limit)s
"""


class DatabasePeers:
    """Homes, suppliers and walkable edges in tables with indexes; suppliers are nodes of their own for pgRouting."""

    def __init__(self, dataset: Dataset, graph: Graph, suppliers: Links, homes: Links) -> None:
        """Prepare; not part of what is measured. Raises what the cluster raises when PostgreSQL is missing."""
        self._folder = tempfile.TemporaryDirectory(prefix="linli-bench-")
        Path(self._folder.name).chmod(0o711)
        self._cluster = Cluster(Path(self._folder.name) / "data", durable=False).start()
        self._connection = psycopg.connect(self._cluster.url(SUPERUSER, "postgres"), autocommit=True)
        self._goers = (graph.junction_count + np.arange(len(suppliers))).tolist()
        self._connection.execute(TABLES)
        self._copy("edges", _edges(graph, suppliers))
        self._copy("homes", _homes(dataset, graph, homes))
        self._copy("suppliers", _places(dataset, dataset.suppliers))
        self._connection.execute(INDEXES)

    def __enter__(self) -> "DatabasePeers":
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the cluster and delete it."""
        self._connection.close()
        self._cluster.stop()
        self._folder.cleanup()

    def circles(self) -> tuple[float, int]:
        """ST_DWithin at 780 m: seconds, and how many homes it claims."""
        return self._ask(CIRCLES, [LIMIT_METERS])

    def streets(self) -> tuple[float, int]:
        """pgr_drivingDistance from all suppliers with equicost, joined to the homes: seconds, and how many."""
        return self._ask(STREETS, {"goers": self._goers, "limit": LIMIT_METERS})

    def _ask(self, statement: str, values: Any) -> tuple[float, int]:
        begun = perf_counter()
        row = self._connection.execute(statement, values).fetchone()
        return perf_counter() - begun, int(row[0]) if row else 0

    def _copy(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _edges(graph: Graph, suppliers: Links) -> Iterable[tuple[Any, ...]]:
    metres = graph.forward_ticks / TICKS_PER_METER
    ends = (graph.edge_from.tolist(), graph.edge_to.tolist(), metres.tolist())
    yield from ((number, *row, row[2]) for number, row in enumerate(zip(*ends, strict=True)))
    for number, (edge, fraction, door) in enumerate(
        zip(suppliers.edge, suppliers.fraction, suppliers.door_ticks, strict=True)
    ):
        goer, first = graph.junction_count + number, graph.edge_count + 2 * number
        for part, end, share in ((0, graph.edge_from[edge], fraction), (1, graph.edge_to[edge], 1 - fraction)):
            cost = float(share * metres[edge] + door / TICKS_PER_METER)
            yield first + part, goer, int(end), cost, cost


def _homes(dataset: Dataset, graph: Graph, homes: Links) -> Iterable[tuple[Any, ...]]:
    metres, door = graph.forward_ticks[homes.edge] / TICKS_PER_METER, homes.door_ticks / TICKS_PER_METER
    columns = (
        graph.edge_from[homes.edge],
        graph.edge_to[homes.edge],
        homes.fraction * metres + door,
        (1 - homes.fraction) * metres + door,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for row, (number, geometry) in zip(rows, _places(dataset, dataset.homes), strict=True):
        yield number, *row, geometry


def _places(dataset: Dataset, places: Any) -> Iterable[tuple[int, str]]:
    x, y = dataset.network.projection.to_meters(*places)
    return ((number, f"POINT({east} {north})") for number, (east, north) in enumerate(zip(x, y, strict=True)))
