"""After boundaries came in: homes and service points go to the grid in which they lie now, with an event each."""

import uuid
from collections.abc import Iterator
from typing import Any

from services.imports.jobs import Job
from services.imports.places import Grids, standing_grids
from services.imports.problems import FileNotFit, NoGrids
from services.imports.staging import copy_into
from services.models import new_id


class HomesWithoutGrid(FileNotFit):
    """{count} homes or service points would lie in no grid, the first is {subject}. Extend the grids to hold them."""


def regrid(job: Job) -> None:
    """Move whatever lies in another grid than it is counted in. HomesWithoutGrid when something lies in none."""
    try:
        grids = standing_grids(job)
    except NoGrids:
        return
    job.cursor.execute("CREATE TEMPORARY TABLE moved_places (id uuid, event_id uuid, grid_id uuid) ON COMMIT DROP")
    for table in ("households", "service_points"):
        for batch in _batches(job, table):
            copy_into(job.cursor, "moved_places", ("id", "event_id", "grid_id"), _moved(batch, grids))
    job.cursor.execute("ANALYZE moved_places")
    _record(job)
    job.cursor.execute(
        "UPDATE households t SET grid_id = m.grid_id, version = t.version + 1 FROM moved_places m WHERE m.id = t.id"
    )
    job.cursor.execute("UPDATE service_points t SET grid_id = m.grid_id FROM moved_places m WHERE m.id = t.id")


def _batches(job: Job, table: str) -> Iterator[list[tuple[Any, ...]]]:
    closed = " WHERE closed_at IS NULL" if table == "households" else ""
    query = f"SELECT id, code, grid_id, ST_X(location), ST_Y(location) FROM {table}{closed}"
    job.cursor.execute(f"DECLARE placed NO SCROLL CURSOR FOR {query}")
    while rows := job.rows(f"FETCH {job.options.rows_at_a_time} FROM placed"):
        yield rows
    job.cursor.execute("CLOSE placed")


def _moved(rows: list[tuple[Any, ...]], grids: Grids) -> Iterator[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]:
    numbers = grids.index.numbers_at([row[3] for row in rows], [row[4] for row in rows])
    lost = [row[1] for row, number in zip(rows, numbers.tolist(), strict=True) if number < 0]
    if lost:
        raise HomesWithoutGrid(lost[0], count=len(lost))
    for row, number in zip(rows, numbers.tolist(), strict=True):
        if grids.ids[number] != row[2]:
            yield row[0], new_id(), grids.ids[number]


def _record(job: Job) -> None:
    job.cursor.execute(
        """
        INSERT INTO household_events (id, household_id, at, kind, before, after, grid_version_id)
        SELECT m.event_id, h.id, %s, 'REGRIDDED', jsonb_build_object('grid', old.code),
               jsonb_build_object('grid', new.code), v.id
        FROM moved_places m JOIN households h ON h.id = m.id
        JOIN areas old ON old.id = h.grid_id JOIN areas new ON new.id = m.grid_id
        LEFT JOIN area_versions v ON v.area_id = m.grid_id AND v.valid_to IS NULL
        """,
        (job.now,),
    )
