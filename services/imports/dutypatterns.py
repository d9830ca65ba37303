"""Weekly duties as the file tells them; where they differ, shifts that have not begun are planned anew."""

import uuid
from collections.abc import Iterator
from datetime import time

from services import shifts
from services.imports.jobs import Job
from services.imports.staging import copy_into, touch
from services.models import new_id

CHANGED = """
CREATE TEMPORARY TABLE changed_duty ON COMMIT DROP AS
SELECT s.row_number, w.id AS worker_id, s.duty
FROM staged_rows s JOIN workers w ON w.code = s.code
LEFT JOIN LATERAL (
  SELECT jsonb_agg(
    jsonb_build_array(to_jsonb(p.weekdays), to_char(p.starts, 'HH24:MI'), to_char(p.ends, 'HH24:MI'))
    ORDER BY p.weekdays, p.starts
  ) AS duty FROM duty_patterns p WHERE p.worker_id = w.id
) AS kept ON true
WHERE coalesce(kept.duty, '[]') <> s.duty
"""
NOT_BEGUN = """
DELETE FROM shifts t USING changed_duty c
WHERE t.worker_id = c.worker_id AND t.starts_at > %(now)s AND t.began_at IS NULL
"""
COLUMNS = ("id", "worker_id", "weekdays", "starts", "ends")
WORKERS_AT_A_TIME = 5_000


def keep_patterns(job: Job) -> None:
    """Replace the patterns that differ, and plan the shifts of the coming days."""
    job.cursor.execute(CHANGED)
    job.cursor.execute("DELETE FROM duty_patterns p USING changed_duty c WHERE p.worker_id = c.worker_id")
    job.cursor.execute(NOT_BEGUN, {"now": job.now})
    # Where row-level security holds, COPY brings nothing in.
    job.cursor.execute("CREATE TEMPORARY TABLE new_duty (LIKE duty_patterns) ON COMMIT DROP")
    job.cursor.execute("DECLARE duties NO SCROLL CURSOR FOR SELECT worker_id, duty FROM changed_duty")
    while rows := job.rows(f"FETCH {WORKERS_AT_A_TIME} FROM duties"):
        copy_into(job.cursor, "new_duty", COLUMNS, _patterns([(row[0], row[1]) for row in rows]))
    job.cursor.execute("CLOSE duties")
    job.cursor.execute("INSERT INTO duty_patterns TABLE new_duty")
    touch(job.cursor, "changed_duty", added=False)
    shifts.extend_now(job.cursor.connection, job.now + shifts.HORIZON)


def _patterns(rows: list[tuple[uuid.UUID, list[list[object]]]]) -> Iterator[tuple[object, ...]]:
    for worker_id, duty in rows:
        for weekdays, starts, ends in duty:
            yield new_id(), worker_id, weekdays, time.fromisoformat(str(starts)), time.fromisoformat(str(ends))
