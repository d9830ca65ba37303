"""The streets in the store: pgRouting-shaped rows, built into a network, everything linked to it, in one act."""

from collections.abc import Iterable
from typing import Any

import psycopg
import shapely
from psycopg.types.json import Jsonb

from gis.barriers import GateRow, Gates, WallRow, Walls
from gis.network import build_network
from gis.streetnetwork import StreetNetwork
from gis.streets import StreetRow, Streets
from services import clock, contents, links
from services.contents import Content
from services.database import plain_sql
from services.models import new_id

STREET_COLUMNS = (*(name for name in StreetRow._fields if name != "geometry"), "geom")


def store(connection: psycopg.Connection[Any], streets: Streets, source_name: str) -> StreetNetwork:
    """Replace the streets by `streets`, build their network, make it the current one and link everything to it.

    All in the caller's transaction. The same streets again give the same version and change nothing.
    """
    network = build_network(streets)
    if _is_current(connection, network.version):
        return network
    connection.execute("DELETE FROM streets; DELETE FROM barriers; DELETE FROM map_features")
    _copy(connection, "streets", STREET_COLUMNS, (_street(row) for row in streets.rows()))
    _copy(connection, "barriers", ("osm", "kind", "closed", "geom"), _barriers(streets.gates, streets.walls))
    _copy(connection, "map_features", ("osm", "kind", "name", "name_en", "levels", "geom"), _features(streets))
    _keep(connection, network, streets, source_name)
    links.relink_all(connection, network)
    connection.execute(plain_sql(contents.raised(Content.STREETS, Content.HOMES)))
    return network


def load(connection: psycopg.Connection[Any]) -> Streets:
    """The streets as they are in the store, so that a network can be built without the file."""
    fields = ", ".join(name if name != "geometry" else "ST_AsBinary(geom)" for name in StreetRow._fields)
    gates = "SELECT osm, ST_X(geom), ST_Y(geom), kind, closed FROM barriers WHERE closed IS NOT NULL ORDER BY osm"
    walls = "SELECT osm, kind, ST_AsBinary(geom) FROM barriers WHERE closed IS NULL ORDER BY id"
    return Streets.from_rows(
        (StreetRow(*row) for row in connection.execute(f"SELECT {fields} FROM streets")),
        Gates.from_rows(GateRow(*row) for row in connection.execute(gates)),
        Walls.from_rows(WallRow(*row) for row in connection.execute(walls)),
    )


def _is_current(connection: psycopg.Connection[Any], version: str) -> bool:
    found = connection.execute("SELECT 1 FROM networks WHERE current AND version = %s", [version])
    return found.fetchone() is not None


def _keep(connection: psycopg.Connection[Any], network: StreetNetwork, streets: Streets, source_name: str) -> None:
    report = {"kept": streets.report.kept, "dropped": streets.report.dropped, "network": network.report}
    connection.execute("UPDATE networks SET current = false WHERE current")
    connection.execute(
        "INSERT INTO networks (id, version, built_at, current, source_name, report, content)"
        " VALUES (%s, %s, %s, true, %s, %s, %s)"
        " ON CONFLICT (version) DO UPDATE SET current = true, built_at = excluded.built_at",
        [new_id(), network.version, clock.now(), source_name, Jsonb(report), network.to_bytes()],
    )


def _street(row: StreetRow) -> tuple[Any, ...]:
    return (*row[:-1], row.geometry.hex())


def _barriers(gates: Gates, walls: Walls) -> Iterable[tuple[Any, ...]]:
    for gate in gates.rows():
        yield gate.node, gate.kind, gate.closed, shapely.Point(gate.lon, gate.lat).wkb_hex
    for wall in walls.rows():
        yield wall.way, wall.kind, None, wall.geometry.hex()


def _features(streets: Streets) -> Iterable[tuple[Any, ...]]:
    found = streets.features
    columns = (found.osm.tolist(), found.kind, found.name, found.name_en, found.levels.tolist())
    return zip(*columns, shapely.to_wkb(found.geometry, hex=True), strict=True)


def _copy(
    connection: psycopg.Connection[Any], table: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
