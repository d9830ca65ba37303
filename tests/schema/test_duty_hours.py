"""Shifts by hour over HTTP: how many are on duty, for who plans, and nobody by name."""

import uuid
from datetime import datetime, timedelta

from fixtures import makers
from services import clock, duty_hours
from services.models import DutyPattern, Role, Shift, WorkerRole
from services.shifts import PlannedShift
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.town import Town

BY_HOUR = "query ($id: ID!, $hours: Int! = 24) { dutyByHour(areaId: $id, hours: $hours) { startsAt staff volunteers } }"


def test_a_shift_counts_from_its_beginning_to_its_end_each_worker_once() -> None:
    """Worker 1 from 8 to 10, and again (written twice) from 9 to 10; worker 2 from 9:30 to 12."""
    day = datetime(2026, 5, 18, tzinfo=clock.zone())
    one, two = uuid.UUID(int=1), uuid.UUID(int=2)

    def at(hours: float) -> datetime:
        return day + timedelta(hours=hours)

    planned = [PlannedShift(one, at(8), at(10)), PlannedShift(one, at(9), at(10)), PlannedShift(two, at(9.5), at(12))]
    assert duty_hours.on_shift(planned, [at(hour) for hour in (7, 8, 9, 10, 11, 12)]) == [0, 1, 1, 1, 1, 0]


async def test_the_hours_of_an_area(standing_clock: StandingClock, changing: tuple[Asking, Town]) -> None:
    """From this hour on: the worker of grid 001 has a shift from now + 1 h to + 3 h; a volunteer of grid 002 is there
    every day from midnight to midnight by the weekly duty; grid 001 alone has only its own worker.
    """
    ask, town = changing
    first = clock.now().astimezone(clock.zone()).replace(minute=0, second=0, microsecond=0)
    async with ask.database.write({"everywhere": True}) as session:
        helper = await makers.make_worker(session, town.grids[1], x=750, y=500, role=WorkerRole.VOLUNTEER)
        spans = {"starts_at": first + timedelta(hours=1), "ends_at": first + timedelta(hours=3)}
        session.add(Shift(worker_id=town.workers[0].id, **spans))
        midnight = datetime.min.time()
        session.add(DutyPattern(worker_id=helper.id, weekdays=[1, 2, 3, 4, 5, 6, 7], starts=midnight, ends=midnight))
        planner = await makers.make_account(session, Role.PLANNER, town.community)
    asking = ask.as_(planner)
    found = (await asking(BY_HOUR, id=str(town.community.id), hours=4))["dutyByHour"]
    assert [(one["staff"], one["volunteers"]) for one in found] == [(0, 1), (1, 1), (1, 1), (0, 1)]
    assert datetime.fromisoformat(found[0]["startsAt"]) == first
    alone = (await asking(BY_HOUR, id=str(town.grids[0].id), hours=2))["dutyByHour"]
    assert [(one["staff"], one["volunteers"]) for one in alone] == [(0, 0), (1, 0)]


async def test_only_who_plans_is_told_and_of_the_own_area(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        elsewhere = await makers.make_account(session, Role.PLANNER, town.grids[0])
    assert await ask.as_(town.grid_worker).code(BY_HOUR, id=str(town.grids[0].id)) == "NOT_ALLOWED"
    assert await ask.as_(elsewhere).code(BY_HOUR, id=str(town.community.id)) == "NOT_ALLOWED"
