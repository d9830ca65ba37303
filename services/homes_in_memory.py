"""The homes of the store brought into memory, and kept there until homes, care or streets change."""

import asyncio
import struct
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from gis.linking import PointLinks, stairs_seconds
from gis.streetnetwork import StreetNetwork
from services import contents
from services.contents import Content
from services.database import speaking_as
from services.homes import Homes
from services.links import GRAPHS

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("feature_id", ">i8", "h.feature_id"),
    ("lon", ">f8", "ST_X(h.location)"),
    ("lat", ">f8", "ST_Y(h.location)"),
    ("grid", "V16", "h.grid_id"),
    ("floor", ">i4", "coalesce(h.floor, 1)"),
    ("has_lift", "?", "h.has_lift"),
    ("residents", ">i4", "coalesce(r.people, 0)::int4"),
    *(
        (f"{graph}_{part}", kind, f"coalesce(l.{graph}_{part}, {missing})::{cast}")
        for graph in GRAPHS
        for part, kind, missing, cast in (
            ("edge", ">i4", -1, "int4"),
            ("fraction", ">f8", 0, "float8"),
            ("door_meters", ">f8", 0, "float8"),
        )
    ),
)
_HOMES = f"""
COPY (
  SELECT {", ".join(expression for _, _, expression in _COLUMNS)}
  FROM households h
  LEFT JOIN (
    SELECT household_id, count(*) AS people FROM residences JOIN residents p ON p.id = resident_id AND NOT p.restricted
    WHERE until IS NULL GROUP BY household_id
  ) r ON r.household_id = h.id
  LEFT JOIN street_links l ON l.owner_id = h.id AND l.network_version = '{{network_version}}'
  WHERE h.closed_at IS NULL AND NOT h.restricted ORDER BY h.feature_id
) TO STDOUT (FORMAT BINARY)
"""
_IN_CARE = """
SELECT h.feature_id, c.category_id, count(DISTINCT c.resident_id)
FROM care_records c
JOIN residences r ON r.resident_id = c.resident_id AND r.until IS NULL
JOIN households h ON h.id = r.household_id AND h.closed_at IS NULL AND NOT h.restricted
JOIN residents p ON p.id = c.resident_id AND NOT p.restricted
JOIN care_categories k ON k.id = c.category_id AND k.sensitivity <> 'SEALED'
WHERE c.closed_at IS NULL AND c.consent_at IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""
_GRIDS = "SELECT id, code FROM areas WHERE level = 'GRID' AND retired_at IS NULL ORDER BY code"


class HomesInMemory:
    """This process's homes, one set a database; loaded again when homes, care, areas or streets have changed."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._homes: dict[str, Homes] = {}
        self._turn = asyncio.Lock()

    async def get(self, session: AsyncSession, network: StreetNetwork) -> Homes:
        """The homes as they are now, linked to `network`."""
        version = await contents.versions(session, (Content.AREAS, Content.CARE, Content.HOMES))
        store = str(session.get_bind().engine.url)
        async with self._turn:
            found = self._homes.get(store)
            if found is None or (found.version, found.network_version) != (version, network.version):
                async with speaking_as(session, "audit"):  # every home counts, and only numbers leave
                    found = self._homes[store] = await load(session, network, version)
            return found


IN_MEMORY = HomesInMemory()


async def load(session: AsyncSession, network: StreetNetwork, version: tuple[int, ...]) -> Homes:
    """All standing homes with their links to `network`; a home without a link of this version counts as unlinked."""
    rows = await _copied(session, _HOMES.format(network_version=network.version))
    care = (await session.execute(sa.text(_IN_CARE))).all()
    grids = (await session.execute(sa.text(_GRIDS))).all()
    return await asyncio.to_thread(_columns, rows, care, grids, network.version, version)


async def _copied(session: AsyncSession, statement: str) -> bytes:
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    blocks: list[bytes] = []
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        async for block in copy:
            blocks.append(bytes(block))
    return b"".join(blocks)


def _columns(rows: bytes, care: Any, grids: Any, network_version: str, version: tuple[int, ...]) -> Homes:
    table = _parsed(rows)
    number = {grid.id.bytes: at for at, grid in enumerate(grids)}
    distinct, which = np.unique(table["grid"], return_inverse=True)
    of_distinct = np.array([number.get(bytes(one), -1) for one in distinct], np.int32)
    feature_id = table["feature_id"].astype(np.int64)
    categories = sorted({row[1] for row in care})
    category_number = {category: at for at, category in enumerate(categories)}
    return Homes(
        version=version,
        network_version=network_version,
        feature_id=feature_id,
        lon=table["lon"].astype(np.float64),
        lat=table["lat"].astype(np.float64),
        grid=of_distinct[which] if len(of_distinct) else np.zeros(0, np.int32),
        residents=table["residents"].astype(np.int32),
        stairs=stairs_seconds(table["floor"].astype(np.float64), table["has_lift"]),
        links={graph: _links(table, graph) for graph in GRAPHS},
        grid_ids=tuple(grid.id for grid in grids),
        grid_codes=tuple(grid.code for grid in grids),
        care_home=np.searchsorted(feature_id, np.array([row[0] for row in care], np.int64)).astype(np.int32),
        care_category=np.array([category_number[row[1]] for row in care], np.int32),
        care_people=np.array([row[2] for row in care], np.int32),
        category_ids=tuple(categories),
    )


def _parsed(copied: bytes) -> NDArray[Any]:
    """Rows of PostgreSQL's binary COPY as a table: no column is null, so every row has the same width."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind, _ in _COLUMNS:
        fields += [(f"{name} width", ">i4"), (name, kind)]
    header = 19 + struct.unpack(">i", copied[15:19])[0]
    row = np.dtype(fields)
    return np.frombuffer(copied, row, count=(len(copied) - header - 2) // row.itemsize, offset=header)


def _links(table: NDArray[Any], graph: str) -> PointLinks:
    edge = table[f"{graph}_edge"].astype(np.int32)
    blank = np.zeros(len(edge))
    return PointLinks(
        edge=edge,
        fraction=table[f"{graph}_fraction"].astype(np.float64),
        door_meters=table[f"{graph}_door_meters"].astype(np.float64),
        street=np.full(len(edge), -1, np.int64),
        x=blank,
        y=blank,
        reason=np.zeros(len(edge), np.uint8),
    )
