"""Many rows in one statement: sent as one JSON, and taken apart by PostgreSQL by the types of their table.

One statement a row waits for an answer a row, which a thousand rows turn into a second.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from services.models.base import Base


def inserting(table: type[Base], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Insert of rows that all name the same columns (at least one row; no bytes among their values)."""
    columns = [table.__table__.columns[name] for name in rows[0]]
    names = ", ".join(column.name for column in columns)
    told = f"SELECT {names} FROM json_populate_recordset(NULL::{table.__tablename__}, CAST(:rows AS json))"
    given = sa.text(told).bindparams(rows=orjson.dumps(rows, default=dict).decode())
    return insert(table).from_select([column.name for column in columns], given.columns(*columns))
