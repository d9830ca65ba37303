"""The policy as PostgreSQL says it: which rows a transaction may see and write, by the identity it was given.

`services.database.identify` writes into `linli.actor` for whom a transaction speaks; without it there are no rows.
Every set of a transaction (own grids, homes in hand) is computed once, as `(SELECT ...)`, never once a row. A row that
is not a home's own is judged by the one row above it, whose own policy holds there, too.

The policies stop what the code forgets. They do not stop somebody who can run SQL as the server's role, for that one
can write any identity.
"""

from collections.abc import Iterator, Mapping

POLICY = "linli_rights"

PLATFORM = "(SELECT linli_platform())"
HOMES_IN_HAND = "ANY ((SELECT linli_reach('homes'))::uuid[])"


def everywhere(what: str) -> str:
    """SQL: true when the right named `finds`, `cares` or `calls` is held everywhere."""
    return f"(SELECT linli_everywhere('{what}'))"


def within(what: str) -> str:
    """SQL: the grids (of `calls`: the areas) in which the right is held, to be put behind `=`."""
    return f"ANY (SELECT unnest(linli_reach('{what}')))"  # hashed once, where an array is passed over for each row


def above(table: str, condition: str) -> str:
    """SQL: true when the row of `table` that this one belongs to may be seen."""
    return f"EXISTS (SELECT FROM {table} WHERE {condition})"


ROWS: Mapping[str, str] = {
    "households": f"""
        id = {HOMES_IN_HAND}
        OR (NOT restricted AND ({everywhere("finds")} OR grid_id = {within("finds")}))""",
    "household_events": above("households", "households.id = household_events.household_id"),
    "emergency_contacts": above("households", "households.id = emergency_contacts.household_id"),
    "residences": f"""
        household_id = {HOMES_IN_HAND}
        OR (grid_id IS NOT NULL AND ({everywhere("finds")} OR grid_id = {within("finds")}))""",
    "residents": f"""
        home_id = {HOMES_IN_HAND}
        OR (NOT restricted AND grid_id IS NOT NULL AND ({everywhere("finds")} OR grid_id = {within("finds")}))""",
    "care_records": f"""
        id = ANY ((SELECT linli_team(linli_one('worker')))::uuid[])
        OR (category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND EXISTS (
            SELECT FROM residents WHERE residents.id = care_records.resident_id
            AND ({everywhere("cares")} OR grid_id = {within("cares")} OR home_id = {HOMES_IN_HAND})))""",
    "care_events": above("care_records", "care_records.id = care_events.care_record_id"),
    "care_team_members": above("care_records", "care_records.id = care_team_members.care_record_id"),
    "consents": f"""
        {above("care_records", "care_records.id = consents.care_record_id")}
        OR (care_record_id IS NULL AND category_id <> ALL ((SELECT linli_sealed_categories())::uuid[])
            AND {above("residents", "residents.id = consents.resident_id")})""",
    "visits": f"""
        worker_id = (SELECT linli_one('worker'))
        OR (({above("households", "households.id = visits.household_id")})
            AND (care_record_id IS NULL OR {above("care_records", "care_records.id = visits.care_record_id")}))""",
    "terminals": f"""
        {above("households", "households.id = terminals.household_id")}
        OR (household_id IS NULL AND {everywhere("finds")})""",
    "terminal_keys": above("terminals", "terminals.id = terminal_keys.terminal_id"),
    "terminal_troubles": above("terminals", "terminals.id = terminal_troubles.terminal_id"),
    "calls": f"""
        {everywhere("calls")} OR area_ids && (SELECT linli_reach('calls'))::uuid[]
        OR claimed_by = (SELECT linli_one('account'))
        OR holder_id = (SELECT linli_one('worker'))
        OR id = ANY ((SELECT linli_asked(linli_one('worker')))::uuid[])""",
    "call_events": above("calls", "calls.id = call_events.call_id"),
    "call_notes": above("calls", "calls.id = call_notes.call_id"),
    "presses": above("calls", "calls.id = presses.call_id"),
    "offers": f"worker_id = (SELECT linli_one('worker')) OR {above('calls', 'calls.id = offers.call_id')}",
    "openings": f"account_id = (SELECT linli_one('account')) OR {everywhere('finds')} OR grid_id = {within('finds')}",
}
"""Which rows of a table somebody sees, besides the platform; the same rows one may write."""

NO_PERSON = "holds no person"
CODES_ONLY = "ids, codes and times; what they point to has its own policy"
STAFF = "those who work here, not those whom they care for; whose phone and position stand in sealed or one-row columns"
SIGN_IN = "read before it is known who asks; secrets are hashed or sealed"
CASEWORK = "decided by services.cases by opener, agent, units and area; words and names in it are sealed"

OPEN: Mapping[str, str] = {
    **dict.fromkeys(("areas", "area_versions", "calendar_versions", "care_categories", "case_rules"), NO_PERSON),
    **dict.fromkeys(("content_versions", "coverage_audits", "coverage_results", "coverage_rosters"), NO_PERSON),
    **dict.fromkeys(("import_runs", "ladders", "networks", "streets", "street_links", "barriers"), NO_PERSON),
    **dict.fromkeys(("map_features", "organisations", "service_points", "server_processes", "units"), NO_PERSON),
    **dict.fromkeys(("live_events", "live_streams", "outbox", "timers", "presences", "posts"), CODES_ONLY),
    **dict.fromkeys(("readings", "reading_anchors"), "ids only; whoever reads adds to the chain, and none changes it"),
    **dict.fromkeys(("workers", "assignments", "duty_patterns", "shifts", "positions", "organisation_members"), STAFF),
    **dict.fromkeys(("roster_duties", "trainings", "kit_issues", "unit_members", "phones"), STAFF),
    **dict.fromkeys(("accounts", "role_grants", "deputies", "sign_ins", "refresh_tokens", "recovery_codes"), SIGN_IN),
    **dict.fromkeys(("lockouts", "outside_identities", "oidc_flows"), SIGN_IN),
    **dict.fromkeys(("cases", "case_contacts", "case_events", "case_terms", "case_units", "case_members"), CASEWORK),
    **dict.fromkeys(("case_links", "case_votes", "case_ballots", "attachments"), CASEWORK),
}
"""The tables without a policy, and why."""

# linli_team and linli_asked look for one moment as the platform: else the policy of a record would ask for its team's
# policy, which asks for that of the record.
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
"""People and their residences carry the grid of their home, so that their rows are judged without looking further."""

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


def put() -> Iterator[str]:
    """The statements that put the policies in place, also over older ones; for migrations.

    FORCE, so that the owner of the tables is bound as well: imports, demo and backups say their name like everybody.
    """
    yield FUNCTIONS
    yield TRIGGERS
    for table, rows in ROWS.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
        yield f"CREATE POLICY {POLICY} ON {table} USING ({PLATFORM} OR {rows})"


def take_away() -> Iterator[str]:
    """The statements that undo `put`."""
    for table in ROWS:
        yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    for name in TRIGGER_FUNCTIONS:
        yield f"DROP FUNCTION IF EXISTS {name} CASCADE"
    for name in reversed(NAMES):
        yield f"DROP FUNCTION IF EXISTS {name}"
