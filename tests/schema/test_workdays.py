"""Working days over the API."""

from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.town import Town

CHANGE = """mutation ($input: WorkCalendarInput!) { changeWorkCalendar(input: $input) {
  version years closes received countsMakeUp days { date off name } } }"""


async def test_a_term_over_national_day_names_what_it_passes_over(ask: Asking, town: Town) -> None:
    """From Wednesday 30 September 2026: 1-7 October off, 8 and 9 worked, Saturday 10 worked: the third day."""
    given = {"areaId": str(town.community.id), "from": "2026-09-30", "workingDays": 3}
    found = (await ask(OPERATIONS["case", "WorkingDay"], **given))["addWorkingDays"]
    assert (found["date"], found["provisional"]) == ("2026-10-10", False)
    assert found["skipped"] == [{"date": f"2026-10-0{day}", "reason": "国庆节"} for day in range(1, 8)]


async def test_a_term_into_a_year_not_published_is_provisional(ask: Asking) -> None:
    """From Thursday 31 December 2026: New Year is off by law, then a weekend, Monday 4 January."""
    found = (await ask(OPERATIONS["case", "WorkingDay"], **{"from": "2026-12-31", "workingDays": 1}))["addWorkingDays"]
    assert (found["date"], found["provisional"]) == ("2027-01-04", True)
    assert [one["reason"] for one in found["skipped"]] == ["元旦", "周末", "周末"]


async def test_a_term_out_of_bounds_is_refused(ask: Asking) -> None:
    operation = OPERATIONS["case", "WorkingDay"]
    assert await ask.code(operation, **{"from": "2026-05-20", "workingDays": 2001}) == "TOO_MANY_DAYS"
    assert await ask.code(operation, **{"from": "1999-05-20", "workingDays": 1}) == "OUTSIDE_CALENDAR"


async def test_a_manager_decides_the_calendar_of_the_community(changing: tuple[Asking, Town]) -> None:
    """Thursday 21 May 2026 is off here: the first day after Wednesday 20 is Friday 22."""
    ask, town = changing
    area = str(town.community.id)
    days = [{"date": "2026-05-21", "off": True, "name": "换届"}]
    given = {"areaId": area, "version": 0, "reason": "人大换届", "days": days, "closes": "17:30"}
    changed = (await ask(CHANGE, input=given))["changeWorkCalendar"]
    rest = {"years": [], "received": "SAME_DAY", "countsMakeUp": True}
    assert changed == {"version": 1, "closes": "17:30", "days": days, **rest}
    asked = {"areaId": area, "from": "2026-05-20", "workingDays": 1}
    found = (await ask(OPERATIONS["case", "WorkingDay"], **asked))["addWorkingDays"]
    assert found == {
        "date": "2026-05-22",
        "provisional": False,
        "skipped": [{"date": "2026-05-21", "reason": "换届"}],
    }
    assert await ask.code(CHANGE, input=given) == "STALE_VERSION"
    assert await ask.code(CHANGE, input=given | {"closes": "late"}) == "TIME_MISREAD"
    assert await ask.as_(town.grid_worker).code(CHANGE, input=given | {"version": 1}) == "NOT_ALLOWED"
    (stored,) = (await ask("query ($id: ID) { workCalendar(areaId: $id) { version reason } }", id=area)).values()
    assert stored == {"version": 1, "reason": "人大换届"}
