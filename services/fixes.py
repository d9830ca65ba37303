"""Fixes of many workers, kept in one message to the store, which answers with the workers.

A transaction of a session is five messages, and as many turns of the event loop. This is one statement on a direct line
(`services.direct_lines`), a transaction by itself.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from geoalchemy2 import WKBElement
from psycopg.sql import Literal

from services.database import Identity, told
from services.direct_lines import DirectLines, Question
from services.models.workers import Worker, WorkerRole, WorkerStatus
from services.workers import KEEP_POSITIONS, Fix, columns_of

KEEP = f"""
WITH hurry AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), kept AS ({KEEP_POSITIONS})
SELECT CAST(coalesce(json_agg(found), '[]') AS text) FROM (
  SELECT workers.id, code, name, role, status, data_key, phone_sealed, skills, languages, CAST(post AS text) AS post,
         disabled_at, feature_id
  FROM hurry CROSS JOIN workers WHERE workers.id = ANY (CAST(:worker_id AS uuid[]))
) AS found
"""
NAMES = ("worker_id", "longitude", "latitude", "accuracy_meters", "fixed_at", "received_at")
STATEMENT = re.sub(r"(?<!:):([a-z_]+)", lambda found: f"${NAMES.index(found[1]) + 1}", KEEP)


async def keep(lines: DirectLines, speaker: Identity, fixes: Sequence[Fix]) -> dict[uuid.UUID, Worker]:
    """Store checked fixes, the newest of each worker; the workers, who are not to be changed here.

    Raises what psycopg raises, such as for a worker that is gone; then nothing was stored. Raises
    sqlalchemy.exc.OperationalError when the store is not to be reached.
    """
    question = Question.of(Literal(told(speaker)).as_string(None), STATEMENT, NAMES)
    (answer,) = await lines.ask([question], {name: _array(values) for name, values in columns_of(fixes).items()})
    return {worker.id: worker for worker in map(_worker, orjson.loads(answer))}


def _array(values: Sequence[Any]) -> str:
    """As PostgreSQL writes an array of ids, numbers or moments: none of them needs quoting."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _worker(told: dict[str, Any]) -> Worker:
    left = {**told, "id": uuid.UUID(told["id"]), "role": WorkerRole(told["role"])}
    left["status"] = WorkerStatus(told["status"])
    left["post"] = WKBElement(bytes.fromhex(told["post"]), extended=True)
    for name in ("data_key", "phone_sealed"):
        left[name] = None if told[name] is None else bytes.fromhex(told[name].removeprefix("\\x"))
    left["disabled_at"] = told["disabled_at"] and datetime.fromisoformat(told["disabled_at"])
    return Worker(**left)
