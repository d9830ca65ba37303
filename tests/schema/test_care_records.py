"""Care records: opened with consent and a team, changed, closed; visits due, made offline, in conflict; break-glass."""

import uuid
from datetime import timedelta
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from services import clock, retention, timers
from services.call_timers import HANDLERS
from services.models import Account, CareRecord, Consent, Message, Opening, Role, Sensitivity, Timer, Visit
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.town import Town

OPEN = """mutation ($input: CareRecordInput!) { openCareRecord(input: $input) {
  id level notes version consentAt consent { givenBy purposes giver } nextVisitDueAt missingDuties
  team { duty worker { id } } history { kind detail } } }"""
RECORDS = "query ($id: ID!) { household(id: $id) { residents { careRecords { id category { code } notes } } } }"
VISIT = """mutation ($input: VisitInput!) { recordVisit(input: $input) {
  id conflicts conflictingVisits { id } careRecord { lastVisitAt nextVisitDueAt } } }"""
DUE = """query ($area: ID, $by: DateTime) { visitsDue(areaId: $area, by: $by) {
  totalCount edges { node { careRecord { id } household { code } dueAt overdueDays } } } }"""
SEAL = "mutation ($id: ID!, $reason: String!) { openSealedHousehold(id: $id, reason: $reason) { id expiresAt } }"
REASON = "The neighbour smells gas at her door"

Stage = tuple[Asking, Town]


@pytest_asyncio.fixture
async def stage(standing_clock: StandingClock, changing: Stage) -> Stage:
    """The town at nine on a Wednesday, 20 May 2026."""
    return changing


async def rows(ask: Asking, select: Any) -> list[Any]:
    """What is stored, seen by the platform."""
    async with ask.database.read({"everywhere": True}) as session:
        return list(await session.scalars(select))


async def account(ask: Asking, role: Role, *where: Any, **more: Any) -> Account:
    """Somebody with a role."""
    async with ask.database.write({"everywhere": True}) as session:
        return await makers.make_account(session, role, *where, **more)


def wanted(town: Town, **more: Any) -> dict[str, Any]:
    """A record of living alone for the ninth person, who has none."""
    consent = {"purposes": ["VISITS"], "givenOn": "2026-05-01"}
    return {"residentId": str(town.residents[8].id), "categoryCode": "LIVES_ALONE", "consent": consent, **more}


async def test_a_record_is_opened_with_consent_and_team(stage: Stage) -> None:
    """Visited weekly: due a week after the opening; the consent is kept with it."""
    ask, town = stage
    team = [{"workerId": str(town.workers[2].id), "duty": "SOCIAL_WORKER"}]
    found = (await ask(OPEN, input=wanted(town, notes="Knock loudly", team=team)))["openCareRecord"]
    assert (found["notes"], found["version"], found["consentAt"]) == ("Knock loudly", 1, "2026-05-01")
    assert found["consent"] == {"givenBy": "PERSON", "purposes": ["VISITS"], "giver": None}
    assert found["nextVisitDueAt"] == "2026-05-27T01:00:00+00:00"
    assert found["team"] == [{"duty": "SOCIAL_WORKER", "worker": {"id": str(town.workers[2].id)}}]
    assert [event["kind"] for event in found["history"]] == ["OPENED"]
    assert await ask.code(OPEN, input=wanted(town)) == "RECORD_STANDS_ALREADY"


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"categoryCode": "NO_SUCH"}, "CATEGORY_UNKNOWN"),
    ({"consent": {"purposes": []}}, "PURPOSE_MISSING"),
    ({"consent": {"purposes": ["VISITS"], "givenOn": "2026-05-21"}}, "CONSENT_IN_FUTURE"),
    ({"residentId": str(uuid.UUID(int=1))}, "NOT_FOUND"),
    ({"team": [{"workerId": str(uuid.UUID(int=1)), "duty": "DOCTOR"}]}, "WORKER_UNKNOWN"),
    ({"categoryCode": "SEALED_ONE"}, "TEAM_EMPTY"),
]


async def test_what_does_not_fit_is_refused_and_nothing_is_kept(stage: Stage) -> None:
    """By name; the records of the town and a consent for none of them stay."""
    ask, town = stage
    before = len(await rows(ask, sa.select(CareRecord)))
    for change, code in UNFIT:
        assert await ask.code(OPEN, input={**wanted(town), **change}) == code
    assert len(await rows(ask, sa.select(CareRecord))) == before
    assert await rows(ask, sa.select(Consent)) == []


async def test_under_fourteen_a_guardian_consents(stage: Stage) -> None:
    """Thirteen on the day of the consent: refused without a named guardian, and kept with one, the name sealed."""
    ask, town = stage
    async with ask.database.write({"everywhere": True}) as session:
        child = await makers.make_resident(
            session, town.households[8], birth_date=clock.today() - timedelta(days=13 * 365)
        )
    order = wanted(town, residentId=str(child.id))
    assert await ask.code(OPEN, input=order) == "GUARDIAN_MUST_CONSENT"
    order["consent"] = {"purposes": ["VISITS"], "givenBy": "GUARDIAN", "giver": "Hui An"}
    found = (await ask(OPEN, input=order))["openCareRecord"]
    assert found["consent"] == {"givenBy": "GUARDIAN", "purposes": ["VISITS"], "giver": "Hui An"}
    (consent,) = await rows(ask, sa.select(Consent))
    assert b"Hui An" not in consent.giver_sealed


async def test_a_sealed_record_is_read_by_its_team_alone(stage: Stage) -> None:
    """The manager who opened it does not find it again; the worker in its team does, and hands it over."""
    ask, town = stage
    mine = {"workerId": str(town.workers[0].id), "duty": "SOCIAL_WORKER"}
    order = wanted(town, residentId=str(town.residents[2].id), categoryCode="SEALED_ONE", team=[mine])
    record = (await ask(OPEN, input=order))["openCareRecord"]["id"]
    read = "query ($id: ID!) { careRecord(id: $id) { id } }"
    assert await ask.code(read, id=record) == "NOT_FOUND"
    worker = ask.as_(town.grid_worker)
    assert (await worker(read, id=record))["careRecord"] == {"id": record}
    hand_over = (
        "mutation ($id: ID!, $team: [TeamPlaceInput!]!) { changeTeam(careRecordId: $id, team: $team) { version } }"
    )
    assert await worker.code(hand_over, id=record, team=[]) == "TEAM_EMPTY"
    team = [{"workerId": str(town.workers[1].id), "duty": "DOCTOR"}]
    assert (await worker(hand_over, id=record, team=team))["changeTeam"] == {"version": 2}
    assert await worker.code(read, id=record) == "NOT_FOUND"


async def test_a_graver_level_asks_for_a_visit_within_a_day(stage: Stage) -> None:
    """Levels GENERAL (90 days) and HIGH (7): raised at nine, to be seen by nine tomorrow; a visit answers it."""
    ask, town = stage
    async with ask.database.write({"everywhere": True}) as session:
        levels = {"HIGH": 7, "GENERAL": 90}
        category = await makers.make_category(
            session, "ILL", visit_days_by_level=levels, sensitivity=Sensitivity.SENSITIVE
        )
        record = await makers.make_care_record(session, town.residents[0], category, level="GENERAL")
    change = """mutation ($id: ID!, $to: String!, $version: Int) {
      changeCareRecord(id: $id, change: { level: $to }, version: $version) { level version nextVisitDueAt } }"""
    assert await ask.code(change, id=str(record.id), to="GRAVE") == "LEVEL_UNKNOWN"
    assert await ask.code(change, id=str(record.id), to="HIGH", version=7) == "STALE_VERSION"
    raised = (await ask(change, id=str(record.id), to="HIGH", version=1))["changeCareRecord"]
    assert raised == {"level": "HIGH", "version": 2, "nextVisitDueAt": "2026-05-21T01:00:00+00:00"}
    seen = {"careRecordId": str(record.id), "visitedAt": "2026-05-20T00:30:00Z", "purpose": "AFTER_CHANGE"}
    visited = (await ask.as_(town.grid_worker)(VISIT, input=seen))["recordVisit"]
    assert visited["careRecord"]["nextVisitDueAt"] == "2026-05-27T00:30:00+00:00"


async def test_visits_due_the_latest_first(stage: Stage, standing_clock: StandingClock) -> None:
    """Eight people, last seen never, opened today: due in 7 days. After 10 days all are 3 days late; one was seen."""
    ask, town = stage
    area = str(town.community.id)
    assert (await ask(DUE, area=area))["visitsDue"]["totalCount"] == 0
    standing_clock.forward(days=10)
    seen = {"careRecordId": str(town.records[0].id), "visitedAt": clock.now().isoformat(), "purpose": "ROUTINE"}
    await ask.as_(town.grid_worker)(VISIT, input=seen)
    due = (await ask(DUE, area=area))["visitsDue"]
    assert due["totalCount"] == 7
    assert {edge["node"]["overdueDays"] for edge in due["edges"]} == {3}
    assert str(town.records[0].id) not in {edge["node"]["careRecord"]["id"] for edge in due["edges"]}
    only = (await ask.as_(town.grid_worker)(DUE))["visitsDue"]
    homes = {edge["node"]["household"]["code"] for edge in only["edges"]}
    assert homes == {
        "H0050",
        "H0130",
        "H0210",
        "H0290",
        "H0370",
        "H0450",
    }  # H0050 for the sealed record of the own team


async def test_overdue_by_grid_hides_small_numbers(stage: Stage, standing_clock: StandingClock) -> None:
    """Six overdue in grid 001; the two of grid 002 are withheld; none is shown as none."""
    ask, town = stage
    standing_clock.forward(days=10)
    count = "query ($area: ID!) { visitCounts(areaId: $area) { grid { code } due overdue } }"
    found = (await ask(count, area=str(town.community.id)))["visitCounts"]
    assert [(one["due"], one["overdue"]) for one in found] == [(6, 6), (None, None), (0, 0), (0, 0)]


async def test_an_administrator_sets_the_numbers(stage: Stage) -> None:
    """Every third day instead of every seventh: what is due follows at once. A law needs its name."""
    ask, town = stage
    change = """mutation ($numbers: CareCategoryNumbers!) {
      changeCareCategory(code: "LIVES_ALONE", numbers: $numbers) { visitEveryDays } }"""
    due = "query ($id: ID!) { careRecord(id: $id) { nextVisitDueAt } }"
    admin = ask.as_(await account(ask, Role.ADMIN))
    assert await ask.code(change, numbers={"visitEveryDays": 3}) == "NOT_ALLOWED"
    assert await admin.code(change, numbers={"visitEveryDays": 0}) == "DAYS_UNFIT"
    assert await admin.code(change, numbers={"visitDaysByLevel": [{"level": "HIGH", "days": 0}]}) == "DAYS_UNFIT"
    assert await admin.code(change, numbers={"visitEveryDays": 5, "keepByLawDays": 90}) == "GROUND_MISSING"
    assert (await ask(due, id=str(town.records[0].id)))["careRecord"]["nextVisitDueAt"] == "2026-05-27T01:00:00+00:00"
    assert (await admin(change, numbers={"visitEveryDays": 3}))["changeCareCategory"] == {"visitEveryDays": 3}
    assert (await ask(due, id=str(town.records[0].id)))["careRecord"]["nextVisitDueAt"] == "2026-05-23T01:00:00+00:00"


async def test_a_visit_sent_twice_is_one_visit(stage: Stage) -> None:
    """By the phone's id, and without one by whom and when; other words under the same id are kept beside."""
    ask, town = stage
    worker, id_ = ask.as_(town.grid_worker), str(uuid.uuid4())
    seen = {"careRecordId": str(town.records[0].id), "visitedAt": "2026-05-19T08:00:00Z", "purpose": "COMPANY"}
    first = (await worker(VISIT, input={**seen, "id": id_, "note": "Drank tea"}))["recordVisit"]
    again = (await worker(VISIT, input={**seen, "id": id_, "note": "Drank tea"}))["recordVisit"]
    assert (first["id"], again["id"], again["conflicts"]) == (id_, id_, [])
    without = (await worker(VISIT, input={**seen, "note": "Drank tea"}))["recordVisit"]
    assert without["id"] == id_
    other = (await worker(VISIT, input={**seen, "id": id_, "note": "She fell"}))["recordVisit"]
    assert other["id"] != id_
    assert (other["conflicts"], other["conflictingVisits"]) == (["SENT_TWICE"], [{"id": id_}])
    assert len(await rows(ask, sa.select(Visit))) == 2


async def test_a_late_visit_shows_what_it_did_not_know(stage: Stage) -> None:
    """Somebody else was there that day and the record was changed: kept, listed, and settled by taking it off."""
    ask, town = stage
    second = await account(ask, Role.COMMUNITY_STAFF, town.community, worker=town.workers[1])
    seen = {"careRecordId": str(town.records[0].id), "purpose": "ROUTINE"}
    morning = (await ask.as_(second)(VISIT, input={**seen, "visitedAt": "2026-05-19T01:00:00Z"}))["recordVisit"]["id"]
    change = 'mutation ($id: ID!) { changeCareRecord(id: $id, change: { notes: "Moved bed" }) { version } }'
    await ask(change, id=str(town.records[0].id))
    late = {**seen, "visitedAt": "2026-05-19T09:00:00Z", "basedOn": 1, "writtenAt": "2026-05-19T09:05:00Z"}
    found = (await ask.as_(town.grid_worker)(VISIT, input=late))["recordVisit"]
    assert (found["conflicts"], found["conflictingVisits"]) == (["SAME_DAY", "RECORD_CHANGED"], [{"id": morning}])
    waiting = "{ visitsInConflict { edges { node { id } } } }"
    assert (await ask(waiting))["visitsInConflict"]["edges"] == [{"node": {"id": found["id"]}}]
    settle = "mutation ($id: ID!) { settleVisit(id: $id, keep: false) { struck conflicts careRecord { lastVisitAt } } }"
    settled = (await ask(settle, id=found["id"]))["settleVisit"]
    assert settled == {"struck": True, "conflicts": [], "careRecord": {"lastVisitAt": "2026-05-19T01:00:00+00:00"}}
    assert (await ask(waiting))["visitsInConflict"]["edges"] == []
    assert len(await rows(ask, sa.select(Visit))) == 2


async def test_a_visit_to_a_record_closed_meanwhile_is_kept(stage: Stage) -> None:
    """And says so; one of tomorrow is refused, and so is one by somebody of another grid."""
    ask, town = stage
    close = "mutation ($id: ID!) { closeCareRecord(id: $id, reason: MOVED_AWAY) { version } }"
    await ask(close, id=str(town.records[0].id))
    seen = {"careRecordId": str(town.records[0].id), "visitedAt": "2026-05-19T08:00:00Z", "purpose": "ROUTINE"}
    worker = ask.as_(town.grid_worker)
    assert (await worker(VISIT, input=seen))["recordVisit"]["conflicts"] == ["RECORD_CLOSED"]
    assert await worker.code(VISIT, input={**seen, "visitedAt": "2026-05-21T08:00:00Z"}) == "VISIT_IN_FUTURE"
    elsewhere = ask.as_(await account(ask, Role.GRID_WORKER, town.grids[2], worker=town.workers[2]))
    assert await elsewhere.code(VISIT, input=seen) == "NOT_FOUND"
    assert await ask.code(VISIT, input=seen) == "WORKERS_ONLY"
    assert len(await rows(ask, sa.select(Visit))) == 1


async def test_a_withdrawn_consent_hides_at_once_and_deletes_after_fifteen_days(
    stage: Stage, standing_clock: StandingClock
) -> None:
    """Hidden for everybody; a visit that comes now is refused; when the timer is due record and words are gone."""
    ask, town = stage
    worker, record = ask.as_(town.grid_worker), str(town.records[0].id)
    seen = {"careRecordId": record, "visitedAt": "2026-05-19T08:00:00Z", "purpose": "ROUTINE", "note": "Drank tea"}
    await worker(VISIT, input=seen)
    withdraw = "mutation ($id: ID!) { withdrawConsent(careRecordId: $id) { erasedAfter } }"
    assert (await ask(withdraw, id=record))["withdrawConsent"] == {"erasedAfter": "2026-06-04T01:00:00+00:00"}
    home = (await ask(RECORDS, id=str(town.households[0].id)))["household"]["residents"][0]
    assert home["careRecords"] == []
    assert await worker.code(VISIT, input={**seen, "visitedAt": "2026-05-18T08:00:00Z"}) == "CONSENT_GONE"
    (timer,) = await rows(ask, sa.select(Timer).where(Timer.kind == "ERASE_CARE_RECORD"))
    standing_clock.moment = timer.due_at
    assert await timers.run_due(ask.database.acting_as("background"), HANDLERS) >= 1
    assert await rows(ask, sa.select(CareRecord).where(CareRecord.id == town.records[0].id)) == []
    (visit,) = await rows(ask, sa.select(Visit))
    assert (visit.care_record_id, visit.data_key, visit.note_sealed) == (None, None, None)


async def test_closed_records_go_when_their_time_is_over(stage: Stage, standing_clock: StandingClock) -> None:
    """Kept 1,095 days after closing, one more where a law says 1,096."""
    ask, town = stage
    close = "mutation ($id: ID!) { closeCareRecord(id: $id, reason: DIED) { version } }"
    await ask(close, id=str(town.records[0].id))
    platform = ask.database.acting_as("retention")
    standing_clock.forward(days=1095)
    assert await retention.erase_over(platform) == 0
    standing_clock.forward(seconds=1)
    async with platform.write() as session:
        await session.execute(sa.text("UPDATE care_categories SET keep_by_law_days = 1096 WHERE code = 'LIVES_ALONE'"))
    assert await retention.erase_over(platform) == 0
    standing_clock.forward(days=1)
    assert await retention.erase_over(platform) == 1
    assert await rows(ask, sa.select(CareRecord).where(CareRecord.id == town.records[0].id)) == []


async def test_break_glass_opens_for_three_hours_and_tells_the_supervisor(
    stage: Stage, standing_clock: StandingClock
) -> None:
    """Outside the own grid: nothing, then the file, and after three hours nothing again; readings name the reason."""
    ask, town = stage
    supervisor = await account(ask, Role.SUPERVISOR, town.community, worker=town.workers[3])
    helper = ask.as_(await account(ask, Role.SOCIAL_WORKER, town.grids[2]))
    home = str(town.households[0].id)
    assert await helper.code(RECORDS, id=home) == "NOT_FOUND"
    assert await helper.code(SEAL, id=home, reason="because") == "REASON_TOO_SHORT"
    assert await helper.code(SEAL, id=home, reason="x" * 40) == "REASON_TOO_SHORT"
    assert await helper.code(SEAL, id=str(uuid.UUID(int=1)), reason=REASON) == "NOT_FOUND"
    opened = (await helper(SEAL, id=home, reason=REASON))["openSealedHousehold"]
    assert opened["expiresAt"] == "2026-05-20T04:00:00+00:00"
    (person,) = (await helper(RECORDS, id=home))["household"]["residents"]
    assert [one["category"]["code"] for one in person["careRecords"]] == ["LIVES_ALONE"]  # the sealed one is its team's
    told = await rows(ask, sa.select(Message).where(Message.template == "SEAL_BROKEN"))
    assert {(one.recipient.value, one.recipient_id) for one in told} == {
        ("AREA_STAFF", town.community.id),
        ("WORKER", supervisor.worker_id),
    }
    assert REASON not in str([one.body for one in told])
    log = "query ($id: ID!) { readLog(householdId: $id) { edges { node { actor { name roles } fields reason } } } }"
    lines = [edge["node"] for edge in (await ask(log, id=home))["readLog"]["edges"]]
    assert {line["reason"] for line in lines} == {REASON}
    assert lines[0]["actor"]["roles"] == ["SOCIAL_WORKER"]
    standing_clock.forward(hours=3)
    assert await helper.code(RECORDS, id=home) == "NOT_FOUND"


async def test_an_opening_is_reviewed_by_somebody_else(stage: Stage) -> None:
    """The manager who opened it may not; the supervisor of the area sees it waiting, and it waits no more."""
    ask, town = stage
    supervisor = ask.as_(await account(ask, Role.SUPERVISOR, town.community))
    foreign = ask.as_(await account(ask, Role.SUPERVISOR, town.grids[2]))
    id_ = (await ask(SEAL, id=str(town.households[0].id), reason=REASON))["openSealedHousehold"]["id"]
    waiting = "{ openingsToReview { edges { node { id reason actor { name } } } } }"
    assert (await foreign(waiting))["openingsToReview"]["edges"] == []
    (edge,) = (await supervisor(waiting))["openingsToReview"]["edges"]
    assert edge["node"] == {"id": id_, "reason": REASON, "actor": {"name": "Manager"}}
    review = "mutation ($id: ID!) { reviewOpening(id: $id, verdict: JUSTIFIED) { verdict } }"
    assert await ask.code(review, id=id_) == "OWN_OPENING"
    assert await foreign.code(review, id=id_) == "NOT_FOUND"
    assert (await supervisor(review, id=id_))["reviewOpening"] == {"verdict": "JUSTIFIED"}
    assert await supervisor.code(review, id=id_) == "REVIEWED_ALREADY"
    assert (await supervisor(waiting))["openingsToReview"]["edges"] == []


async def test_who_may_not_break_the_glass(stage: Stage) -> None:
    """Refused, nothing stored, nobody told."""
    ask, town = stage
    for role in (Role.VOLUNTEER, Role.PLANNER, Role.AUDITOR):
        somebody = ask.as_(await account(ask, role, town.community))
        assert await somebody.code(SEAL, id=str(town.households[0].id), reason=REASON) == "NOT_ALLOWED"
    assert await rows(ask, sa.select(Opening)) == []
    assert await rows(ask, sa.select(Message)) == []


async def test_who_may_not_look_into_the_read_log(stage: Stage) -> None:
    """Only auditors, and managers of the household's own area."""
    ask, town = stage
    log = "query ($id: ID!) { readLog(householdId: $id) { edges { node { at } } } }"
    for role, grid, code in (
        (Role.GRID_WORKER, 0, "NOT_ALLOWED"),
        (Role.SUPERVISOR, 0, "NOT_ALLOWED"),
        (Role.PLANNER, 0, "NOT_ALLOWED"),
        (Role.MANAGER, 2, "NOT_FOUND"),
        (Role.AUDITOR, 2, "NOT_FOUND"),
    ):
        somebody = ask.as_(await account(ask, role, town.grids[grid]))
        assert await somebody.code(log, id=str(town.households[0].id)) == code
