"""Who lives where, after people came in: a move ends one span and begins another, and both homes get an event."""

from datetime import date

from services.imports.jobs import Job
from services.imports.staging import touch

MOVES = """
CREATE TEMPORARY TABLE moves ON COMMIT DROP AS
SELECT s.row_number, s.residence_id, s.joined_id, s.left_id, p.id AS resident_id, h.id AS household_id,
       r.id AS old_id, r.household_id AS old_household_id, r.since AS old_since,
       coalesce(s.since, %(today)s) AS since, coalesce(s.relation, '其他') AS relation
FROM staged_rows s JOIN residents p ON p.code = s.code JOIN households h ON h.code = s.household_code
LEFT JOIN residences r ON r.resident_id = p.id AND r.until IS NULL
WHERE r.household_id IS DISTINCT FROM h.id
"""
ENDED = "UPDATE residences r SET until = greatest(m.since, r.since) FROM moves m WHERE r.id = m.old_id"
BEGUN = """
INSERT INTO residences (id, resident_id, household_id, relation, since)
SELECT residence_id, resident_id, household_id, relation, since FROM moves
"""
EVENTS = """
INSERT INTO household_events (id, household_id, at, kind, before, after, grid_version_id)
SELECT e.id, e.household_id, %(now)s, e.kind, e.before, e.after, v.id
FROM (
  SELECT left_id AS id, old_household_id AS household_id, 'LEFT' AS kind,
         jsonb_build_object('resident_id', resident_id, 'since', old_since) AS before,
         jsonb_build_object('resident_id', resident_id, 'until', since) AS after
  FROM moves WHERE old_id IS NOT NULL
  UNION ALL
  SELECT joined_id, household_id, 'JOINED', NULL,
         jsonb_build_object('resident_id', resident_id, 'relation', relation, 'since', since)
  FROM moves
) AS e
JOIN households h ON h.id = e.household_id
LEFT JOIN area_versions v ON v.area_id = h.grid_id AND v.valid_to IS NULL
"""
# The same home, but the file tells the relation or the first day differently.
CORRECTED = """
CREATE TEMPORARY TABLE corrected ON COMMIT DROP AS
SELECT s.row_number, r.id, coalesce(s.relation, r.relation) AS relation, coalesce(s.since, r.since) AS since
FROM staged_rows s JOIN residents p ON p.code = s.code
JOIN residences r ON r.resident_id = p.id AND r.until IS NULL
WHERE ROW(r.relation, r.since) IS DISTINCT FROM ROW(coalesce(s.relation, r.relation), coalesce(s.since, r.since))
"""


def settle(job: Job, today: date) -> None:
    """Bring the residences in line with the staged people; `today` stands for a day that the file does not tell."""
    job.cursor.execute(CORRECTED)
    job.cursor.execute(MOVES, {"today": today})
    job.cursor.execute("DELETE FROM corrected c USING moves m WHERE m.row_number = c.row_number")
    job.cursor.execute(
        "UPDATE residences r SET relation = c.relation, since = c.since FROM corrected c WHERE c.id = r.id"
    )
    job.cursor.execute(ENDED)
    job.cursor.execute(BEGUN)
    job.cursor.execute(EVENTS, {"now": job.now})
    touch(job.cursor, "corrected", added=False)
    touch(job.cursor, "moves", added=False)
