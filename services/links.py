"""Where homes, posts and service points meet the streets: linked once a network, stored, linked again on a change."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gis.linking import Linker, Unlinked
from gis.streetnetwork import StreetNetwork
from services import networks
from services.models import StreetLink

GRAPHS = ("foot", "ebike", "car")
PARTS = ("edge", "fraction", "door_meters")
LINK_COLUMNS = tuple(f"{graph}_{part}" for graph in GRAPHS for part in PARTS)
COLUMNS = ("owner_id", "network_version", *LINK_COLUMNS, "reason")
PLACES = """
SELECT id, ST_X(location), ST_Y(location) FROM households WHERE closed_at IS NULL
UNION ALL SELECT id, ST_X(post), ST_Y(post) FROM workers WHERE disabled_at IS NULL
UNION ALL SELECT id, ST_X(location), ST_Y(location) FROM service_points
"""
BATCH = 50_000


def link_rows(
    network: StreetNetwork, owner_ids: Sequence[uuid.UUID], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> Iterator[tuple[Any, ...]]:
    """The rows of `street_links` (in the order of COLUMNS) for places in degrees, all three graphs at once."""
    linker = Linker(network)
    found = {graph: linker.link(lon, lat, graph) for graph in GRAPHS}
    columns: list[Sequence[Any]] = [list(owner_ids), [network.version] * len(owner_ids)]
    for graph in GRAPHS:
        links = found[graph]
        columns += [links.edge.tolist(), links.fraction.tolist(), links.door_meters.tolist()]
    columns.append([None if why == Unlinked.LINKED else Unlinked(why).name for why in found["foot"].reason])
    return zip(*columns, strict=True)


def relink_all(connection: psycopg.Connection[Any], network: StreetNetwork) -> int:
    """Link every home, post and service point anew in the caller's transaction; how many were linked."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM street_links")
        cursor.execute(PLACES)
        places = cursor.fetchall()
    for start in range(0, len(places), BATCH):
        copy_links(connection, network, places[start : start + BATCH])
    return len(places)


def copy_links(
    connection: psycopg.Connection[Any], network: StreetNetwork, places: Sequence[tuple[uuid.UUID, float, float]]
) -> None:
    """Link `places` (owner, degrees) that have no link yet, and store the links."""
    owners, lon, lat = zip(*places, strict=True) if places else ((), (), ())
    rows = link_rows(network, owners, np.array(lon, np.float64), np.array(lat, np.float64))
    with connection.cursor() as cursor, cursor.copy(f"COPY street_links ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


async def link_owner(session: AsyncSession, owner_id: uuid.UUID, lon: float, lat: float) -> None:
    """Link one place to the network in use and store it; without a network it waits for the import of streets."""
    if networks.CURRENT.version is None:
        return
    row = next(link_rows(networks.current(), [owner_id], np.array([lon]), np.array([lat])))
    values = dict(zip(COLUMNS, row, strict=True))
    statement = insert(StreetLink).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=[StreetLink.owner_id], set_=values))
