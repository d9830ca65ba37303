"""Organisations of a neighbourhood and their members, by code."""

from typing import Any

from services.contents import Content
from services.imports import staging
from services.imports.areacodes import area_code
from services.imports.columns import Column
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target, merge
from services.imports.tables import TableImport
from services.imports.values import code, codes, one_of, text
from services.models import OrganisationKind, new_id

KINDS = {
    "志愿者队伍": OrganisationKind.VOLUNTEER_TEAM,
    "党小组": OrganisationKind.PARTY_GROUP,
    "业主委员会": OrganisationKind.OWNERS_COMMITTEE,
    "平安联盟": OrganisationKind.SAFETY_TEAM,
}
AREA = "(SELECT a.id FROM areas a WHERE a.code = s.area_code AND a.retired_at IS NULL)"

TARGET = Target(
    table="organisations",
    match="t.code = s.code",
    fields=(
        Field("code", "s.code", "code"),
        Field("kind", "s.kind", "kind"),
        Field("name", "s.name", "name"),
        Field("name_en", "s.name_en", "name_en"),
        Field("area_id", AREA, "area_code"),
    ),
)
MEMBERS = """
CREATE TEMPORARY TABLE wanted_members ON COMMIT DROP AS
SELECT s.row_number, o.id AS organisation_id, w.id AS worker_id
FROM staged_rows s JOIN organisations o ON o.code = s.code
CROSS JOIN LATERAL unnest(s.members) AS member (code) JOIN workers w ON w.code = member.code
"""
GONE = """
WITH gone AS (
  DELETE FROM organisation_members m USING staged_rows s JOIN organisations o ON o.code = s.code
  WHERE m.organisation_id = o.id AND NOT EXISTS
    (SELECT FROM wanted_members n WHERE n.organisation_id = m.organisation_id AND n.worker_id = m.worker_id)
  RETURNING s.row_number
)
INSERT INTO touched_rows SELECT row_number, false FROM gone
"""
COME = """
WITH come AS (
  INSERT INTO organisation_members (organisation_id, worker_id) SELECT organisation_id, worker_id FROM wanted_members
  ON CONFLICT DO NOTHING RETURNING organisation_id, worker_id
)
INSERT INTO touched_rows SELECT n.row_number, false FROM come JOIN wanted_members n USING (organisation_id, worker_id)
"""


class OrganisationImport(TableImport):
    """Organisations by their code (编号)."""

    kind = "organisations"
    contents = (Content.WORKERS,)
    columns = (
        Column("code", "编号", code(), "O001", required=True),
        Column("kind", "类型", one_of(OrganisationKind, KINDS), "志愿者队伍", required=True, also=("类别",)),
        Column("name", "名称", text(80), "桂花志愿服务队", required=True),
        Column("name_en", "英文名", text(120), "Guihua Volunteers"),
        Column("area_code", "区域编号", area_code, "529901001001", required=True),
        Column("members", "成员", codes, "W001;W002"),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "code": "text",
        "kind": "text",
        "name": "text",
        "name_en": "text",
        "area_code": "text",
        "members": "text[]",
    }

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says."""
        return (new_id(), *(row.get(name) for name in ("code", "kind", "name", "name_en", "area_code", "members")))

    def check(self, job: Job) -> None:
        """Codes that come twice, areas and workers that are not there."""
        staging.refuse_repeated(job.cursor, ("code",), "code")
        staging.refuse_where(
            job.cursor,
            "area_code",
            "AREA_UNKNOWN",
            "'No area has the code ' || s.area_code || '. Import the areas first, or mend the code.'",
            f"staged_rows s WHERE {AREA} IS NULL",
        )
        staging.refuse_where(
            job.cursor,
            "members",
            "WORKER_UNKNOWN",
            "'No worker has the code ' || member.code || '. Import the workers first, or mend the code.'",
            "staged_rows s CROSS JOIN LATERAL unnest(s.members) AS member (code)"
            " WHERE NOT EXISTS (SELECT FROM workers w WHERE w.code = member.code)",
        )

    def merge(self, job: Job) -> None:
        """The organisations, then their members; a file without the column leaves the members alone."""
        merge(job.cursor, TARGET, job.present)
        if "members" in job.present:
            for statement in (MEMBERS, GONE, COME):
                job.cursor.execute(statement)
