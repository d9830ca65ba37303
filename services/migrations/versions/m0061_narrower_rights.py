"""Row-level security asks its functions without planning them anew; each chain of the read log has a head

The statements stand here as they were written then: later policies are put by later revisions.
"""

import sqlalchemy as sa
from alembic import op

from services.migrations.versions.m0050_rights import FUNCTIONS as FIRST_FUNCTIONS
from services.migrations.versions.m0050_rights import ROWS as FIRST
from services.migrations.versions.m0050_rights import run
from services.migrations.versions.m0060_case_rights import FUNCTIONS as FORMER_FUNCTIONS
from services.migrations.versions.m0060_case_rights import ROWS as FORMER
from services.migrations.versions.m0060_case_rights import put

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

ROWS = {
    "households": """(NOT restricted AND (grid_id = ANY (SELECT unnest((SELECT linli_reach('finds')))) OR (SELECT linli_everywhere('finds')))) OR id = ANY ((SELECT linli_reach('homes'))::uuid[])""",
    "residences": """(grid_id IS NOT NULL AND (grid_id = ANY (SELECT unnest((SELECT linli_reach('finds')))) OR (SELECT linli_everywhere('finds')))) OR household_id = ANY ((SELECT linli_reach('homes'))::uuid[])""",
    "residents": """(NOT restricted AND grid_id IS NOT NULL AND (grid_id = ANY (SELECT unnest((SELECT linli_reach('finds')))) OR (SELECT linli_everywhere('finds')))) OR home_id = ANY ((SELECT linli_reach('homes'))::uuid[])""",
    "care_records": """(category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND ( (grid_id IS NOT NULL AND (grid_id = ANY (SELECT unnest((SELECT linli_reach('cares')))) OR (SELECT linli_everywhere('cares'))) AND (grid_id = ANY (SELECT unnest((SELECT linli_reach('finds')))) OR (SELECT linli_everywhere('finds')))) OR home_id = ANY ((SELECT linli_reach('homes'))::uuid[]))) OR id = ANY ((SELECT linli_team(linli_one('worker')))::uuid[])""",
}
"""Which rows of a table somebody sees, besides the platform."""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION linli_platform() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE actor jsonb := linli_actor();
BEGIN
  RETURN coalesce(actor ? 'system' OR actor -> 'everywhere' = 'true', false);
END $$;

CREATE OR REPLACE FUNCTION linli_everywhere(what text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN coalesce(linli_actor() -> what = 'true', false);
END $$;

CREATE OR REPLACE FUNCTION linli_reach(what text) RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE told text := split_part(current_setting('linli.actor', true), '|' || what || '=', 2);
BEGIN
  RETURN coalesce(nullif(split_part(told, '|', 1), ''), '{}')::uuid[];
END $$;

CREATE OR REPLACE FUNCTION linli_one(what text) RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (linli_actor() ->> what)::uuid;
END $$;
"""

ONLY_RISES = """
CREATE FUNCTION linli_only_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.chain_id <> OLD.chain_id OR NEW.number <= OLD.number THEN
    RAISE insufficient_privilege USING MESSAGE = TG_TABLE_NAME || ' only rises: no chain grows shorter';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reading_heads_only_rises BEFORE UPDATE ON reading_heads
  FOR EACH ROW EXECUTE FUNCTION linli_only_rises();
CREATE TRIGGER reading_heads_stays BEFORE DELETE OR TRUNCATE ON reading_heads
  FOR EACH STATEMENT EXECUTE FUNCTION linli_only_grows();
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'linli_app') THEN
    REVOKE DELETE, TRUNCATE ON reading_heads FROM linli_app;
  END IF;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "reading_heads",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_reading_heads")),
    )
    run(ONLY_RISES)
    run(FUNCTIONS)
    for table, rows in ROWS.items():
        put(table, rows)


def downgrade() -> None:
    for table in ROWS:
        put(table, {**FIRST, **FORMER}[table])
    run(FIRST_FUNCTIONS)
    run(FORMER_FUNCTIONS)
    op.drop_table("reading_heads")
    run("DROP FUNCTION linli_only_rises()")
