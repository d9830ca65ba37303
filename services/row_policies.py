"""The policy as PostgreSQL says it: which rows a transaction may see and write, by the identity it was given.

`services.database.identify` writes into `linli.actor` for whom a transaction speaks; without it there are no rows.
Every set of a transaction (own grids, homes in hand) is computed once, as `(SELECT ...)`, never once a row, and not
at all where what stands before it holds: so what holds for most rows stands first. A row that is not a home's own is
judged by the one row above it, whose own policy holds there, too.

The policies stop what the code forgets. They do not stop somebody who can run SQL as the server's role, for that one
can write any identity.
"""

from collections.abc import Iterator, Mapping

from services import policy_functions

POLICY = "linli_rights"

PLATFORM = "(SELECT linli_platform())"
HOMES_IN_HAND = "ANY ((SELECT linli_reach('homes'))::uuid[])"
ACCOUNT = "(SELECT linli_one('account'))"
PERSON = "(SELECT linli_one('person'))"
WORKER = "(SELECT linli_one('worker'))"
OFFICES = "ANY (SELECT unnest((SELECT linli_offices(linli_one('person')))))"
JOINED = "ANY (SELECT unnest((SELECT linli_joined_cases(linli_one('person')))))"
COLLEAGUES = "ANY (SELECT unnest((SELECT linli_colleagues((SELECT linli_reach('areas'))))))"
INSIDE = "ANY (SELECT unnest((SELECT linli_inside((SELECT linli_reach('areas'))))))"
TEAM = "ANY (SELECT unnest((SELECT linli_case_team(linli_one('person')))))"
"""The inner SELECT keeps the planner from calling the function, whose own policies it would have to plan in turn."""

PARTS_OF_CASES = ("case_events", "case_terms", "case_units", "case_members", "case_links", "case_votes", "attachments")
SECRETS = (
    *("case_contacts", "case_ballots", "sign_ins", "refresh_tokens", "recovery_codes", "presences"),
    *("lockouts", "outside_identities", "oidc_flows"),
)
"""What nobody reads but the part of the platform whose business it is: casework, the post, signing in."""
STAFF = ("accounts", "workers", "assignments", "organisation_members", "unit_members", "roster_duties")
"""Who works here, where and with whom: known to whoever has signed in (docs/privacy.md says why), not more of them."""
OF_WORKERS = ("positions", "shifts", "duty_patterns")
"""Where a worker is and when on duty: the worker's own, and of those who serve the own areas, or an area around."""
OF_TEAMS = ("trainings", "kit_issues")
"""What a member of a team has learned and was given: the member's own, and of the own areas."""


def everywhere(what: str) -> str:
    """SQL: true when the right named `finds`, `cares` or `calls` is held everywhere."""
    return f"(SELECT linli_everywhere('{what}'))"


def within(what: str) -> str:
    """SQL: the grids (of `calls`: the areas) in which the right is held, to be put behind `=`."""
    # Hashed once, where an array is passed over for each row; the inner SELECT keeps the planner from reading it, too.
    return f"ANY (SELECT unnest((SELECT linli_reach('{what}'))))"


def above(table: str, condition: str) -> str:
    """SQL: true when the row of `table` that this one belongs to may be seen."""
    return f"EXISTS (SELECT FROM {table} WHERE {condition})"


ROWS: Mapping[str, str] = {
    "households": f"""
        (NOT restricted AND (grid_id = {within("finds")} OR {everywhere("finds")}))
        OR id = {HOMES_IN_HAND}""",
    "household_events": above("households", "households.id = household_events.household_id"),
    "emergency_contacts": above("households", "households.id = emergency_contacts.household_id"),
    "residences": f"""
        (grid_id IS NOT NULL AND (grid_id = {within("finds")} OR {everywhere("finds")}))
        OR household_id = {HOMES_IN_HAND}""",
    "residents": f"""
        (NOT restricted AND grid_id IS NOT NULL AND (grid_id = {within("finds")} OR {everywhere("finds")}))
        OR home_id = {HOMES_IN_HAND}""",
    "care_records": f"""
        (category_id <> ALL ((SELECT linli_sealed_categories())::uuid[]) AND (
            (grid_id IS NOT NULL AND (grid_id = {within("cares")} OR {everywhere("cares")})
                AND (grid_id = {within("finds")} OR {everywhere("finds")}))
            OR home_id = {HOMES_IN_HAND}))
        OR id = ANY ((SELECT linli_team(linli_one('worker')))::uuid[])""",
    "care_events": above("care_records", "care_records.id = care_events.care_record_id"),
    "care_team_members": above("care_records", "care_records.id = care_team_members.care_record_id"),
    "consents": f"""
        {above("care_records", "care_records.id = consents.care_record_id")}
        OR (care_record_id IS NULL AND category_id <> ALL ((SELECT linli_sealed_categories())::uuid[])
            AND {above("residents", "residents.id = consents.resident_id")})""",
    "visits": f"""
        worker_id = {WORKER}
        OR (({above("households", "households.id = visits.household_id")})
            AND (care_record_id IS NULL OR {above("care_records", "care_records.id = visits.care_record_id")}))""",
    "terminals": f"""
        {above("households", "households.id = terminals.household_id")}
        OR (household_id IS NULL AND {everywhere("finds")})""",
    "terminal_keys": above("terminals", "terminals.id = terminal_keys.terminal_id"),
    "terminal_troubles": above("terminals", "terminals.id = terminal_troubles.terminal_id"),
    "calls": f"""
        {everywhere("calls")} OR area_ids && (SELECT linli_reach('calls'))::uuid[]
        OR claimed_by = {ACCOUNT} OR holder_id = {WORKER}
        OR id = ANY ((SELECT linli_asked(linli_one('worker')))::uuid[])""",
    "call_events": above("calls", "calls.id = call_events.call_id"),
    "call_notes": above("calls", "calls.id = call_notes.call_id"),
    "presses": above("calls", "calls.id = presses.call_id"),
    "offers": f"worker_id = {WORKER} OR {above('calls', 'calls.id = offers.call_id')}",
    "cases": f"""
        (NOT sealed AND (
            {everywhere("cases")} OR grid_id = {within("cases")} OR community_id = {within("cases")}
            OR street_id = {within("cases")} OR district_id = {within("cases")}
            OR opener_id = {PERSON} OR assignee_id = {WORKER} OR agent_id = {WORKER}
            OR unit_id = {OFFICES} OR lead_unit_id = {OFFICES}
            OR id = {JOINED}))
        OR id = {TEAM}""",
    **{table: above("cases", f"cases.id = {table}.case_id") for table in PARTS_OF_CASES},
    **dict.fromkeys(SECRETS, "false"),
    **dict.fromkeys(STAFF, "(SELECT linli_one('account') IS NOT NULL)"),
    **dict.fromkeys(OF_WORKERS, f"worker_id = {WORKER} OR worker_id = {COLLEAGUES} OR {everywhere('areas')}"),
    **dict.fromkeys(OF_TEAMS, f"worker_id = {WORKER} OR area_id = {INSIDE} OR {everywhere('areas')}"),
    "role_grants": f"account_id = {ACCOUNT} OR area_id = {INSIDE} OR {everywhere('areas')}",
    "deputies": f"{ACCOUNT} IN (absent_id, deputy_id)",
    "phones": f"account_id = {ACCOUNT}",
    "openings": f"account_id = {ACCOUNT} OR {everywhere('finds')} OR grid_id = {within('finds')}",
}
"""Which rows of a table somebody sees, besides the platform; the same rows one may write."""

NO_PERSON = "holds no person"
CODES_ONLY = "ids, codes and times; what they point to has its own policy"
ADDED_TO = "ids only; whoever reads adds to the chain, and none changes it"
OPEN: Mapping[str, str] = {
    **dict.fromkeys(("areas", "area_versions", "calendar_versions", "care_categories", "case_rules"), NO_PERSON),
    **dict.fromkeys(("content_versions", "coverage_audits", "coverage_results", "coverage_rosters"), NO_PERSON),
    **dict.fromkeys(("import_runs", "ladders", "networks", "streets", "street_links", "barriers"), NO_PERSON),
    **dict.fromkeys(("map_features", "organisations", "service_points", "server_processes", "units"), NO_PERSON),
    **dict.fromkeys(("live_events", "live_streams", "outbox", "timers", "posts"), CODES_ONLY),
    **dict.fromkeys(("readings", "reading_anchors", "reading_heads"), ADDED_TO),
}
"""The tables without a policy, and why."""


def put() -> Iterator[str]:
    """The statements that put the policies in place, also over older ones: what the migrations come to.

    FORCE, so that the owner of the tables is bound as well: imports, demo and backups say their name like everybody.
    """
    yield policy_functions.FUNCTIONS
    yield policy_functions.TRIGGERS
    for table, rows in ROWS.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
        yield f"CREATE POLICY {POLICY} ON {table} USING ({PLATFORM} OR {rows})"
