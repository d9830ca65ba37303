"""The functions and triggers that row-level security asks (`services.row_policies`), as PostgreSQL reads them.

Those that say who is asking are PL/pgSQL: PostgreSQL takes the words of an SQL function into every statement, and to
read and plan them anew each time took longer than to find a page of homes.

Those that look something up for a policy speak for one moment as the platform: else the policy of a record would ask
for its team's policy, which asks for that of the record.
"""

IDENTITY = """
CREATE OR REPLACE FUNCTION linli_actor() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(split_part(current_setting('linli.actor', true), '|', 1), '')::jsonb $$;

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

CREATE OR REPLACE FUNCTION linli_sealed_categories() RETURNS uuid[] LANGUAGE sql STABLE AS
$$ SELECT coalesce(array_agg(id), '{}') FROM care_categories WHERE sensitivity = 'SEALED' $$;

"""

LOOKED_UP = (
    ("linli_team", "worker", "care_record_id", "care_team_members WHERE worker_id = worker"),
    ("linli_asked", "worker", "call_id", "offers\n  WHERE worker_id = worker AND status IN ('OFFERED', 'ACCEPTED')"),
    ("linli_case_team", "account", "case_id", "case_members WHERE account_id = account AND until IS NULL"),
    ("linli_offices", "account", "unit_id", "unit_members WHERE account_id = account"),
    (
        *("linli_joined_cases", "account", "case_id"),
        "case_units\n  WHERE unit_id IN (SELECT unit_id FROM unit_members WHERE account_id = account)",
    ),
)
"""What policies look up as the platform: the function, of whom, which ids, and from where."""


def _looking_up(name: str, whose: str, ids: str, source: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION {name}({whose} uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking text := current_setting('linli.actor', true);
  found uuid[];
BEGIN
  PERFORM set_config('linli.actor', '{{"system": "rights"}}', true);
  SELECT coalesce(array_agg({ids}), '{{}}') INTO found FROM {source};
  PERFORM set_config('linli.actor', asking, true);
  RETURN found;
END $$;
"""


AREAS = """
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
"""The areas inside some areas, these with them; and the workers who serve one of those, or an area around them."""

FUNCTIONS = IDENTITY + "\n".join(_looking_up(*one) for one in LOOKED_UP) + AREAS

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
"""People, their residences and their records carry the grid of their home: their rows are judged by themselves."""
