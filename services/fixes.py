"""Fixes of many workers, kept in one message to the store, which answers with the workers.

A transaction of a session is five messages, and as many turns of the event loop. This is one (`Database.ask`).
"""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from services import json_rows
from services.database import Database, plain_sql
from services.models.workers import Worker
from services.workers import KEEP_POSITIONS, Fix, columns_of

NOT_FOR_THE_DISK = "SELECT set_config('synchronous_commit', 'off', true)"
_WORKERS = sa.select(*json_rows.columns_of(Worker, "worker")).where(
    Worker.id == sa.any_(sa.literal_column("CAST(:worker_id AS uuid[])"))
)
KEEP = f"WITH kept AS ({KEEP_POSITIONS}) {json_rows.every(plain_sql(_WORKERS))}"


async def keep(database: Database, fixes: Sequence[Fix]) -> dict[uuid.UUID, Worker]:
    """Store checked fixes, the newest of each worker; the workers, who are not to be changed here.

    Raises what psycopg raises, such as for a worker that is gone; then nothing was stored. Raises
    sqlalchemy.exc.OperationalError when the store is not to be reached.
    """
    columns = {name: _array(values) for name, values in columns_of(fixes).items()}
    _, answer = await database.ask(NOT_FOR_THE_DISK, KEEP, **columns)
    found = (json_rows.row_of(Worker, "worker", row) for row in orjson.loads(answer))
    return {worker.id: worker for worker in found if worker is not None}


def _array(values: Sequence[Any]) -> str:
    """As PostgreSQL writes an array of ids, numbers or moments: none of them needs quoting."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
