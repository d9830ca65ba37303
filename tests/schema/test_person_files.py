"""One person twice on the register, a person's file whole, a person erased; two households that become one."""

from datetime import date
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from services import clock
from services.models import (
    Call,
    CareRecord,
    Consent,
    Household,
    HouseholdEvent,
    Reading,
    Residence,
    Resident,
    Role,
    Terminal,
    Timer,
    Visit,
)
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.town import Town

Stage = tuple[Asking, Town]
NUMBER = "110101199003070038"  # made up; the check character of 11010119900307003 by GB 11643 is 8
DUPLICATES = "query ($area: ID!) { duplicates(areaId: $area) { shared first { code } second { code } } }"
MERGE = """mutation ($keep: ID!, $gone: ID!) { mergeResidents(keep: $keep, duplicate: $gone) {
  code careRecords { category { code } visits { totalCount } } mergedFrom { code } } }"""
EXPORT = "mutation Hand($id: ID!) { exportPerson(residentId: $id) }"
ERASE = """mutation ($id: ID!, $code: String!) { eraseResident(id: $id, code: $code) {
  erased kept { what until ground } } }"""
VISIT = "mutation ($input: VisitInput!) { recordVisit(input: $input) { id } }"


@pytest_asyncio.fixture
async def stage(standing_clock: StandingClock, changing: Stage) -> Stage:
    """The town at nine on a Wednesday, 20 May 2026."""
    return changing


async def rows(ask: Asking, select: Any) -> list[Any]:
    """What is stored, seen by the platform."""
    async with ask.database.read({"everywhere": True}) as session:
        return list(await session.scalars(select))


async def twin(ask: Asking, town: Town, **more: Any) -> Resident:
    """The first person once more, in the second grid: the same name, born the same day, visited weekly there, too."""
    async with ask.database.write({"everywhere": True}) as session:
        await session.execute(
            sa.update(Resident).where(Resident.id == town.residents[0].id).values(birth_date=date(1940, 5, 1))
        )
        found = await makers.make_resident(
            session, town.households[6], name="Ping H0050", birth_date=date(1940, 5, 1), **more
        )
        await makers.make_care_record(session, found, town.alone)
        return found


async def test_people_registered_twice_are_suggested(stage: Stage) -> None:
    """By name and birth date; seen by managers alone, in their area; once merged no more."""
    ask, town = stage
    other = await twin(ask, town)
    area = str(town.community.id)
    assert (await ask(DUPLICATES, area=area))["duplicates"] == [
        {
            "shared": ["NAME_AND_BIRTH_DATE"],
            "first": {"code": town.residents[0].code},
            "second": {"code": other.code},
        }
    ]
    assert await ask.as_(town.grid_worker).code(DUPLICATES, area=area) == "NOT_ALLOWED"
    await ask(MERGE, keep=str(town.residents[0].id), gone=str(other.id))
    assert (await ask(DUPLICATES, area=area))["duplicates"] == []


async def test_two_become_one_with_both_histories(stage: Stage) -> None:
    """The visits to either stand on one record; the twin's record is closed, its home left, its row kept."""
    ask, town = stage
    other = await twin(ask, town)
    (record,) = await rows(ask, sa.select(CareRecord).where(CareRecord.resident_id == other.id))
    async with ask.database.write({"everywhere": True}) as session:
        second = await makers.make_account(session, Role.GRID_WORKER, town.grids[1], worker=town.workers[1])
    seen = {"purpose": "ROUTINE", "visitedAt": "2026-05-19T08:00:00Z"}
    await ask.as_(second)(VISIT, input={**seen, "careRecordId": str(record.id)})
    await ask.as_(town.grid_worker)(VISIT, input={**seen, "careRecordId": str(town.records[0].id)})

    merged = (await ask(MERGE, keep=str(town.residents[0].id), gone=str(other.id)))["mergeResidents"]

    assert merged == {
        "code": town.residents[0].code,
        "careRecords": [{"category": {"code": "LIVES_ALONE"}, "visits": {"totalCount": 2}}],
        "mergedFrom": [{"code": other.code}],
    }
    (closed,) = await rows(ask, sa.select(CareRecord).where(CareRecord.id == record.id))
    assert (closed.closed_reason, closed.resident_id) == ("PERSON_MERGED", town.residents[0].id)
    (stay,) = await rows(ask, sa.select(Residence).where(Residence.resident_id == other.id))
    assert stay.until == clock.today()
    (event,) = await rows(ask, sa.select(HouseholdEvent).where(HouseholdEvent.kind == "LEFT"))
    assert event.after == {"merged_into": str(town.residents[0].id)}
    assert await ask.code(MERGE, keep=str(town.residents[0].id), gone=str(other.id)) == "NOT_FOUND"


PHONES = """query ($id: ID!) { household(id: $id) { residents {
  phone identityNumber mergedFrom { code phone identityNumber } } } }"""


async def numbered_twin(ask: Asking, town: Town) -> Resident:
    """The twin with a phone and an identity number."""
    found, keys = await twin(ask, town, phone="13900000001"), makers.KEYRING
    place = "residents.identity"
    values = {
        "identity_sealed": keys.seal(found.data_key or b"", place, NUMBER),
        "identity_index": keys.index(place, NUMBER),
    }
    async with ask.database.write({"everywhere": True}) as session:
        await session.execute(sa.update(Resident).where(Resident.id == found.id).values(values))
    return found


async def test_phone_and_number_of_the_other_go_along(stage: Stage) -> None:
    """The one kept has neither: both are his now, found by them; the other's row keeps its own."""
    ask, town = stage
    other, kept = await numbered_twin(ask, town), town.residents[0].id
    async with ask.database.write({"everywhere": True}) as session:
        bare = {"phone_sealed": None, "phone_index": None}
        await session.execute(sa.update(Resident).where(Resident.id == kept).values(bare))
    await ask(MERGE, keep=str(kept), gone=str(other.id))
    (found,) = (await ask(PHONES, id=str(town.households[0].id)))["household"]["residents"]
    told = {"phone": "13900000001", "identityNumber": "*" * 14 + "0038"}
    assert found == {**told, "mergedFrom": [{"code": other.code, **told}]}
    search = "query ($f: HouseholdFilter) { households(filter: $f) { edges { node { code } } } }"
    homes = (await ask(search, f={"text": "13900000001"}))["households"]["edges"]
    assert homes == [{"node": {"code": town.households[0].code}}]
    (row,) = await rows(ask, sa.select(Resident).where(Resident.id == kept))
    assert row.identity_index == makers.KEYRING.index("residents.identity", NUMBER)


async def test_of_two_phones_each_row_keeps_its_own(stage: Stage) -> None:
    """The one kept is called where he was; the other number is in the history."""
    ask, town = stage
    other = await numbered_twin(ask, town)
    await ask(MERGE, keep=str(town.residents[0].id), gone=str(other.id))
    (found,) = (await ask(PHONES, id=str(town.households[0].id)))["household"]["residents"]
    assert (found["phone"], [one["phone"] for one in found["mergedFrom"]]) == ("13800000050", ["13900000001"])


async def test_two_with_different_numbers_are_not_one(stage: Stage) -> None:
    """Refused, and so is a person with itself; both live on where they did."""
    ask, town = stage
    keyring, first = makers.KEYRING, str(town.residents[0].id)
    other = await twin(ask, town, identity_index=keyring.index("residents.identity", NUMBER))
    async with ask.database.write({"everywhere": True}) as session:
        index = keyring.index("residents.identity", "another")
        await session.execute(
            sa.update(Resident).where(Resident.id == town.residents[0].id).values(identity_index=index)
        )
    assert await ask.code(MERGE, keep=first, gone=str(other.id)) == "IDENTITY_NUMBERS_DIFFER"
    assert await ask.code(MERGE, keep=first, gone=first) == "SAME_PERSON"
    assert len(await rows(ask, sa.select(Residence).where(Residence.until.is_(None)))) == 10


async def test_a_file_is_exported_whole_and_logged(stage: Stage) -> None:
    """Name, number without its head, records, visits, who read; every opened field is a line of the log."""
    ask, town = stage
    keyring, person = makers.KEYRING, town.residents[0]
    async with ask.database.write({"everywhere": True}) as session:
        sealed = keyring.seal(person.data_key or b"", "residents.identity", NUMBER)
        await session.execute(sa.update(Resident).where(Resident.id == person.id).values(identity_sealed=sealed))
    seen = {"careRecordId": str(town.records[0].id), "visitedAt": "2026-05-19T08:00:00Z", "purpose": "ROUTINE"}
    await ask.as_(town.grid_worker)(VISIT, input={**seen, "note": "Drank tea"})

    file = (await ask(EXPORT, id=str(person.id)))["exportPerson"]

    assert (file["person"]["name"], file["person"]["identityNumber"]) == ("Ping H0050", "*" * 14 + "0038")
    (home,) = file["homes"]
    assert (home["household"], home["since"], home["until"]) == ("H0050", "2020-01-01", None)
    (record,) = file["careRecords"]  # the sealed one is its team's to hand over
    assert record["category"]["code"] == "LIVES_ALONE"
    assert record["visits"] == [{"visitedAt": "2026-05-19T08:00:00+00:00", "purpose": "ROUTINE", "note": "Drank tea"}]
    lines = await rows(ask, sa.select(Reading).where(Reading.operation == "Hand").order_by(Reading.number))
    assert [(line.thing, line.fields) for line in lines] == [
        ("residents", ["identity", "name", "phone"]),
        ("visits", ["note"]),
    ]
    assert await ask.as_(town.grid_worker).code(EXPORT, id=str(person.id)) == "NOT_ALLOWED"


async def test_a_number_never_leaves_whole(stage: Stage) -> None:
    """Asked as a field it is its last four characters, and the reading is logged."""
    ask, town = stage
    person = town.residents[1]
    async with ask.database.write({"everywhere": True}) as session:
        sealed = makers.KEYRING.seal(person.data_key or b"", "residents.identity", NUMBER)
        await session.execute(sa.update(Resident).where(Resident.id == person.id).values(identity_sealed=sealed))
    response = await ask.send(
        "query ($id: ID!) { household(id: $id) { residents { identityNumber } } }", id=str(town.households[1].id)
    )
    assert response.json()["data"]["household"]["residents"] == [{"identityNumber": "*" * 14 + "0038"}]
    assert NUMBER[:14] not in response.text
    (line,) = await rows(ask, sa.select(Reading))
    assert line.fields == ["identityNumber"]


async def test_a_person_is_erased_but_for_what_a_law_keeps(stage: Stage) -> None:
    """The wrong number refuses; then name, home and the plain record are gone, the sealed one waits for its law."""
    ask, town = stage
    person = town.residents[0]
    async with ask.database.write({"everywhere": True}) as session:
        town.sealed.keep_by_law_days, town.sealed.keep_by_law_ground = 365, "A law of these tests"
        await session.merge(town.sealed)
    assert await ask.code(ERASE, id=str(person.id), code="R-other") == "CODE_DIFFERS"
    assert await ask.as_(town.grid_worker).code(ERASE, id=str(person.id), code=person.code) == "NOT_ALLOWED"
    assert len(await rows(ask, sa.select(CareRecord).where(CareRecord.resident_id == person.id))) == 2

    told = (await ask(ERASE, id=str(person.id), code=person.code))["eraseResident"]

    assert told["erased"] == ["person", "care record"]
    kept = {one["what"]: one for one in told["kept"]}
    assert set(kept) == {"care record", "readings", "openings", "consents"}
    assert kept["care record"]["until"] == "2027-05-20T01:00:00+00:00"
    assert kept["care record"]["ground"] == "A law of these tests"
    (row,) = await rows(ask, sa.select(Resident).where(Resident.id == person.id))
    assert (row.data_key, row.name_sealed, row.name_index, row.birth_date) == (None, None, None, None)
    (left,) = await rows(ask, sa.select(CareRecord).where(CareRecord.resident_id == person.id))
    assert (left.consent_at, left.category_id) == (None, town.sealed.id)
    timers = await rows(ask, sa.select(Timer).where(Timer.subject_id == left.id))
    assert {timer.kind for timer in timers} == {"ERASE_CARE_RECORD"}
    find = 'query { households(filter: { text: "Ping H0050" }) { totalCount } }'
    assert (await ask(find))["households"]["totalCount"] == 0


async def test_two_households_become_one(stage: Stage) -> None:
    """People, terminal and the open call go along in one event on each side; the file that ends is closed."""
    ask, town = stage
    call = await (await CallStage.of(ask.database, town)).press()
    gone, into = town.households[0], town.households[1]
    merge = """mutation ($into: ID!, $from: ID!) { mergeHouseholds(into: $into, from: $from) {
      code residentCount terminals { serial } calls { totalCount } history { kind detail } } }"""
    assert await ask.as_(town.grid_worker).code(merge, **{"into": str(into.id), "from": str(gone.id)}) == "NOT_ALLOWED"
    assert await ask.code(merge, **{"into": str(into.id), "from": str(into.id)}) == "SAME_HOUSEHOLD"

    found = (await ask(merge, **{"into": str(into.id), "from": str(gone.id)}))["mergeHouseholds"]

    assert (found["code"], found["residentCount"]) == ("H0130", 2)
    assert (found["terminals"], found["calls"]) == ([{"serial": "T-1"}], {"totalCount": 1})
    (event,) = found["history"]
    assert (event["kind"], event["detail"]["before"]) == ("MERGED", {})
    assert event["detail"]["after"] == {
        "from": "H0050",
        "to": "H0130",
        "residents": [str(town.residents[0].id)],
        "terminals": ["T-1"],
        "contacts": [],
        "calls": [str(call.id)],
        "cases": [],
    }
    (closed,) = await rows(ask, sa.select(Household).where(Household.id == gone.id))
    assert closed.closed_at == clock.now()
    assert await rows(ask, sa.select(Terminal.id).where(Terminal.household_id == gone.id)) == []
    assert await rows(ask, sa.select(Call.household_id)) == [into.id]
    assert await ask.code(merge, **{"into": str(into.id), "from": str(gone.id)}) == "HOUSEHOLD_CLOSED"
    assert await rows(ask, sa.select(Visit)) == await rows(ask, sa.select(Consent)) == []
