"""Where workers are, when on duty, what they learned and hold: what PostgreSQL itself gives to whom of the staff.

district 990001 > community 990001001001 > grid 001 (one worker), grid 002 (another); one more serves the community,
and one a grid in another district. Each has a position, a shift, a weekly duty, a training and a piece of kit.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services import accounts, clock, row_policies
from services.access import Actor
from services.actors import actor_of
from services.database import identify, platform
from services.models import (
    Account,
    Area,
    Assignment,
    DutyPattern,
    KitIssue,
    Position,
    Role,
    Shift,
    Training,
    Worker,
)
from services.models.base import SRID

ROWS = (*row_policies.OF_WORKERS, *row_policies.OF_TEAMS)


@dataclass
class Staff:
    """The four workers by where they serve, and the areas."""

    session: AsyncSession
    areas: dict[str, Area]
    workers: dict[str, Worker]

    async def actor(self, role: Role | None, place: str, worker: Worker | None = None) -> Actor:
        """Somebody with a role at a place."""
        where = () if place == "everywhere" else (self.areas[place],)
        await identify(self.session, platform("tests"))
        return await actor_of(self.session, (await self.account(role, *where, worker=worker)).id)

    async def account(self, role: Role | None, *where: Area, worker: Worker | None = None) -> Account:
        """An account with a role, or without any."""
        return await makers.make_account(self.session, role, *where, worker=worker)

    async def known(self, actor: Actor | None, table: str) -> set[str]:
        """Of whom PostgreSQL gives a row, with no condition of ours."""
        await identify(self.session, actor.identity if actor else {})
        names = {worker.id: name for name, worker in self.workers.items()}
        found = await self.session.execute(sa.text(f"SELECT worker_id FROM {table}"))
        return {names[worker_id] for worker_id in found.scalars()}


@pytest.fixture
async def staff(session: AsyncSession) -> Staff:
    """The staff, never committed."""
    community = await makers.make_community(session, number=1)
    other = await makers.make_community(session, number=2)
    areas = {
        "first": await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), number=1),
        "second": await makers.make_grid(session, community, makers.box(500, 0, 1000, 1000), number=2),
        "community": community,
        "elsewhere": await makers.make_grid(session, other, makers.box(1000, 0, 1500, 1000), number=1),
        "district": (await session.scalars(sa.select(Area).where(Area.code == "990001000000"))).one(),
    }
    workers = {}
    for name in ("first", "second", "community", "elsewhere"):
        workers[name] = await _worker(session, areas[name])
    return Staff(session, areas, workers)


async def _worker(session: AsyncSession, area: Area) -> Worker:
    worker, now = await makers.make_worker(session), clock.now()
    place = from_shape(Point(102, 25), srid=SRID)
    session.add_all(
        (
            Assignment(worker_id=worker.id, area_id=area.id, since=date(2026, 1, 1)),
            Position(worker_id=worker.id, location=place, fixed_at=now, received_at=now),
            Shift(worker_id=worker.id, starts_at=now, ends_at=now + timedelta(hours=8)),
            DutyPattern(worker_id=worker.id, weekdays=[1], starts=time(8), ends=time(16)),
            Training(worker_id=worker.id, area_id=area.id, subject="BASICS", held_on=date(2026, 1, 1), hours=4),
            KitIssue(worker_id=worker.id, area_id=area.id, item="whistle", issued_on=date(2026, 1, 1)),
        )
    )
    await session.flush()
    return worker


HERE = {"first", "second", "community"}
SERVE = {  # those inside the area of the role, and those who serve an area around it
    "first": {"first", "community"},
    "second": {"second", "community"},
    "community": HERE,
    "elsewhere": {"elsewhere"},
    "district": HERE,
    "everywhere": HERE | {"elsewhere"},
}
WITHIN = SERVE | {"first": {"first"}, "second": {"second"}}  # what a team keeps belongs to the area alone


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.MANAGER, Role.PLANNER, Role.GRID_WORKER])
async def test_staff_is_known_as_far_as_the_own_areas_reach(staff: Staff, role: Role) -> None:
    for place, expected in SERVE.items():
        actor = await staff.actor(role, place)
        for table in row_policies.OF_WORKERS:
            assert await staff.known(actor, table) == expected, (place, table)
        for table in row_policies.OF_TEAMS:
            assert await staff.known(actor, table) == WITHIN[place], (place, table)


async def test_without_a_role_only_the_own_rows_are_known(staff: Staff) -> None:
    """A resident who has signed in knows of no worker; a worker whose roles have ended knows the own hours."""
    resident = await staff.actor(None, "everywhere")
    worker = await staff.actor(None, "everywhere", staff.workers["second"])
    for table in ROWS:
        assert await staff.known(resident, table) == set()
        assert await staff.known(None, table) == set()
        assert await staff.known(worker, table) == {"second"}


async def test_a_device_knows_nobody(staff: Staff) -> None:
    home = await makers.make_household(staff.session, staff.areas["first"], 100, 500)
    terminal = await makers.make_terminal(staff.session, home)
    where = staff.areas["first"]
    account = await makers.make_account(staff.session, Role.TERMINAL, where, terminal_id=terminal.id)
    actor = await actor_of(staff.session, account.id)
    for table in ROWS:
        assert await staff.known(actor, table) == set()


async def test_who_served_once_is_no_colleague(staff: Staff) -> None:
    await staff.session.execute(sa.update(Assignment).values(until=date(2026, 2, 1)))
    actor = await staff.actor(Role.MANAGER, "community")
    assert await staff.known(actor, "positions") == set()


async def test_grants_and_deputies_are_those_of_the_own_areas(staff: Staff) -> None:
    """The own ones, and the grants in the areas; who stands in for whom is between the two."""
    session = staff.session
    mine = await staff.account(Role.GRID_WORKER, staff.areas["first"])
    chief = await staff.account(Role.MANAGER, staff.areas["community"])
    far = await staff.account(Role.MANAGER, staff.areas["elsewhere"])
    span = {"valid_from": clock.now(), "valid_to": clock.now() + timedelta(days=1)}
    for absent, deputy in ((mine, chief), (far, chief)):
        await session.execute(
            sa.text(
                "INSERT INTO deputies (id, absent_id, deputy_id, valid_from, valid_to, appointed_by)"
                " VALUES (gen_random_uuid(), :absent, :deputy, :valid_from, :valid_to, :deputy)"
            ),
            {"absent": absent.id, "deputy": deputy.id, **span},
        )

    async def seen(who: Account, column: str, table: str) -> list[object]:
        await identify(session, platform("tests"))
        await identify(session, (await actor_of(session, who.id)).identity)
        return list((await session.execute(sa.text(f"SELECT {column} FROM {table}"))).scalars())

    assert await seen(mine, "account_id", "role_grants") == [mine.id]
    assert await seen(mine, "absent_id", "deputies") == [mine.id]
    # As the deputy of `far` the chief holds the role elsewhere, too, and so sees the grant there.
    assert set(await seen(chief, "account_id", "role_grants")) == {mine.id, chief.id, far.id}
    assert set(await seen(chief, "absent_id", "deputies")) == {mine.id, far.id}
    assert await seen(far, "account_id", "role_grants") == [far.id]
    assert await seen(far, "absent_id", "deputies") == [far.id]


IN_PLAIN = {
    "accounts": {"id", "login", "name", "worker_id", "terminal_id", "created_at", "disabled_at"},
    "workers": {"id", "code", "name", "role", "status", "skills", "languages", "post", "disabled_at", "feature_id"},
    "assignments": {"id", "worker_id", "area_id", "since", "until"},
    "organisation_members": {"organisation_id", "worker_id"},
    "unit_members": {"unit_id", "account_id"},
    "roster_duties": {"id", "post_id", "worker_id", "area_id", "weekdays", "starts", "ends", "since", "until"},
}
KEPT_SECRET = {
    "accounts": {"password_hash", "must_change_password", "data_key", "totp_sealed", "totp_since", "totp_step"},
    "workers": {"data_key", "phone_sealed"},
}
"""Hashed, sealed, or of no use without what is; the code tells them to nobody."""


def test_what_is_known_of_all_who_work_here_is_no_more_than_who_and_where() -> None:
    """The tables whose rows are not narrowed by area: a column that is added to them is thought about here."""
    assert set(IN_PLAIN) == set(row_policies.STAFF)
    for table, columns in IN_PLAIN.items():
        assert set(Account.metadata.tables[table].columns.keys()) == columns | KEPT_SECRET.get(table, set()), table


@pytest.mark.parametrize(
    ("role", "place", "expected"),
    [
        (Role.DISPATCHER, "community", {"self"}),
        (Role.MANAGER, "first", {"self", "first"}),
        (Role.MANAGER, "community", {"self", "first", "community"}),
        (Role.ADMIN, "everywhere", {"self", "first", "community", "elsewhere"}),
    ],
)
async def test_accounts_are_shown_to_the_managers_of_their_areas(
    staff: Staff, role: Role, place: str, expected: set[str]
) -> None:
    """The store gives all rows; the code shows the own account, and those with a role in the areas one manages."""
    people = {one: (await staff.account(Role.GRID_WORKER, staff.areas[one])).id for one in ("first", "elsewhere")}
    people["community"] = (await staff.account(Role.DISPATCHER, staff.areas["community"])).id
    actor = await staff.actor(role, place)
    people["self"] = actor.account_id
    await identify(staff.session, actor.identity)
    assert await staff.session.scalar(sa.select(sa.func.count()).select_from(Account)) == 4
    shown = set(await staff.session.scalars(accounts.shown_to(sa.select(Account), actor).with_only_columns(Account.id)))
    assert shown == {people[one] for one in expected}


async def test_hours_are_written_only_where_they_are_seen(staff: Staff) -> None:
    """A manager plans for nobody elsewhere, and takes nobody's hours away there."""
    manager = await staff.actor(Role.MANAGER, "community")
    await identify(staff.session, manager.identity)
    elsewhere, now = staff.workers["elsewhere"].id, clock.now() + timedelta(days=1)
    for row in (
        Shift(worker_id=elsewhere, starts_at=now, ends_at=now + timedelta(hours=1)),
        DutyPattern(worker_id=elsewhere, weekdays=[2], starts=time(8), ends=time(9)),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            await _written(staff.session, row)
    gone = await staff.session.execute(sa.text("DELETE FROM shifts"))
    assert gone.rowcount == 3  # type: ignore[attr-defined]
    await identify(staff.session, platform("tests"))
    assert await staff.session.scalar(sa.select(Shift.worker_id)) == elsewhere


async def _written(session: AsyncSession, row: Shift | DutyPattern) -> None:
    async with session.begin_nested():
        session.add(row)
        await session.flush()
