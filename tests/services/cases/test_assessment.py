"""The assessment: what the ledger shows of matters, calls and visits, the small counts withheld."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from fixtures import makers
from services import areas, boundaries
from services.assessment import (
    Assessment,
    By,
    CallFigures,
    Figures,
    PeriodUnfit,
    Row,
    Subject,
    assess,
    compared,
    steps_of,
    withheld,
)
from services.assessment_export import Export, Table
from services.assessment_ledger import Period
from services.errors import NotAllowed
from services.models import Area, Call, Case, Role, Visit
from tests.caseroom import KEYRING, CaseRoom
from tests.conftest import StandingClock

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30))


async def assessed(
    room: CaseRoom, who: str = "street", area: Area | None = None, period: Period = MAY, by: By = By.AREA
) -> Assessment:
    """The assessment of the community, as somebody sees it."""
    async with room.database.read() as session:
        return await assess(session, room.actors[who], (area or room.community).id, period, by)


async def five_appeals(room: CaseRoom, clock: StandingClock) -> list[Case]:
    """Opened on Wednesday 20 May at 09:00 in grid 1; two days later, on Friday 22:

    first: accepted, answered, content. second: accepted, answered, not content, so open again. third: nobody took it,
    it climbed. fourth: given back twice, it went to the centre, where nobody took it either. fifth: accepted, paused.
    """
    cases = [await room.open() for _ in range(5)]
    for case in (cases[0], cases[1], cases[4]):
        await room.act(case, "worker", "ACCEPT")
    for _ in range(2):
        await room.act(cases[3], "worker", "RETURN")
    await room.act(cases[4], "staff", "PAUSE", reason="等待配件")
    clock.forward(days=2)
    await room.sweep()
    for case, satisfied in ((cases[0], True), (cases[1], False)):
        await room.act(case, "worker", "ANSWER", solved=True)
        await room.act(case, "staff", "RATE", satisfied=satisfied)
    return cases


async def test_what_became_of_five_appeals(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """The third's and fourth's clocks of one day ended with Thursday 21 and were seen on Friday: overrun once."""
    await five_appeals(caseroom, standing_clock)
    (row,) = (await assessed(caseroom)).rows
    assert (row.subject.code, row.kind, row.suppressed) == (caseroom.grids[0].code, "APPEAL", False)
    found = {name: getattr(row.figures, name) for name in row.figures.__dataclass_fields__}
    assert found == {
        "opened": 5,
        "accepted": 3,
        "accepted_in_time": 3,
        "closed": 1,
        "closed_in_time": 1,
        "late": 2,
        "returned": 1,
        "shuffled": 1,
        "reopened": 1,
        "paused": 1,
        "return_visits": 0,
        "satisfied": 1,
        "rated": 2,
        "median_working_days": 2.0,
        "worst_overrun_multiple": 1.0,
    }
    assert (row.figures.satisfied_share, row.figures.in_time_share) == (0.5, 1.0)


async def test_by_person_and_by_unit(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Three have the worker as agent, the third and fourth nobody: of 3 and 2 neither may be shown."""
    await five_appeals(caseroom, standing_clock)
    people = (await assessed(caseroom, by=By.PERSON)).rows
    assert [(row.subject.id, row.suppressed) for row in people] == [(None, True), (caseroom.workers[0].id, True)]
    units = (await assessed(caseroom, by=By.UNIT)).rows
    assert sorted((row.subject.code, row.figures.opened) for row in units) == [("", None), ("CENTRE", None)]


async def test_a_matter_counts_in_the_period_in_which_it_was_opened(
    caseroom: CaseRoom, standing_clock: StandingClock
) -> None:
    await five_appeals(caseroom, standing_clock)
    assert (await assessed(caseroom, period=APRIL)).rows == []
    on_the_day = Period(date(2026, 5, 20), date(2026, 5, 20))
    assert [row.figures.opened for row in (await assessed(caseroom, period=on_the_day)).rows] == [5]


async def test_areas_are_called_as_they_were_then(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """The grid is merged away in June; May's assessment still shows it, by the name that it had in May."""
    await five_appeals(caseroom, standing_clock)
    standing_clock.moment = datetime(2026, 6, 10, tzinfo=UTC)
    async with caseroom.database.write() as session:
        grid = await session.get_one(Area, caseroom.grids[0].id)
        then = grid.name
        grid.name = "Renamed"
        await areas.redraw(session, grid, areas.boundary(grid), "RENAMED", None)
        await areas.retire(session, grid)
    (row,) = (await assessed(caseroom)).rows
    assert (row.subject.name, row.figures.opened) == (then, 5)


async def test_what_was_opened_in_a_grid_counts_there_when_it_is_merged_away(
    caseroom: CaseRoom, standing_clock: StandingClock
) -> None:
    """Five appeals of grid 1; in June both grids become one, and the four that are open are handled there."""
    await five_appeals(caseroom, standing_clock)
    standing_clock.moment = datetime(2026, 6, 10, tzinfo=UTC)
    keeper = await caseroom.actor(Role.MANAGER, caseroom.community, name="Manager")
    async with caseroom.database.write() as session:
        ids = [grid.id for grid in caseroom.grids]
        new = await boundaries.merge_grids(session, keeper, ids, caseroom.community.code + "009", "One")
        assert await session.scalar(sa.select(sa.func.count()).where(Case.grid_id == new.id)) == 4
    (row,) = (await assessed(caseroom)).rows
    assert (row.subject.id, row.figures.opened) == (caseroom.grids[0].id, 5)


async def test_the_share_that_is_settled_at_each_step(caseroom: CaseRoom) -> None:
    """Of six disputes three were settled by advice and two went to court: 3/5 and 2/5; one is open and not counted."""
    cases = [await caseroom.open("DISPUTE", details={"topic": "HOUSE_LEASE"}) for _ in range(6)]
    for case, action in zip(cases, ["SETTLE"] * 3 + ["LITIGATE"] * 2, strict=False):
        await caseroom.act(case, "staff", action)
    found = await assessed(caseroom)
    steps = [(step.kind, step.step, step.settled, step.share) for step in found.steps]
    assert steps == [
        ("DISPUTE", "CONSULT", 3, 0.6),
        ("DISPUTE", "ASSESS", 0, 0.0),
        ("DISPUTE", "MEDIATE", 0, 0.0),
        ("DISPUTE", "LITIGATE", 2, 0.4),
    ]
    page = Export(found).html().decode()
    assert "<td>咨询化解</td><td></td><td>3</td><td>60.0 %</td>" in page
    assert (await assessed(caseroom, period=APRIL)).steps[0].share is None


def test_few_settled_disputes_are_not_told_by_step() -> None:
    """Four in all, fewer than five: neither counts nor shares; withdrawn ones count nowhere."""
    few = steps_of({("DISPUTE", "LITIGATED"): 1, ("DISPUTE", "SETTLED_BY_ADVICE"): 3, ("DISPUTE", "WITHDRAWN"): 9})
    assert [(step.settled, step.share) for step in few] == [(None, None)] * 4


@pytest.mark.parametrize("who", ["worker", "volunteer", "planner", "nobody"])
async def test_who_neither_leads_nor_examines_is_refused(caseroom: CaseRoom, who: str) -> None:
    with pytest.raises(NotAllowed):
        await assessed(caseroom, who)


async def test_another_s_area_is_refused(caseroom: CaseRoom) -> None:
    """The staff of the community may not see the district."""
    with pytest.raises(NotAllowed):
        await assessed(caseroom, "staff", caseroom.district)


async def test_a_period_that_ends_before_it_begins_is_refused(caseroom: CaseRoom) -> None:
    with pytest.raises(PeriodUnfit):
        await assessed(caseroom, period=Period(date(2026, 5, 2), date(2026, 5, 1)))


def counted(code: str, opened: int) -> Row:
    """A row with nothing but a count."""
    return Row(Subject(None, code, code), "APPEAL", Figures(opened=opened))


def test_one_small_row_takes_the_next_with_it() -> None:
    """From 30 in all, and 12 and 15 shown, the 3 could be told; so the 12 goes, too. Two small ones hide each other."""
    found = withheld([counted("A", 12), counted("B", 3), counted("C", 15)])
    assert [(row.subject.code, row.suppressed, row.figures.opened) for row in found] == [
        ("A", True, None),
        ("B", True, None),
        ("C", False, 15),
    ]
    found = withheld([counted("A", 12), counted("B", 3), counted("C", 4)])
    assert [row.suppressed for row in found] == [False, True, True]


async def test_calls_are_counted_by_how_soon_they_were_answered(caseroom: CaseRoom) -> None:
    """Answered after 30, 60, 61, 180 and 181 seconds; two came to a door after 300 and 600: the median is 450."""
    opened_at = datetime(2026, 5, 10, tzinfo=UTC)
    spans: list[tuple[int, int | None]] = [(30, 300), (60, 600), (61, None), (180, None), (181, None)]
    async with caseroom.database.write() as session:
        for answered, arrived in spans:
            await session.execute(sa.insert(Call).values(_call(caseroom, opened_at, answered, arrived)))
    found = (await assessed(caseroom)).calls
    assert (found.opened, found.answered_within_60, found.answered_within_180) == (5, 2, 4)
    assert found.median_arrival_seconds == 450.0
    assert (await assessed(caseroom, period=APRIL)).calls.opened == 0


def _call(room: CaseRoom, opened_at: datetime, answered: int, arrived: int | None) -> dict[str, Any]:
    nothing = dict.fromkeys(("cancel_pressed", "asked_after"), False)
    return nothing | {
        "terminal_serial": "T",
        "area_ids": [room.grids[0].id, room.community.id, room.street.id, room.district.id],
        "opened_at": opened_at,
        "answer_due_at": opened_at,
        "last_pressed_at": opened_at,
        "status": "RESOLVED",
        "priority": 1,
        "press_count": 1,
        "rung": 0,
        "round": 1,
        "version": 1,
        "answered_at": opened_at + timedelta(seconds=answered),
        "arrived_at": None if arrived is None else opened_at + timedelta(seconds=arrived),
    }


async def test_visits_due_by_the_record_and_made(caseroom: CaseRoom) -> None:
    """Every 7 days; from 1 May 00:00 to now, 20 May 09:00, are 19.4 days: two visits due, one made, in one home.

    A sealed record asks for none here, since two more would tell that it is there.
    """
    async with caseroom.database.write() as session:
        weekly = await makers.make_category(session)
        sealed = await makers.make_category(session, "SEALED_ONE", sensitivity="SEALED")
        for category in (weekly, sealed):
            resident = await makers.make_resident(session, caseroom.home, keyring=KEYRING)
            since = datetime(2026, 4, 1, tzinfo=UTC)
            await makers.make_care_record(session, resident, category, opened_at=since)
        at = datetime(2026, 5, 10, tzinfo=UTC)
        made = {"worker_id": caseroom.workers[0].id, "visited_at": at, "recorded_at": at, "purpose": "ROUTINE"}
        session.add(Visit(household_id=caseroom.home.id, **made))
    (row,) = (await assessed(caseroom)).visits
    assert (row.worker.id, row.due, row.done, row.households) == (caseroom.workers[0].id, 2, 1, 1)


async def test_an_assessment_to_take_along(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Table, workbook and page show the same row; two periods stand side by side."""
    await five_appeals(caseroom, standing_clock)
    may, april = await assessed(caseroom), await assessed(caseroom, period=APRIL)
    export = Export(may, april)
    heading, line = export.csv().decode("utf-8-sig").splitlines()
    assert heading.split(",")[:5] == ["code", "name", "kind", "opened", "accepted"]
    assert line.split(",")[2:5] == ["居民诉求（小红哨）", "5", "3"]
    book = load_workbook(io.BytesIO(export.xlsx()))
    assert book.sheetnames == ["事项", "走访", "呼叫", "化解环节", "比较"]
    assert [cell.value for cell in book["事项"][2]][3:5] == [5, 3]
    page = export.html().decode()
    assert "<svg" in page
    assert "按时 100.0 %" in page
    assert "满意 50.0 %" in page
    (pair,) = compared(april, may)
    assert pair.before is None
    assert pair.after is not None
    assert pair.after.figures.opened == 5


def test_the_share_of_each_step_is_in_the_table_as_in_the_workbook() -> None:
    """Ten disputes: 5 by advice, 2 after the assessment, 2 by mediation, 1 in court: 50, 20, 20 and 10 of a hundred."""
    ends = ("SETTLED_BY_ADVICE", "SETTLED_BY_ASSESSMENT", "SETTLED_BY_MEDIATION", "LITIGATED")
    steps = steps_of({("DISPUTE", state): count for state, count in zip(ends, (5, 2, 2, 1), strict=True)})
    export = Export(Assessment(Subject(None, "1", "x"), MAY, By.AREA, [], [], CallFigures(12, 11, 12, 300.0), steps))
    assert export.csv(Table.STEPS).decode("utf-8-sig").splitlines() == [
        "kind,name,settled,share",
        "矛盾纠纷,咨询化解,5,0.5",
        "矛盾纠纷,评估后化解,2,0.2",
        "矛盾纠纷,调解成功,2,0.2",
        "矛盾纠纷,转入诉讼,1,0.1",
    ]
    sheet = load_workbook(io.BytesIO(export.xlsx()))["化解环节"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=3)] == [
        ["矛盾纠纷", "咨询化解", 5, 0.5],
        ["矛盾纠纷", "评估后化解", 2, 0.2],
    ]
    assert export.csv(Table.CALLS).decode("utf-8-sig").splitlines()[1] == "12,11,12,300.0"


def test_names_that_begin_as_a_formula_stay_text() -> None:
    nothing = Assessment(Subject(None, "1", "x"), MAY, By.AREA, [counted("=1+1", 5)], [], CallFigures(None))
    assert "'=1+1" in Export(nothing).csv().decode()
    book = load_workbook(io.BytesIO(Export(nothing).xlsx()))
    assert book["事项"]["A2"].value == "'=1+1"
