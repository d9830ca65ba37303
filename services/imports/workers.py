"""Workers: who they are, where they serve, and their weekly duty, from which their shifts follow."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from services import clock
from services.contents import Content
from services.imports import homelinks, places, staging
from services.imports.areacodes import area_code
from services.imports.columns import Column
from services.imports.duty import opening_hours
from services.imports.dutypatterns import keep_patterns
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target
from services.imports.sealed import Sealed, resealed, stored_sealed
from services.imports.tables import TableImport
from services.imports.values import code, one_of, telephone, text, words
from services.models import WorkerRole, new_id

PHONE = "workers.phone"
ROLES = {
    "网格员": WorkerRole.GRID_WORKER,
    "志愿者": WorkerRole.VOLUNTEER,
    "社区工作者": WorkerRole.COMMUNITY_STAFF,
    "社工": WorkerRole.SOCIAL_WORKER,
}
TARGET = Target(
    table="workers",
    match="t.code = s.code",
    fields=(
        Field("code", "s.code", "code"),
        Field("name", "s.name", "name"),
        Field("role", "s.role", "role"),
        Field("data_key", "s.data_key", "code", compared=False),
        Field("phone_sealed", "s.phone_sealed", "phone"),
        Field("skills", "coalesce(s.skills, '{}')", "skills"),
        Field("languages", "coalesce(s.languages, '{}')", "languages"),
        Field("post", "ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)", "longitude"),
    ),
    new=(("status", "'OFF_DUTY'"),),
)
# One standing area for each worker of the file: what differs ends today, and the new one begins.
AREAS = """
CREATE TEMPORARY TABLE wanted_areas ON COMMIT DROP AS
SELECT s.row_number, s.assignment_id, w.id AS worker_id, a.id AS area_id
FROM staged_rows s JOIN workers w ON w.code = s.code JOIN areas a ON a.code = s.area_code AND a.retired_at IS NULL
WHERE NOT EXISTS (SELECT FROM assignments n WHERE n.worker_id = w.id AND n.area_id = a.id AND n.until IS NULL)
"""
ENDED = """
UPDATE assignments n SET until = greatest(%(today)s, n.since) FROM wanted_areas w
WHERE n.worker_id = w.worker_id AND n.until IS NULL
"""
BEGUN = """
INSERT INTO assignments (id, worker_id, area_id, since)
SELECT assignment_id, worker_id, area_id, %(today)s FROM wanted_areas
"""


class WorkerImport(TableImport):
    """Workers by their code (工号)."""

    kind = "workers"
    contents = (Content.WORKERS,)
    columns = (
        Column("code", "工号", code(), "W001", required=True),
        Column("name", "姓名", text(80), "乙某某", required=True),
        Column("role", "角色", one_of(WorkerRole, ROLES), "网格员", required=True),
        Column("phone", "电话", telephone, "13800000002", also=("手机", "联系电话")),
        Column("skills", "技能", words, "急救;心理"),
        Column("languages", "语言", words, "普通话;苗语"),
        Column("area_code", "区域编号", area_code, "529901001001001", required=True, also=("网格编号",)),
        places.LONGITUDE,
        places.LATITUDE,
        Column("duty", "值班", opening_hours, "1-5 08:30-17:30;6-7 09:00-12:00", also=("值班时间",)),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "assignment_id": "uuid",
        "code": "text",
        "name": "text",
        "role": "text",
        "skills": "text[]",
        "languages": "text[]",
        "area_code": "text",
        "lon": "double precision",
        "lat": "double precision",
        "duty": "jsonb",
        "data_key": "bytea",
        "phone_sealed": "bytea",
    }

    def refine(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        """All, in WGS 84; what is stored of them is fetched."""
        codes = [row.values["code"] for row in rows]
        self.stored: dict[object, Sealed] = stored_sealed(job, "workers", "code", codes, ("phone_sealed",))
        return places.turned(job, rows)

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says."""
        get = row.values.get
        data_key, (phone,) = resealed(job.keyring, {PHONE: get("phone")}, self.stored.get(get("code")))
        who = (get("code"), get("name"), get("role"), get("skills"), get("languages"), get("area_code"))
        return (new_id(), new_id(), *who, get("lon"), get("lat"), Jsonb(get("duty") or []), data_key, phone)

    def check(self, job: Job) -> None:
        """Codes that come twice, areas that are not there."""
        staging.refuse_repeated(job.cursor, ("code",), "code")
        staging.refuse_where(
            job.cursor,
            "area_code",
            "AREA_UNKNOWN",
            "'No area has the code ' || s.area_code || '. Import the areas first, or mend the code.'",
            "staged_rows s WHERE NOT EXISTS (SELECT FROM areas a WHERE a.code = s.area_code AND a.retired_at IS NULL)",
        )

    def merge(self, job: Job) -> None:
        """The workers, their areas, their duty; those who moved are linked to the streets anew."""
        moved = ", ROW(ST_X(t.post), ST_Y(t.post)) IS DISTINCT FROM ROW(s.lon, s.lat) AS moved"
        TARGET.mark_changed(job.cursor, job.present, None, moved)
        TARGET.update(job.cursor, job.present)
        homelinks.unlink(job, "changed_rows WHERE moved")
        TARGET.insert(job.cursor)
        today = {"today": clock.today()}
        job.cursor.execute(AREAS)
        job.cursor.execute(ENDED, today)
        job.cursor.execute(BEGUN, today)
        staging.touch(job.cursor, "wanted_areas", added=False)
        if "duty" in job.present:
            keep_patterns(job)
        homelinks.link_missing(job, "workers")
