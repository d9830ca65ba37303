"""Row-level security on every table that holds people

The statements stand here as they were written then: later policies are put by later revisions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None

PLACES = {"residents": ("home_id", "grid_id"), "residences": ("grid_id",)}
POLICY = "linli_rights"

ROWS = {
    "households": """id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (NOT restricted AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest(linli_reach('finds')))))""",
    "household_events": """EXISTS (SELECT FROM households WHERE households.id = household_events.household_id)""",
    "emergency_contacts": """EXISTS (SELECT FROM households WHERE households.id = emergency_contacts.household_id)""",
    "residences": """household_id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (grid_id IS NOT NULL AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest(linli_reach('finds')))))""",
    "residents": """home_id = ANY ((SELECT linli_reach('homes'))::uuid[]) OR (NOT restricted AND grid_id IS NOT NULL AND ((SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest(linli_reach('finds')))))""",
    "care_records": """id = ANY ((SELECT linli_team(linli_one('worker')))::uuid[]) OR (category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND EXISTS ( SELECT FROM residents WHERE residents.id = care_records.resident_id AND ((SELECT linli_everywhere('cares')) OR grid_id = ANY (SELECT unnest(linli_reach('cares'))) OR home_id = ANY ((SELECT linli_reach('homes'))::uuid[]))))""",
    "care_events": """EXISTS (SELECT FROM care_records WHERE care_records.id = care_events.care_record_id)""",
    "care_team_members": """EXISTS (SELECT FROM care_records WHERE care_records.id = care_team_members.care_record_id)""",
    "consents": """EXISTS (SELECT FROM care_records WHERE care_records.id = consents.care_record_id) OR (care_record_id IS NULL AND category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND EXISTS (SELECT FROM residents WHERE residents.id = consents.resident_id))""",
    "visits": """worker_id = (SELECT linli_one('worker')) OR ((EXISTS (SELECT FROM households WHERE households.id = visits.household_id)) AND (care_record_id IS NULL OR EXISTS (SELECT FROM care_records WHERE care_records.id = visits.care_record_id)))""",
    "terminals": """EXISTS (SELECT FROM households WHERE households.id = terminals.household_id) OR (household_id IS NULL AND (SELECT linli_everywhere('finds')))""",
    "terminal_keys": """EXISTS (SELECT FROM terminals WHERE terminals.id = terminal_keys.terminal_id)""",
    "terminal_troubles": """EXISTS (SELECT FROM terminals WHERE terminals.id = terminal_troubles.terminal_id)""",
    "calls": """(SELECT linli_everywhere('calls')) OR area_ids && (SELECT linli_reach('calls'))::uuid[] OR claimed_by = (SELECT linli_one('account')) OR holder_id = (SELECT linli_one('worker')) OR id = ANY ((SELECT linli_asked(linli_one('worker')))::uuid[])""",
    "call_events": """EXISTS (SELECT FROM calls WHERE calls.id = call_events.call_id)""",
    "call_notes": """EXISTS (SELECT FROM calls WHERE calls.id = call_notes.call_id)""",
    "presses": """EXISTS (SELECT FROM calls WHERE calls.id = presses.call_id)""",
    "offers": """worker_id = (SELECT linli_one('worker')) OR EXISTS (SELECT FROM calls WHERE calls.id = offers.call_id)""",
    "openings": """account_id = (SELECT linli_one('account')) OR (SELECT linli_everywhere('finds')) OR grid_id = ANY (SELECT unnest(linli_reach('finds')))""",
}
"""Which rows of a table somebody sees, besides the platform."""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION linli_actor() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('linli.actor', true), '')::jsonb $$;

CREATE OR REPLACE FUNCTION linli_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(linli_actor() ? 'system' OR linli_actor() -> 'everywhere' = 'true', false) $$;

CREATE OR REPLACE FUNCTION linli_everywhere(what text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(linli_actor() -> what = 'true', false) $$;

CREATE OR REPLACE FUNCTION linli_reach(what text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE jsonb_typeof(linli_actor() -> what) WHEN 'string' THEN (linli_actor() ->> what)::uuid[] ELSE '{}' END $$;

CREATE OR REPLACE FUNCTION linli_one(what text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT (linli_actor() ->> what)::uuid $$;

CREATE OR REPLACE FUNCTION linli_sealed_categories() RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(array_agg(id), '{}') FROM care_categories WHERE sensitivity = 'SEALED' $$;

CREATE OR REPLACE FUNCTION linli_team(worker uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT coalesce(array_agg(care_record_id), '{}') INTO found FROM care_team_members WHERE worker_id = worker;
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;

CREATE OR REPLACE FUNCTION linli_asked(worker uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT coalesce(array_agg(call_id), '{}') INTO found FROM offers
  WHERE worker_id = worker AND status IN ('OFFERED', 'ACCEPTED');
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;
"""

TRIGGERS = """
CREATE OR REPLACE FUNCTION linli_place_residence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('linli.actor', true);
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  SELECT CASE WHEN NOT restricted THEN grid_id END INTO NEW.grid_id FROM households WHERE id = NEW.household_id;
  PERFORM set_config('linli.actor', asking, true);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION linli_place_residents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('linli.actor', true);
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  UPDATE residents SET home_id = latest.household_id, grid_id = latest.grid_id
  FROM (
    SELECT DISTINCT ON (resident_id) resident_id, household_id, grid_id FROM residences
    WHERE resident_id IN (SELECT resident_id FROM changed)
    ORDER BY resident_id, until IS NULL DESC, since DESC
  ) AS latest
  WHERE residents.id = latest.resident_id
    AND (residents.home_id, residents.grid_id) IS DISTINCT FROM (latest.household_id, latest.grid_id);
  PERFORM set_config('linli.actor', asking, true);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION linli_place_household() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('linli.actor', true);
BEGIN
  PERFORM set_config('linli.actor', '{"system": "rights"}', true);
  UPDATE residences SET grid_id = CASE WHEN NOT NEW.restricted THEN NEW.grid_id END WHERE household_id = NEW.id;
  PERFORM set_config('linli.actor', asking, true);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER linli_place BEFORE INSERT OR UPDATE OF household_id, grid_id ON residences
  FOR EACH ROW EXECUTE FUNCTION linli_place_residence();
CREATE OR REPLACE TRIGGER linli_place_new AFTER INSERT ON residences
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linli_place_residents();
CREATE OR REPLACE TRIGGER linli_place_now AFTER UPDATE ON residences
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linli_place_residents();
CREATE OR REPLACE TRIGGER linli_place_before AFTER UPDATE ON residences
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linli_place_residents();
CREATE OR REPLACE TRIGGER linli_place_gone AFTER DELETE ON residences
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION linli_place_residents();
CREATE OR REPLACE TRIGGER linli_place AFTER UPDATE OF grid_id, restricted ON households
  FOR EACH ROW WHEN ((OLD.grid_id, OLD.restricted) IS DISTINCT FROM (NEW.grid_id, NEW.restricted))
  EXECUTE FUNCTION linli_place_household();
"""

FIRST_PLACED = """
SELECT set_config('linli.actor', '{"system": "migration"}', true);
UPDATE residences SET household_id = household_id;
"""

TRIGGER_FUNCTIONS = ("linli_place_residence()", "linli_place_residents()", "linli_place_household()")

NAMES = (
    "linli_actor()",
    "linli_platform()",
    "linli_everywhere(text)",
    "linli_reach(text)",
    "linli_one(text)",
    "linli_sealed_categories()",
    "linli_team(uuid)",
    "linli_asked(uuid)",
)


def upgrade() -> None:
    for table, columns in PLACES.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_index("ix_residents_grid_id", "residents", ["grid_id"])
    for statement in (TRIGGERS, FIRST_PLACED, FUNCTIONS):
        run(statement)
    for table, rows in ROWS.items():
        run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        run(f"CREATE POLICY {POLICY} ON {table} USING ((SELECT linli_platform()) OR {rows})")


def downgrade() -> None:
    for table in ROWS:
        run(f"DROP POLICY {POLICY} ON {table}")
        run(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        run(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for name in TRIGGER_FUNCTIONS:
        run(f"DROP FUNCTION {name} CASCADE")
    for name in reversed(NAMES):
        run(f"DROP FUNCTION {name}")
    op.drop_index("ix_residents_grid_id", "residents")
    for table, columns in PLACES.items():
        for column in columns:
            op.drop_column(table, column)


def run(statement: str) -> None:
    """A statement as it is written: none of its signs is a placeholder."""
    op.get_bind().exec_driver_sql(statement)
