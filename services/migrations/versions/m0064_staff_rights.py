"""Where workers are and when on duty, their trainings and kit, grants and deputies: rows of the own area

The statements stand here as they were written then: later policies are put by later revisions.
"""

from services.migrations.versions.m0050_rights import POLICY, run
from services.migrations.versions.m0060_case_rights import ROWS as FORMER
from services.migrations.versions.m0060_case_rights import put

revision = "0064"
down_revision = "0062"
branch_labels = None
depends_on = None

ROWS = {
    "presences": """false""",
    "positions": """worker_id = (SELECT linli_one('worker')) OR worker_id = ANY (SELECT unnest((SELECT linli_colleagues((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "shifts": """worker_id = (SELECT linli_one('worker')) OR worker_id = ANY (SELECT unnest((SELECT linli_colleagues((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "duty_patterns": """worker_id = (SELECT linli_one('worker')) OR worker_id = ANY (SELECT unnest((SELECT linli_colleagues((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "trainings": """worker_id = (SELECT linli_one('worker')) OR area_id = ANY (SELECT unnest((SELECT linli_inside((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "kit_issues": """worker_id = (SELECT linli_one('worker')) OR area_id = ANY (SELECT unnest((SELECT linli_inside((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "role_grants": """account_id = (SELECT linli_one('account')) OR area_id = ANY (SELECT unnest((SELECT linli_inside((SELECT linli_reach('areas')))))) OR (SELECT linli_everywhere('areas'))""",
    "deputies": """(SELECT linli_one('account')) IN (absent_id, deputy_id)""",
}
"""Which rows of a table somebody sees, besides the platform."""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION linli_inside(here uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(
    WITH RECURSIVE inside AS (
      SELECT id FROM areas WHERE id = ANY (here) UNION SELECT areas.id FROM areas JOIN inside ON parent_id = inside.id
    ) SELECT id FROM inside
  );
END $$;

CREATE OR REPLACE FUNCTION linli_colleagues(here uuid[]) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ARRAY(
    WITH RECURSIVE above AS (
      SELECT id, parent_id FROM areas WHERE id = ANY (here)
      UNION SELECT areas.id, areas.parent_id FROM areas JOIN above ON areas.id = above.parent_id
    ) SELECT worker_id FROM assignments
    WHERE until IS NULL AND (area_id = ANY (linli_inside(here)) OR area_id IN (SELECT id FROM above))
  );
END $$;
"""

NAMES = ("linli_colleagues(uuid[])", "linli_inside(uuid[])")


def upgrade() -> None:
    run(FUNCTIONS)
    for table, rows in ROWS.items():
        if table not in FORMER:
            run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        put(table, rows)


def downgrade() -> None:
    for table in ROWS:
        if table in FORMER:
            put(table, FORMER[table])
        else:
            run(f"DROP POLICY {POLICY} ON {table}")
            run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            run(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for name in NAMES:
        run(f"DROP FUNCTION {name}")
