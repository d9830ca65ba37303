"""Care records: who is cared for in which category, since when with whose consent, by which team; notes are sealed."""

from collections.abc import Sequence
from typing import Any

from services.contents import Content
from services.imports import staging
from services.imports.columns import Column
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target, merge
from services.imports.sealed import Sealed, resealed
from services.imports.tables import TableImport
from services.imports.values import code, codes, day, text
from services.models import new_id

NOTES = "care_records.notes"

TARGET = Target(
    table="care_records",
    match="t.resident_id = s.resident_id AND t.category_id = s.category_id AND t.closed_at IS NULL",
    fields=(
        Field("resident_id", "s.resident_id", "resident_code"),
        Field("category_id", "s.category_id", "category"),
        Field("level", "s.level", "level"),
        Field("data_key", "s.data_key", "category", compared=False),
        Field("notes_sealed", "s.notes_sealed", "notes"),
        Field("consent_at", "s.consent_at", "consent_at"),
        Field("consent_by", "s.consent_by", "consent_by"),
        Field("review_due_at", "s.review_due_at", "review_due"),
    ),
    new=(("opened_at", "%(now)s"),),
)

TEAMS = """
CREATE TEMPORARY TABLE wanted_members ON COMMIT DROP AS
SELECT s.row_number, r.id AS care_record_id, w.id AS worker_id, w.role AS duty
FROM staged_rows s
JOIN care_records r ON r.resident_id = s.resident_id AND r.category_id = s.category_id AND r.closed_at IS NULL
CROSS JOIN LATERAL unnest(s.team) AS member (code) JOIN workers w ON w.code = member.code
"""
GONE = """
WITH gone AS (
  DELETE FROM care_team_members m USING staged_rows s
  JOIN care_records r ON r.resident_id = s.resident_id AND r.category_id = s.category_id AND r.closed_at IS NULL
  WHERE m.care_record_id = r.id AND s.team IS NOT NULL AND NOT EXISTS
    (SELECT FROM wanted_members n WHERE n.care_record_id = m.care_record_id AND n.worker_id = m.worker_id)
  RETURNING s.row_number
)
INSERT INTO touched_rows SELECT row_number, false FROM gone
"""
COME = """
WITH come AS (
  INSERT INTO care_team_members (care_record_id, worker_id, duty)
  SELECT care_record_id, worker_id, duty FROM wanted_members
  ON CONFLICT DO NOTHING RETURNING care_record_id, worker_id
)
INSERT INTO touched_rows SELECT n.row_number, false FROM come JOIN wanted_members n USING (care_record_id, worker_id)
"""


class CareImport(TableImport):
    """Care records by person and category; one open record for each pair."""

    kind = "care-records"
    contents = (Content.CARE,)
    columns = (
        Column("resident_code", "人员编号", code(), "P000001", required=True, also=("居民编号",)),
        Column("category", "类别", text(40), "ELDER_ALONE", required=True, also=("关爱类别",)),
        Column("level", "级别", text(20), "HIGH", also=("等级",)),
        Column("consent_at", "同意日期", day, "2026-01-15"),
        Column("consent_by", "同意人", text(40), "本人"),
        Column("review_due", "复核日期", day, "2027-01-15", also=("review_due_at",)),
        Column("notes", "备注", text(4000), "楼梯陡，敲门请大声"),
        Column("team", "小组", codes, "W001;W002", also=("责任人",)),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "resident_id": "uuid",
        "category_id": "uuid",
        "level": "text",
        "consent_at": "date",
        "consent_by": "text",
        "review_due_at": "date",
        "data_key": "bytea",
        "notes_sealed": "bytea",
        "team": "text[]",
    }

    def begin(self, job: Job) -> None:
        """The categories, by code and by both names."""
        rows = job.rows("SELECT id, code, name, name_en, visit_days_by_level FROM care_categories ORDER BY code")
        self.categories = {str(word).casefold(): row for row in rows for word in row[1:4]}
        self.category_codes = ", ".join(f"{row[1]} ({row[2]})" for row in rows)

    def refine(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        """Those whose person, category and level are known; what is stored of them is fetched."""
        self._fetch(job, [row.values["resident_code"] for row in rows])
        return [row for row in rows if self._known(job, row)]

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says."""
        get = row.values.get
        pair = (get("resident_id"), get("category_id"))
        data_key, (notes,) = resealed(job.keyring, {NOTES: get("notes")}, self.stored.get(pair))
        consent = (get("consent_at"), get("consent_by"), get("review_due"))
        return (new_id(), *pair, get("level"), *consent, data_key, notes, get("team"))

    def check(self, job: Job) -> None:
        """Records that come twice, workers that are not there."""
        staging.refuse_repeated(job.cursor, ("resident_id", "category_id"), "resident_code")
        staging.refuse_where(
            job.cursor,
            "team",
            "WORKER_UNKNOWN",
            "'No worker has the code ' || member.code || '. Import the workers first, or mend the code.'",
            "staged_rows s CROSS JOIN LATERAL unnest(s.team) AS member (code)"
            " WHERE NOT EXISTS (SELECT FROM workers w WHERE w.code = member.code)",
        )

    def merge(self, job: Job) -> None:
        """The records, then their teams; a file without the column leaves the teams alone."""
        merge(job.cursor, TARGET, job.present, {"now": job.now})
        if "team" in job.present:
            for statement in (TEAMS, GONE, COME):
                job.cursor.execute(statement)

    def _fetch(self, job: Job, resident_codes: list[str]) -> None:
        rows = job.rows(
            "SELECT p.code, p.id, r.category_id, r.id, r.data_key, r.notes_sealed FROM residents p"
            " LEFT JOIN care_records r ON r.resident_id = p.id AND r.closed_at IS NULL WHERE p.code = ANY(%s)",
            (resident_codes,),
        )
        self.residents = {row[0]: row[1] for row in rows}
        self.stored = {(row[1], row[2]): Sealed(row[3], row[4], (row[5],)) for row in rows if row[2] is not None}

    def _known(self, job: Job, row: Row) -> bool:
        resident = self.residents.get(row.values["resident_code"])
        category = self.categories.get(row.values["category"].casefold())
        if resident is None:
            reason = "No person has this code. Import the residents first, or mend the code."
            job.refuse(row, "resident_code", "RESIDENT_UNKNOWN", reason)
        elif category is None:
            job.refuse(row, "category", "CATEGORY_UNKNOWN", f"Write one of {self.category_codes}.")
        elif category[4] and row.get("level") not in (None, *category[4]):
            job.refuse(row, "level", "LEVEL_UNKNOWN", f"Here the level is one of {', '.join(category[4])}, or empty.")
        else:
            row.values["resident_id"], row.values["category_id"] = resident, category[0]
            return True
        return False
