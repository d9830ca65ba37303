"""Counts of people: which there are in the schema, and what of them each role is told.

The town has 6, 2, 1 and 0 people in its four grids, of whom 6, 2, 0 and 0 live alone.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from fixtures import makers
from schema import build
from services import clock
from services.models import Resident, Role
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.siege import besieged
from tests.schema.town import Town

PEOPLE = """
Grid              residentCount
Household         residentCount
CareCount         count
VisitCount        due overdue
CoverageAudit     residentCount coveredResidentCount
CategoryCoverage  residentCount coveredCount
CoverageGap       householdCount residentCount
CoverageChange    residentCount
GridCoverage      householdCount coveredCount twiceCoveredCount
GridComparison    coveredBefore coveredAfter
ServiceCircle     residentCount
AssessmentCalls   opened answeredWithin60 answeredWithin180
AssessmentRow     opened accepted acceptedInTime closed closedInTime late returned reopened paused shuffled
AssessmentRow     returnVisits satisfied rated
AssessmentStep    settled
"""
"""Numbers of people, of their matters, and of homes by the grid: null where they are withheld."""

HOMES = """
Grid              householdCount
CoverageAudit     supplyCount unlinkedSupplyCount householdCount coveredCount twiceCoveredCount unreachableCount
CoverageAudit     unlinkedCount
AuditStraightLine coveredCount falselyCovered
CoverageChange    householdCount
ServiceCircle     householdCount
StraightLine      householdCount falselyCovered
SuggestedSite     newlyCoveredHouseholds
"""
"""Numbers of doors, which anybody can count from the street."""

OWN = """
AssessmentVisits  due done households
CaseChoice        households
CaseTally         voted eligible
PublicVote        voted eligible
DutyHour          staff volunteers
ImportRun         rowsTotal rowsAdded rowsChanged rowsUnchanged rowsBad
"""
"""Told to whoever sees the things counted one by one: a worker's visits, a vote's homes, a roster, an import's file."""

NUMBERS = frozenset(
    """version priority pressCount sequence batteryPercent heartbeatSeconds visitEveryDays sizeBytes round returns
    overdueWorkingDays workingDays seconds rung pausedWorkingDays planned needed floor row minZoom maxZoom birthYear
    overdueDays longer weekdays years""".split()
)
"""Whole numbers that count nobody."""


def whole_numbers() -> Iterator[tuple[str, str, bool]]:
    """(type, field, may be null) of every whole number that the schema tells."""
    for name, kind in build()._schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for field, told in kind.fields.items():
                if get_named_type(told.type).name == "Int":
                    yield name, field, not is_non_null_type(told.type)


def named(table: str) -> set[tuple[str, str]]:
    """(type, field) of each line."""
    lines = (line.split() for line in table.strip().splitlines())
    return {(kind, field) for kind, *fields in lines for field in fields}


def test_every_whole_number_is_known_to_count_people_or_not() -> None:
    """Whoever adds a number says here what it counts; the total of a list is that of rows that are one's own."""
    known = named(PEOPLE) | named(HOMES) | named(OWN)
    there = {(kind, field) for kind, field, _ in whole_numbers()}
    assert known - there == set()
    totals = {(kind, field) for kind, field in there if kind.endswith("Connection") and field == "totalCount"}
    assert {pair for pair in there - known - totals if pair[1] not in NUMBERS} == set()
    assert NUMBERS - {field for _, field in there} == set()


def test_counts_of_people_may_be_withheld() -> None:
    assert {(kind, field) for kind, field, null in whole_numbers() if not null} & named(PEOPLE) == set()


GRIDS = "{ grids { edges { node { code residentCount careCounts { count suppressed } } } } }"
FEW = {"count": None, "suppressed": True}
NONE_SMALL = [(6, 6), (None, None), (0, 0), (0, 0)]
NOTHING = [(None, None), (None, None), (0, 0), (0, 0)]


async def told(client: Asking) -> list[int | None]:
    """People in grids 001 to 004."""
    return [edge["node"]["residentCount"] for edge in (await client(GRIDS))["grids"]["edges"]]


async def care(client: Asking) -> list[list[dict[str, object]]]:
    """The numbers by category in grids 001 to 004."""
    return [edge["node"]["careCounts"] for edge in (await client(GRIDS))["grids"]["edges"]]


async def test_people_of_a_grid_by_role(fresh_database_url: str) -> None:
    """Whoever may look the people up is told how many; all others none below five.

    In grid 003 somebody is restricted then: 6, 2, 0 and 0. The 2 are alone, and 8 - 6 would tell them: the 6 go, too.
    """
    async with besieged(fresh_database_url) as siege:
        for role in (Role.MANAGER, Role.DISPATCHER, Role.AUDITOR, Role.ADMIN):
            assert await told(siege.as_(role, "community")) == [6, 2, 1, 0], role
        for role, place in ((Role.PLANNER, "community"), (Role.PLANNER, "everywhere"), (Role.GRID_WORKER, "grid")):
            assert await told(siege.as_(role, place)) == [6, None, None, 0], role
        assert await told(siege.as_(Role.MANAGER, "elsewhere")) == [6, None, 1, 0]
        async with siege.ask.database.write() as session:
            there = sa.update(Resident).where(Resident.id == siege.town.residents[8].id)
            await session.execute(there.values(restricted=True))
        assert await told(siege.as_(Role.PLANNER, "community")) == [None, None, 0, 0]
        assert await told(siege.as_(Role.GRID_WORKER, "grid")) == [6, None, 0, 0]
        assert await care(siege.as_(Role.PLANNER, "community")) == [[FEW], [FEW], [], []]


async def test_a_small_number_takes_one_of_its_own_grid_along(changing: tuple[Asking, Town]) -> None:
    """Six live alone in grid 001 and two of them are disabled: 6 and 2 would add up to what the map tells of the grid.

    The manager may read the records: the small number is not told to him either, the other is.
    """
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        disabled = await makers.make_category(session, "ELSE")
        for person in town.residents[:2]:
            await makers.make_care_record(session, person, disabled)
        planner = await makers.make_account(session, Role.PLANNER, town.community)
    assert (await care(ask.as_(planner)))[0] == [FEW, FEW]
    assert (await care(ask))[0] == [FEW, {"count": 6, "suppressed": False}]


async def test_a_home_to_which_one_is_only_sent_does_not_tell_how_many_live_there(
    changing: tuple[Asking, Town],
) -> None:
    """A volunteer of another grid is asked: the place is told, the people are not counted before he has accepted."""
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    offer = await stage.offered()
    query = "query ($id: ID!) { call(id: $id) { household { code residentCount residents { id } } } }"
    async with ask.database.write({"everywhere": True}) as session:
        helper = await makers.make_worker(session, town.grids[2])
        asked = await makers.make_account(session, Role.VOLUNTEER, town.grids[2], worker=helper)
        await session.execute(sa.text("UPDATE offers SET worker_id = :w"), {"w": helper.id})
    home = (await ask.as_(asked)(query, id=str(offer.call_id)))["call"]["household"]
    assert home == {"code": "H0050", "residentCount": None, "residents": []}


@pytest.mark.parametrize(("role", "numbers"), [(Role.MANAGER, NONE_SMALL), (Role.PLANNER, NOTHING)])
async def test_visits_due_are_told_as_people_are(
    changing: tuple[Asking, Town], role: Role, numbers: list[tuple[int | None, int | None]]
) -> None:
    """Ten days on, 6 and 2 visits are overdue: the 2 to nobody, and the 6 beside them to no planner."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        account = await makers.make_account(session, role, town.community)
        early = {"early": clock.now() - timedelta(days=10)}
        await session.execute(sa.text("UPDATE care_records SET opened_at = :early"), early)
    query = "query ($area: ID!) { visitCounts(areaId: $area) { due overdue } }"
    found = (await ask.as_(account)(query, area=str(town.community.id)))["visitCounts"]
    assert [(one["due"], one["overdue"]) for one in found] == numbers
