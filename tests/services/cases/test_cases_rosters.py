"""Whom a case falls to: on duty first; teams stand on a rung by their rosters."""

import uuid
from datetime import date, time, timedelta

import pytest

from fixtures import makers
from services import clock, rosters, teams
from services.cases.kind import Rung
from services.cases.places import OnDuty, worker_of
from services.models import AreaLevel, Organisation, OrganisationKind, Role, Shift, Worker
from services.rosters import Weekly
from services.teams import Trained
from tests.caseroom import CaseRoom
from tests.conftest import StandingClock

FIRST, SECOND, GUARD = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
GRID = Rung("GRID", AreaLevel.GRID, (Role.GRID_WORKER,), teams=(OrganisationKind.SAFETY_TEAM,))
COMMUNITY = Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.COMMUNITY_STAFF,))


@pytest.mark.parametrize(
    ("rung", "on_duty", "at_posts", "expected"),
    [
        (GRID, (False, False), [], FIRST),  # nobody is: it waits for the first by code
        (GRID, (False, True), [], SECOND),
        (GRID, (True, True), [GUARD], FIRST),  # the grid's own before the team's
        (GRID, (False, False), [GUARD], GUARD),  # on duty first
        (COMMUNITY, (True, True), [], None),  # no rung of grid workers: the staff there takes it
        (COMMUNITY, (True, True), [GUARD], GUARD),
    ],
)
def test_on_duty_first(
    rung: Rung, on_duty: tuple[bool, bool], at_posts: list[uuid.UUID], expected: uuid.UUID | None
) -> None:
    """Two workers of the grid, and perhaps a guard at a post."""
    own = [OnDuty(worker, is_so) for worker, is_so in zip((FIRST, SECOND), on_duty, strict=True)]
    assert worker_of(rung, own, at_posts) == expected


async def on_shift(room: CaseRoom, worker: Worker) -> None:
    """A shift of eight hours that began an hour ago."""
    begun = clock.now() - timedelta(hours=1)
    async with room.database.write() as session:
        session.add(Shift(worker_id=worker.id, starts_at=begun, ends_at=begun + timedelta(hours=8)))


async def test_of_a_grid_s_workers_the_one_on_duty_gets_the_case(caseroom: CaseRoom) -> None:
    """Until nine the first by code, who is on no shift; then the second, who is."""
    async with caseroom.database.write() as session:
        second = await makers.make_worker(session, caseroom.grids[0])
    assert (await caseroom.open()).assignee_id == caseroom.workers[0].id
    await on_shift(caseroom, second)
    assert (await caseroom.open()).assignee_id == second.id


async def test_a_hazard_falls_to_who_stands_at_the_team_s_post(
    caseroom: CaseRoom, standing_clock: StandingClock
) -> None:
    """Wednesday 09:00: the roster has a guard there from 08:00 to 10:00, and the grid's worker is on no shift.

    The guard takes it on. At 10:00 nobody stands there: the next one waits for the grid's own worker.
    """
    manager = await caseroom.actor(Role.MANAGER, caseroom.community, name="Manager")
    async with caseroom.database.write() as session:
        guard = await makers.make_worker(session, caseroom.community)
        team = Organisation(
            code="PA", kind=OrganisationKind.SAFETY_TEAM, name="平安联盟", area_id=caseroom.community.id
        )
        session.add(team)
        await session.flush()
        await teams.add_member(session, manager, team.id, guard.id)
        await teams.record_training(
            session, manager, team.id, Trained(rosters.BASICS, date(2026, 1, 10), 4, [guard.id])
        )
        post = await rosters.add_post(session, manager, team.id, "东门", makers.degrees(100, 100), 1)
        weekly = Weekly((3,), time(8), time(10), date(2026, 5, 1))
        await rosters.plan_duty(session, manager, post.id, guard.id, weekly)
    hazard = {"team": "平安联盟"}
    case = await caseroom.open("HAZARD", details=hazard)
    assert case.assignee_id == guard.id
    assert (await caseroom.open()).assignee_id == caseroom.workers[0].id  # an appeal is the grid worker's alone
    account = await caseroom.actor(Role.VOLUNTEER, caseroom.grids[0], worker=guard, name="Guard")
    taken = await caseroom.act(case, account, "ACCEPT")
    assert (taken.state, taken.agent_id) == ("IN_WORK", guard.id)
    standing_clock.forward(hours=1)
    assert (await caseroom.open("HAZARD", details=hazard)).assignee_id == caseroom.workers[0].id
