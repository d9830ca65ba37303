"""Row-level security on cases, on those who work here and on what they sign in with

The statements stand here as they were written then: later policies are put by later revisions.
"""

import sqlalchemy as sa
from alembic import op

from services.migrations.versions.m0050_rights import FUNCTIONS as FORMER_FUNCTIONS
from services.migrations.versions.m0050_rights import POLICY, run
from services.migrations.versions.m0050_rights import ROWS as FORMER

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

ROWS = {
    "households": """id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (NOT restricted AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('finds'))))))""",
    "residences": """household_id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (grid_id IS NOT NULL AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('finds'))))))""",
    "residents": """home_id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (NOT restricted AND grid_id IS NOT NULL AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('finds'))))))""",
    "care_records": """id = ANY ((SELECT linli_team(linli_one('worker')))::uuid[]) OR (category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND ( home_id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (grid_id IS NOT NULL AND ((SELECT linli_everywhere('cares')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('cares'))))) AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('finds'))))))))""",
    "cases": """(NOT sealed AND ( (SELECT linli_everywhere('cases')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('cases')))) OR community_id = ANY (SELECT unnest((SELECT linli_reach('cases')))) OR street_id = ANY (SELECT unnest((SELECT linli_reach('cases')))) OR district_id = ANY (SELECT unnest((SELECT linli_reach('cases')))) OR opener_id = (SELECT linli_one('person')) OR assignee_id = (SELECT linli_one('worker')) OR agent_id = (SELECT linli_one('worker')) OR unit_id = ANY (SELECT unnest((SELECT linli_offices(linli_one('person'))))) OR lead_unit_id = ANY (SELECT unnest((SELECT linli_offices(linli_one('person'))))) OR id = ANY (SELECT unnest((SELECT linli_joined_cases(linli_one('person'))))))) OR id = ANY (SELECT unnest((SELECT linli_case_team(linli_one('person')))))""",
    "case_events": """EXISTS (SELECT FROM cases WHERE cases.id = case_events.case_id)""",
    "case_terms": """EXISTS (SELECT FROM cases WHERE cases.id = case_terms.case_id)""",
    "case_units": """EXISTS (SELECT FROM cases WHERE cases.id = case_units.case_id)""",
    "case_members": """EXISTS (SELECT FROM cases WHERE cases.id = case_members.case_id)""",
    "case_links": """EXISTS (SELECT FROM cases WHERE cases.id = case_links.case_id)""",
    "case_votes": """EXISTS (SELECT FROM cases WHERE cases.id = case_votes.case_id)""",
    "attachments": """EXISTS (SELECT FROM cases WHERE cases.id = attachments.case_id)""",
    "case_contacts": """false""",
    "case_ballots": """false""",
    "sign_ins": """false""",
    "refresh_tokens": """false""",
    "recovery_codes": """false""",
    "lockouts": """false""",
    "outside_identities": """false""",
    "oidc_flows": """false""",
    "accounts": """(SELECT linli_one('account') IS NOT NULL)""",
    "role_grants": """(SELECT linli_one('account') IS NOT NULL)""",
    "deputies": """(SELECT linli_one('account') IS NOT NULL)""",
    "workers": """(SELECT linli_one('account') IS NOT NULL)""",
    "assignments": """(SELECT linli_one('account') IS NOT NULL)""",
    "positions": """(SELECT linli_one('account') IS NOT NULL)""",
    "organisation_members": """(SELECT linli_one('account') IS NOT NULL)""",
    "roster_duties": """(SELECT linli_one('account') IS NOT NULL)""",
    "trainings": """(SELECT linli_one('account') IS NOT NULL)""",
    "kit_issues": """(SELECT linli_one('account') IS NOT NULL)""",
    "unit_members": """(SELECT linli_one('account') IS NOT NULL)""",
    "presences": """(SELECT linli_one('account') IS NOT NULL)""",
    "phones": """account_id = (SELECT linli_one('account'))""",
    "openings": """account_id = (SELECT linli_one('account')) OR (SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest((SELECT linli_reach('finds'))))""",
}
"""Which rows of a table somebody sees, besides the platform."""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION linli_actor() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(split_part(current_setting('linli.actor', true), '|', 1), '')::jsonb $$;

CREATE OR REPLACE FUNCTION linli_reach(what text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(split_part(split_part(current_setting('linli.actor', true), '|' || what || '=', 2), '|', 1),
                   ''), '{}')::uuid[] $$;

CREATE OR REPLACE FUNCTION linli_case_team(account uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT coalesce(array_agg(case_id), '{}') INTO found FROM case_members WHERE account_id = account AND until IS NULL;
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION linli_offices(account uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT coalesce(array_agg(unit_id), '{}') INTO found FROM unit_members WHERE account_id = account;
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION linli_joined_cases(account uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT coalesce(array_agg(case_id), '{}') INTO found FROM case_units
  WHERE unit_id IN (SELECT unit_id FROM unit_members WHERE account_id = account);
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;
"""

TRIGGERS = """
CREATE OR REPLACE FUNCTION linli_place_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('linli.actor', true);
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT home_id, CASE WHEN NOT restricted THEN grid_id END INTO NEW.home_id, NEW.grid_id
  FROM residents WHERE id = NEW.resident_id;
  PERFORM set_config('linli.actor', asking, true);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION linli_place_records() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('linli.actor', true);
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  UPDATE care_records SET home_id = now.home_id, grid_id = now.grid_id
  FROM (SELECT id, home_id, CASE WHEN NOT restricted THEN grid_id END AS grid_id FROM changed) AS now
  WHERE care_records.resident_id = now.id
    AND (care_records.home_id, care_records.grid_id) IS DISTINCT FROM (now.home_id, now.grid_id);
  PERFORM set_config('linli.actor', asking, true);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER linli_place BEFORE INSERT OR UPDATE OF resident_id, home_id, grid_id ON care_records
  FOR EACH ROW EXECUTE FUNCTION linli_place_record();

CREATE OR REPLACE TRIGGER linli_place_records AFTER UPDATE ON residents
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linli_place_records();
"""
FIRST_PLACED = """
SELECT set_config('linli.actor', '{"system": "migration"}', true);
UPDATE care_records SET resident_id = resident_id;
"""

NAMES = ("linli_case_team(uuid)", "linli_offices(uuid)", "linli_joined_cases(uuid)")
TRIGGER_FUNCTIONS = ("linli_place_record()", "linli_place_records()")
PLACES = ("home_id", "grid_id")


def upgrade() -> None:
    for column in PLACES:
        op.add_column("care_records", sa.Column(column, sa.Uuid(), nullable=True))
    op.create_index("ix_care_records_resident_id", "care_records", ["resident_id"])
    for statement in (FUNCTIONS, TRIGGERS, FIRST_PLACED):
        run(statement)
    for table, rows in ROWS.items():
        run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        put(table, rows)


def downgrade() -> None:
    for table in ROWS:
        run(f"DROP POLICY {POLICY} ON {table}")
        if table in FORMER:
            put(table, FORMER[table])
        else:
            run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            run(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for name in TRIGGER_FUNCTIONS:
        run(f"DROP FUNCTION {name} CASCADE")
    for name in NAMES:
        run(f"DROP FUNCTION {name}")
    run(FORMER_FUNCTIONS)
    op.drop_index("ix_care_records_resident_id", "care_records")
    for column in PLACES:
        op.drop_column("care_records", column)


def put(table: str, rows: str) -> None:
    """The policy of a table in the place of whichever it had."""
    run(f"DROP POLICY IF EXISTS {POLICY} ON {table}")
    run(f"CREATE POLICY {POLICY} ON {table} USING ((SELECT linli_platform()) OR {rows})")
