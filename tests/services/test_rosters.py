"""Teams: who may stand at a post, when somebody does, and what the members have."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services import rosters, teams
from services.access import Actor
from services.actors import actor_of
from services.errors import NotAllowed
from services.models import (
    Area,
    Organisation,
    OrganisationKind,
    OrganisationMember,
    Post,
    Role,
    RosterDuty,
    Shift,
    Training,
    Worker,
)
from services.rosters import DutyMisread, DutyOverlaps, NotTrained, Weekly, overlapping
from services.teams import KitNotOut, NotOfTheTeam, Trained
from tests.conftest import StandingClock

TODAY = date(2026, 5, 20)  # a Wednesday, 09:00 in Shanghai
EVENINGS = Weekly((3, 5), time(19), time(22), TODAY)


class Patrol:
    """A safety team with a member, a stranger, a post and its manager."""

    def __init__(self, session: AsyncSession, area: Area, team: Organisation, people: list[Worker]) -> None:
        """As stored."""
        self.session, self.area, self.team = session, area, team
        self.member, self.stranger = people
        self.manager: Actor
        self.post: Post

    async def train(self, **more: Any) -> list[Training]:
        """The member has the training that every duty needs."""
        trained = Trained(rosters.BASICS, date(2026, 1, 10), 4.0, [self.member.id], **more)
        return await teams.record_training(self.session, self.manager, self.team.id, trained)

    async def plan(self, weekly: Weekly = EVENINGS, worker: Worker | None = None) -> RosterDuty:
        """The member on the roster."""
        return await rosters.plan_duty(self.session, self.manager, self.post.id, (worker or self.member).id, weekly)

    async def shifts(self) -> list[datetime]:
        """When the member's shifts begin."""
        mine = sa.select(Shift.starts_at).where(Shift.worker_id == self.member.id).order_by(Shift.starts_at)
        return list(await self.session.scalars(mine))


@pytest_asyncio.fixture
async def patrol(session: AsyncSession, standing_clock: StandingClock) -> Patrol:
    """A team of one community."""
    community = await makers.make_community(session)
    await makers.make_grid(session, community, makers.box(0, 0, 2000, 1000))
    team = Organisation(code="PA", kind=OrganisationKind.SAFETY_TEAM, name="平安联盟", area_id=community.id)
    session.add(team)
    await session.flush()
    people = [await makers.make_worker(session, community) for _ in range(2)]
    session.add(OrganisationMember(organisation_id=team.id, worker_id=people[0].id))
    found = Patrol(session, community, team, people)
    account = await makers.make_account(session, Role.MANAGER, community)
    found.manager = await actor_of(session, account.id)
    found.post = await rosters.add_post(session, found.manager, team.id, "东门", makers.degrees(100, 100), 2)
    return found


async def test_a_duty_becomes_shifts_at_once(patrol: Patrol) -> None:
    """Wednesdays and Fridays 19-22 over two weeks from Wednesday 20 May: 20, 22, 27, 29 May, and 3 June at 09:00 ends.

    19:00 in Shanghai is 11:00 UTC.
    """
    await patrol.train()
    await patrol.plan()
    days = [(5, 20), (5, 22), (5, 27), (5, 29)]
    assert await patrol.shifts() == [datetime(2026, month, day, 11, tzinfo=UTC) for month, day in days]
    assert await rosters.extend(patrol.session, datetime(2026, 6, 3, 1, tzinfo=UTC)) == 0


async def test_who_stands_at_a_post_is_told_at_any_moment(patrol: Patrol) -> None:
    await patrol.train()
    await patrol.plan()
    here = sa.select(Area.id).where(Area.code.startswith(patrol.area.code))
    hours = {18: [], 19: [patrol.member.id], 21: [patrol.member.id], 22: []}
    for hour, expected in hours.items():
        found = await rosters.on_duty(patrol.session, here, datetime(2026, 5, 22, hour - 8, tzinfo=UTC))
        assert [one.worker.id for one in found] == expected


async def test_a_duty_over_midnight_ends_on_the_next_day(patrol: Patrol) -> None:
    """Wednesday 22:00 to 06:00: at 05:00 on Thursday 21 somebody stands there, at 07:00 nobody."""
    await patrol.train()
    await patrol.plan(Weekly((3,), time(22), time(6), TODAY))
    here = sa.select(Area.id)
    moments = (datetime(2026, 5, 20, 21, tzinfo=UTC), datetime(2026, 5, 20, 23, tzinfo=UTC))
    assert [len(await rosters.on_duty(patrol.session, here, moment)) for moment in moments] == [1, 0]


async def test_only_trained_members_stand_at_a_post(patrol: Patrol) -> None:
    """And only with a training that still counts on the first day."""
    with pytest.raises(NotTrained):
        await patrol.plan()
    await patrol.train(valid_until=date(2026, 5, 19))
    with pytest.raises(NotTrained):
        await patrol.plan()
    with pytest.raises(NotOfTheTeam):
        await patrol.plan(worker=patrol.stranger)
    assert await patrol.shifts() == []


async def test_nobody_stands_at_two_posts_at_once(patrol: Patrol) -> None:
    await patrol.train()
    await patrol.plan()
    with pytest.raises(DutyOverlaps):
        await patrol.plan(Weekly((5, 6), time(21), time(23), TODAY))
    await patrol.plan(Weekly((5,), time(22), time(23), TODAY))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (EVENINGS, Weekly((3,), time(21, 59), time(23), TODAY), True),
        (EVENINGS, Weekly((3,), time(22), time(23), TODAY), False),
        (EVENINGS, Weekly((4,), time(19), time(22), TODAY), False),
        # Sunday 22:00 to 06:00 reaches into Monday, over the end of the week
        (Weekly((7,), time(22), time(6), TODAY), Weekly((1,), time(5), time(8), TODAY), True),
        (Weekly((7,), time(22), time(6), TODAY), Weekly((1,), time(6), time(8), TODAY), False),
        (EVENINGS, Weekly((3,), time(19), time(22), date(2026, 1, 1), date(2026, 5, 19)), False),
    ],
)
def test_duties_meet_when_they_claim_the_same_minute(one: Weekly, other: Weekly, meet: bool) -> None:
    assert (overlapping(one, other), overlapping(other, one)) == (meet, meet)


@pytest.mark.parametrize(
    "weekly",
    [
        Weekly((), time(8), time(9), TODAY),
        Weekly((0,), time(8), time(9), TODAY),
        Weekly((3, 3), time(8), time(9), TODAY),
        Weekly((3,), time(8), time(8), TODAY),
        Weekly((3,), time(8), time(9), TODAY, date(2026, 5, 19)),
    ],
)
async def test_a_duty_that_cannot_be_is_refused(patrol: Patrol, weekly: Weekly) -> None:
    await patrol.train()
    with pytest.raises(DutyMisread):
        await patrol.plan(weekly)
    assert await patrol.shifts() == []


async def test_an_ended_duty_takes_its_coming_shifts_back(patrol: Patrol) -> None:
    """The last one is on Friday 22; those of 27 and 29 go."""
    await patrol.train()
    duty = await patrol.plan()
    await rosters.end_duty(patrol.session, patrol.manager, duty.id, date(2026, 5, 22))
    assert await patrol.shifts() == [datetime(2026, 5, day, 11, tzinfo=UTC) for day in (20, 22)]


async def test_kit_is_out_until_it_is_given_back(patrol: Patrol) -> None:
    issued = await teams.issue_kit(patrol.session, patrol.manager, patrol.team.id, patrol.member.id, "袖标", "17")
    assert (issued.issued_on, issued.returned_on) == (TODAY, None)
    assert (await teams.return_kit(patrol.session, patrol.manager, issued.id)).returned_on == TODAY
    with pytest.raises(KitNotOut):
        await teams.return_kit(patrol.session, patrol.manager, issued.id)


async def test_others_change_nothing(patrol: Patrol) -> None:
    """Neither a volunteer of the area nor the manager of another one."""
    elsewhere = await makers.make_community(patrol.session, number=2)
    for role, area in ((Role.VOLUNTEER, patrol.area), (Role.MANAGER, elsewhere)):
        account = await makers.make_account(patrol.session, role, area)
        actor = await actor_of(patrol.session, account.id)
        with pytest.raises(NotAllowed):
            await rosters.add_post(patrol.session, actor, patrol.team.id, "西门", makers.degrees(1, 1), 1)
        with pytest.raises(NotAllowed):
            await teams.issue_kit(patrol.session, actor, patrol.team.id, patrol.member.id, "袖标")
    assert await patrol.session.scalar(sa.select(sa.func.count()).select_from(Post)) == 1


async def test_a_member_reads_the_own_training_and_nobody_else_s(patrol: Patrol) -> None:
    """The stranger is a worker of the same community, without a role that leads it."""
    await patrol.train()
    account = await makers.make_account(patrol.session, Role.VOLUNTEER, patrol.area, worker=patrol.stranger)
    own = await makers.make_account(patrol.session, Role.VOLUNTEER, patrol.area, worker=patrol.member)
    seen = []
    for who in (account.id, own.id, patrol.manager.account_id):
        actor = await actor_of(patrol.session, who)
        chosen = sa.select(sa.func.count()).select_from(Training).where(teams.readable(actor, Training))
        seen.append(await patrol.session.scalar(chosen))
    assert seen == [0, 1, 1]
