"""Teams of volunteers and their rosters: posts and duty times, and what is done about them."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from schema import areas, workers
from schema.areas import Area
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.loading import many_each
from schema.places import PointInput
from schema.scalars import GeoJSON, geojson
from schema.team_members import Member, TeamKit, TeamMember, members_of
from schema.workers import Worker
from services import clock, rosters, teams
from services.access import Actor
from services.errors import Invalid
from services.models import Area as AreaRow
from services.models import KitIssue, Organisation, OrganisationKind, Post, RosterDuty
from services.models import Worker as WorkerRow
from services.rosters import Standing, Weekly
from services.teams import Trained

words(OrganisationKind)

MOST_TEAMS = 200
MOST_MEMBERS = 500
MOST_POSTS = 50
MOST_AT_POST = 50
MOST_DUTIES = 2_000
Day = date


class HourMisread(Invalid):
    """{subject} is no time of day. Send hours and minutes, such as 08:00."""


@lens
class TeamDuty:
    """A member stands at a post every week in these hours."""

    id: strawberry.ID = shown("Opaque.")
    weekdays: list[int] = shown("1 is Monday, 7 Sunday.", metadata={"at_most": 7})
    since: Day = shown("From this day on.")
    until: Day | None = shown("The last day; null: until it is ended.")

    @field(graphql_type=Worker | None)
    async def worker(self, info: Info, row: Parent[RosterDuty]) -> WorkerRow | None:
        """Who."""
        return await info.context.load(workers.by_id, row.worker_id)

    @field()
    async def starts(self, row: Parent[RosterDuty]) -> str:
        """Local time."""
        return row.starts.isoformat("minutes")

    @field()
    async def ends(self, row: Parent[RosterDuty]) -> str:
        """Local time; at or before the start it is on the next day."""
        return row.ends.isoformat("minutes")


@lens
class TeamPost:
    """Where members report for duty."""

    id: strawberry.ID = shown("Opaque.")
    name: str = shown("Its name.")
    needed: int = shown("How many are needed there.")

    @field(graphql_type=GeoJSON)
    async def location(self, row: Parent[Post]) -> Any:
        """Where it is, a Point."""
        return geojson(row.location)

    @listing(graphql_type=list[TeamDuty], at_most=MOST_AT_POST)
    async def duties(self, info: Info, row: Parent[Post]) -> list[RosterDuty]:
        """Who stands there when."""
        return await info.context.load(duties_at, row.id) or []


@lens
class Team:
    """An organisation of the neighbourhood with members, posts and a roster."""

    id: strawberry.ID = shown("Opaque.")
    code: str = shown("Its code.")
    name: str = shown("Its name.")
    kind: OrganisationKind = shown("What it is.")

    @field(graphql_type=Area | None)
    async def area(self, info: Info, row: Parent[Organisation]) -> AreaRow | None:
        """Where it works."""
        return await info.context.load(areas.by_id, row.area_id)

    @listing(graphql_type=list[TeamMember], at_most=MOST_MEMBERS)
    async def members(self, info: Info, row: Parent[Organisation]) -> list[Member]:
        """Who belongs to it, by code."""
        return await info.context.load(members_of, row.id) or []

    @listing(graphql_type=list[TeamPost], at_most=MOST_POSTS)
    async def posts(self, info: Info, row: Parent[Organisation]) -> list[Post]:
        """Where its members report for duty."""
        return await info.context.load(posts_of, row.id) or []


@lens
class OnDuty:
    """Who stands at which post."""

    post: TeamPost = shown("The post.")
    worker: Worker = shown("Who.")
    starts_at: datetime = shown("Since when.")
    ends_at: datetime = shown("Until when.")


@given
class PostInput:
    """A place to report to."""

    team_id: strawberry.ID = shown("Whose post.")
    name: str = shown("Its name.")
    point: PointInput = shown("Where.")
    needed: int = strawberry.field(default=1, description="How many are needed there.")


@given
class DutyInput:
    """A member stands at a post every week."""

    post_id: strawberry.ID = shown("Where.")
    worker_id: strawberry.ID = shown("Who.")
    weekdays: list[int] = shown("1 is Monday, 7 Sunday.")
    starts: str = shown("Local time, such as 08:00.")
    ends: str = shown("Local time; at or before the start it is on the next day.")
    since: Day = shown("From this day on.")
    until: Day | None = strawberry.field(default=None, description="The last day; null: until it is ended.")


@given
class TrainingInput:
    """Members of a team were trained."""

    team_id: strawberry.ID = shown("Which team.")
    worker_ids: list[strawberry.ID] = shown("Which members.")
    subject: str = shown("In what; BASICS is what every duty needs.")
    held_on: Day = shown("When.")
    hours: float = shown("How long.")
    valid_until: Day | None = strawberry.field(default=None, description="Until when it counts; null: for good.")


@lens
class TeamQuery:
    """What can be asked of teams."""

    @listing(graphql_type=list[Team] | None, at_most=MOST_TEAMS)
    async def teams(self, info: Info, area_id: strawberry.ID) -> Sequence[Organisation]:
        """The teams that work in an area or a part of it, by code; for who leads the area."""
        async with info.context.read() as session:
            mine = Organisation.area_id.in_(await teams.led(session, info.context.actor, id_of(area_id)))
            return (await session.scalars(sa.select(Organisation).where(mine).order_by(Organisation.code))).all()

    @field(graphql_type=Team | None)
    async def team(self, info: Info, id: strawberry.ID) -> Organisation:
        """The team with this id; for who leads the area, and for its members."""
        async with info.context.read() as session:
            return await teams.find(session, info.context.actor, id_of(id))

    @listing(graphql_type=list[OnDuty] | None, at_most=MOST_DUTIES)
    async def on_duty_at_posts(
        self, info: Info, area_id: strawberry.ID, at: datetime | None = None
    ) -> Sequence[Standing]:
        """Who stands at a post in an area, now or at another moment; for who leads the area."""
        async with info.context.read() as session:
            led = await teams.led(session, info.context.actor, id_of(area_id))
            return await rosters.on_duty(session, led, at or clock.now())


@lens
class TeamMutation:
    """What can be done with teams; for managers and staff of the area."""

    @mutation(graphql_type=Team)
    async def add_team_member(self, info: Info, team_id: strawberry.ID, worker_id: strawberry.ID) -> Organisation:
        """A worker joins a team."""
        async with info.context.write() as session:
            await teams.add_member(session, info.context.actor, id_of(team_id), id_of(worker_id))
            return await session.get_one(Organisation, id_of(team_id))

    @mutation(graphql_type=TeamPost)
    async def add_post(self, info: Info, input: PostInput) -> Post:
        """A new place to report to."""
        place = input.point.to_wgs84()
        async with info.context.write() as session:
            return await rosters.add_post(
                session, info.context.actor, id_of(input.team_id), input.name, place, input.needed
            )

    @mutation(graphql_type=TeamDuty)
    async def plan_duty(self, info: Info, input: DutyInput) -> RosterDuty:
        """Put a member on the roster; the member is on duty in these hours from then on."""
        weekly = Weekly(tuple(input.weekdays), _hour(input.starts), _hour(input.ends), input.since, input.until)
        async with info.context.write() as session:
            return await rosters.plan_duty(
                session, info.context.actor, id_of(input.post_id), id_of(input.worker_id), weekly
            )

    @mutation(graphql_type=TeamDuty)
    async def end_duty(self, info: Info, id: strawberry.ID, last: Day) -> RosterDuty:
        """A duty holds on this day for the last time."""
        async with info.context.write() as session:
            return await rosters.end_duty(session, info.context.actor, id_of(id), last)

    @mutation(graphql_type=Team)
    async def record_training(self, info: Info, input: TrainingInput) -> Organisation:
        """Members of a team were trained."""
        ids = [id_of(worker_id) for worker_id in input.worker_ids]
        trained = Trained(input.subject, input.held_on, input.hours, ids, input.valid_until)
        async with info.context.write() as session:
            await teams.record_training(session, info.context.actor, id_of(input.team_id), trained)
            return await session.get_one(Organisation, id_of(input.team_id))

    @mutation(graphql_type=TeamKit)
    async def issue_kit(
        self, info: Info, team_id: strawberry.ID, worker_id: strawberry.ID, item: str, number: str | None = None
    ) -> KitIssue:
        """A member gets a piece of the team's kit."""
        who = (id_of(team_id), id_of(worker_id))
        async with info.context.write() as session:
            return await teams.issue_kit(session, info.context.actor, *who, item, number)

    @mutation(graphql_type=TeamKit)
    async def return_kit(self, info: Info, id: strawberry.ID) -> KitIssue:
        """A piece of kit was given back."""
        async with info.context.write() as session:
            return await teams.return_kit(session, info.context.actor, id_of(id))


async def posts_of(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Post]]:
    """The posts of each team, by name."""
    chosen = sa.select(Post.organisation_id, Post).where(Post.organisation_id.in_(ids)).order_by(Post.name, Post.id)
    return await many_each(session, chosen, ids)


async def duties_at(session: AsyncSession, actor: Actor, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[RosterDuty]]:
    """The duties at each post that have not ended."""
    standing = sa.or_(RosterDuty.until.is_(None), RosterDuty.until >= clock.today())
    chosen = sa.select(RosterDuty.post_id, RosterDuty).where(RosterDuty.post_id.in_(ids), standing)
    return await many_each(session, chosen.order_by(RosterDuty.starts, RosterDuty.id), ids)


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise HourMisread(text) from None
