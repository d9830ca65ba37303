"""A second opinion by pgRouting, on the rows that the store keeps: 1,000 random pairs of junctions on foot."""

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from gis.network import StreetNetwork
from gis.streets import WALKING_METERS_PER_SECOND, Streets
from tests.gis.extracts import network_of, streets_of
from tests.gis.junction_pairs import Pairs, meters_on_foot, random_pairs
from tests.gis.test_oracles import _made_town
from tests.postgres import SUPERUSER, WorkerDatabases

EDGES = "SELECT id, source, target, cost, reverse_cost FROM walkable"


def _seconds(url: str, streets: Streets, pairs: Pairs) -> NDArray[np.float64]:
    with psycopg.connect(url) as connection:
        if not connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgrouting'").fetchone():
            pytest.skip("pgRouting is not installed: apt-get install postgresql-15-pgrouting")
        connection.execute("CREATE EXTENSION pgrouting CASCADE")
        connection.execute(
            "CREATE TABLE walkable (id int8, source int8, target int8, cost float8, reverse_cost float8)"
        )
        with connection.cursor() as cursor, cursor.copy("COPY walkable FROM STDIN") as copy:
            for row in streets.rows():
                copy.write_row(row[:5])
        connection.execute("CREATE TABLE pairs (source int8, target int8)")
        with connection.cursor() as cursor, cursor.copy("COPY pairs FROM STDIN") as copy:
            for pair in zip(pairs.from_node.tolist(), pairs.to_node.tolist(), strict=True):
                copy.write_row(pair)
        rows = connection.execute(f"SELECT * FROM pgr_dijkstraCost('{EDGES}', 'SELECT * FROM pairs')").fetchall()
    costs = {(start, end): cost for start, end, cost in rows} | {(node, node): 0.0 for node in pairs.from_node}
    keys = zip(pairs.from_node.tolist(), pairs.to_node.tolist(), strict=True)
    return np.array([costs.get(key, np.inf) for key in keys])


def _agree(databases: WorkerDatabases, streets: Streets, network: StreetNetwork) -> NDArray[np.float64]:
    pairs = random_pairs(streets, network, 100, 10, seed=5)
    name = databases.make_empty()
    theirs = _seconds(databases.url(name, SUPERUSER), streets, pairs)
    databases.drop(name)
    ours = meters_on_foot(network, pairs) / WALKING_METERS_PER_SECOND
    assert np.array_equal(np.isfinite(ours), np.isfinite(theirs))
    found = np.isfinite(ours)
    assert np.abs(ours[found] - theirs[found]).max() < 0.01
    return ours


@pytest.mark.oracle
def test_pgrouting_agrees_in_a_made_town(databases: WorkerDatabases) -> None:
    plan = _made_town(3)
    ours = _agree(databases, plan.streets(), plan.network())
    assert 900 < np.isfinite(ours).sum() < 1_000  # closed gates cut some corners off


@pytest.mark.oracle
def test_pgrouting_agrees_in_monaco(databases: WorkerDatabases) -> None:
    ours = _agree(databases, streets_of("monaco"), network_of("monaco"))
    assert np.isfinite(ours).sum() > 800
