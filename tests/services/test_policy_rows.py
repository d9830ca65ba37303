"""What PostgreSQL itself gives to whom: compared with the table of rights, role by role, near and far.

district 990001 > community 990001001001 > grid 001 (the home of all that follows), grid 002 (nobody's)
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from fixtures import makers
from services import clock, row_policies
from services.access import Actor
from services.actors import actor_of
from services.database import alembic_config, identify, platform, speaking_as
from services.migrations.versions import m0050_rights
from services.models import (
    Account,
    Area,
    Base,
    Call,
    CallEvent,
    CallEventKind,
    CallNote,
    CallStatus,
    CareRecord,
    ContactChannel,
    EmergencyContact,
    Household,
    Offer,
    OfferStatus,
    Press,
    Resident,
    Role,
    Sensitivity,
    Terminal,
    TerminalButton,
    Visit,
    Worker,
)
from services.models.terminal_keys import TerminalKey
from services.policy import FieldClass, Relation, Right, Thing, right
from tests.postgres import OWNER, WorkerDatabases

FOUND = ("households", "household_events", "emergency_contacts", "residences", "residents", "terminals")
CARE = ("care_records", "care_team_members")
CALLS = ("calls", "call_events", "call_notes", "presses", "offers")
PLACES = {
    "grid": Relation.OWN_GRID,
    "community": Relation.OWN_COMMUNITY,
    "district": Relation.ABOVE,
    "everywhere": Relation.ABOVE,
    "elsewhere": Relation.ELSEWHERE,
}


@dataclass
class Scene:
    """One home with everything that hangs on it: a record of a plain category and one of a sealed one, an open call."""

    session: AsyncSession
    areas: dict[str, Area]
    home: Household
    person: Resident
    worker: Worker
    plain: CareRecord
    sealed: CareRecord
    call: Call

    async def actor(self, role: Role | None, place: str, worker: Worker | None = None) -> Actor:
        """Somebody with a role at a place."""
        where = () if place == "everywhere" else (self.areas[place],)
        await identify(self.session, platform("tests"))
        account = await makers.make_account(self.session, role, *where, worker=worker)
        return await actor_of(self.session, account.id)

    async def seen(self, actor: Actor | None, *tables: str) -> dict[str, int]:
        """How many rows of each table PostgreSQL gives, with no condition of ours."""
        await identify(self.session, actor.identity if actor else {})
        counts = {}
        for table in tables:
            counts[table] = (await self.session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return counts


@pytest.fixture
async def scene(session: AsyncSession) -> Scene:
    """The scene, never committed."""
    community = await makers.make_community(session, number=1)
    grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), number=1)
    other = await makers.make_grid(session, community, makers.box(500, 0, 1000, 1000), number=2)
    district = (await session.scalars(sa.select(Area).where(Area.code == "990001000000"))).one()
    home = await makers.make_household(session, grid, 100, 500)
    person = await makers.make_resident(session, home)
    worker = await makers.make_worker(session, grid)
    hidden = await makers.make_category(session, "HIDDEN", sensitivity=Sensitivity.SEALED)
    plain = await makers.make_care_record(session, person, await makers.make_category(session, "PLAIN"), [worker])
    sealed = await makers.make_care_record(session, person, hidden, [worker])
    terminal = await makers.make_terminal(session, home)
    await makers.make_event(session, home)
    call = await _call(session, home, terminal, [grid.id, community.id, district.id], worker)
    key = makers.KEYRING.new_data_key()
    session.add(EmergencyContact(household_id=home.id, channel=ContactChannel.SMS, data_key=key))
    session.add(TerminalKey(terminal_id=terminal.id, data_key=key, key_sealed=b"sealed", made_at=clock.now()))
    for record in (None, plain, sealed):
        session.add(_visit(home, record, worker))
    await session.flush()
    areas = {"grid": grid, "community": community, "district": district, "elsewhere": other}
    return Scene(session, areas, home, person, worker, plain, sealed, call)


def _visit(home: Household, record: CareRecord | None, worker: Worker) -> Visit:
    return Visit(
        household_id=home.id,
        care_record_id=record.id if record else None,
        worker_id=worker.id,
        visited_at=clock.now(),
        purpose="ROUTINE",
        recorded_at=clock.now(),
    )


async def _call(
    session: AsyncSession, home: Household, terminal: Terminal, area_ids: list[uuid.UUID], worker: Worker
) -> Call:
    now, key = clock.now(), makers.KEYRING.new_data_key()
    plain: dict[str, Any] = {"priority": 1, "press_count": 1, "rung": 0, "round": 1, "version": 1}
    call = Call(
        terminal_serial=terminal.serial,
        terminal_id=terminal.id,
        household_id=home.id,
        grid_id=home.grid_id,
        area_ids=area_ids,
        opened_at=now,
        answer_due_at=now,
        last_pressed_at=now,
        status=CallStatus.OPEN,
        cancel_pressed=False,
        asked_after=False,
        **plain,
    )
    session.add(call)
    await session.flush()
    session.add_all(
        (
            CallEvent(call_id=call.id, number=1, at=now, kind=CallEventKind.OPENED, status=call.status, priority=1),
            CallNote(call_id=call.id, at=now, data_key=key, note_sealed=b"sealed"),
            Press(
                terminal_serial=terminal.serial,
                reference="one",
                button=TerminalButton.HELP,
                received_at=now,
                call_id=call.id,
                joined=False,
            ),
            Offer(
                call_id=call.id,
                worker_id=worker.id,
                rung="OWN_GRID",
                round=1,
                status=OfferStatus.EXPIRED,
                reason="NEAREST",
                from_longitude=0.0,
                from_latitude=0.0,
                offered_at=now,
                expires_at=now,
            ),
        )
    )
    await session.flush()
    return call


@pytest.mark.parametrize("role", Role)
async def test_rows_are_those_of_the_table(scene: Scene, role: Role) -> None:
    """Each role at each place: homes, special care and calls as the table of rights says, sealed records never."""
    for place, near in PLACES.items():
        actor = await scene.actor(role, place)
        finds = right([role], Thing.HOUSEHOLD, near, FieldClass.PUBLIC) >= Right.MASK
        cares = finds and right([role], Thing.CARE, near, FieldClass.SENSITIVE) is Right.ALLOW
        calls = right([role], Thing.CALL, near, FieldClass.PUBLIC) is Right.ALLOW
        expected = dict.fromkeys((*FOUND, "terminal_keys"), int(finds)) | dict.fromkeys(CARE, int(cares))
        expected |= dict.fromkeys(CALLS, int(calls)) | {"visits": finds + cares}  # never that of the sealed record
        assert await scene.seen(actor, *expected) == expected, place


async def test_who_says_no_name_sees_no_row(scene: Scene) -> None:
    """The server's role without an identity: no rows of any table that has a policy."""
    assert await scene.seen(None, *row_policies.ROWS) == dict.fromkeys(row_policies.ROWS, 0)
    await scene.session.execute(sa.text("SELECT set_config('linli.actor', '', true)"))
    assert (await scene.session.execute(sa.text("SELECT count(*) FROM residents"))).scalar_one() == 0


async def test_a_part_of_the_platform_says_its_name_and_sees_all(scene: Scene) -> None:
    """Also for some statements within somebody's transaction, and only for those."""
    await identify(scene.session, platform("dispatch"))
    everything = "SELECT count(*) FROM care_records"
    assert (await scene.session.execute(sa.text(everything))).scalar_one() == 2
    planner = await scene.actor(Role.PLANNER, "community")
    await identify(scene.session, planner.identity)
    async with speaking_as(scene.session, "counts"):
        assert (await scene.session.execute(sa.text(everything))).scalar_one() == 2
    assert (await scene.session.execute(sa.text(everything))).scalar_one() == 0


async def test_a_sealed_record_is_its_team_s(scene: Scene) -> None:
    """The worker who stands for it sees it, also from elsewhere; with it its visits."""
    actor = await scene.actor(Role.GRID_WORKER, "elsewhere", scene.worker)
    assert await scene.seen(actor, "care_records", "households") == {"care_records": 2, "households": 0}
    assert (await scene.seen(actor, "visits"))["visits"] == 3  # all were his own


async def test_a_home_in_hand_is_open(scene: Scene) -> None:
    """A volunteer of another grid who has taken the call: the home's file, its plain record, never the sealed one."""
    volunteer = await makers.make_worker(scene.session)
    actor = await scene.actor(Role.VOLUNTEER, "elsewhere", volunteer)
    assert await scene.seen(actor, "households", "calls") == {"households": 0, "calls": 0}
    await identify(scene.session, platform("tests"))
    scene.call.status, scene.call.holder_id = CallStatus.ACCEPTED, volunteer.id
    await scene.session.flush()
    actor = await actor_of(scene.session, actor.account_id)
    assert await scene.seen(actor, *FOUND) == dict.fromkeys(FOUND, 1)
    assert await scene.seen(actor, "care_records", "calls") == {"care_records": 1, "calls": 1}
    await identify(scene.session, platform("tests"))
    scene.call.status, scene.call.ended_at = CallStatus.RESOLVED, clock.now()
    scene.call.holder_id = None
    await scene.session.flush()
    actor = await actor_of(scene.session, actor.account_id)
    assert await scene.seen(actor, "households", "residents") == {"households": 0, "residents": 0}


async def test_who_is_asked_sees_the_call_and_not_the_file(scene: Scene) -> None:
    """An offer that waits for an answer shows the call to the worker; the home's rows stay closed."""
    volunteer = await makers.make_worker(scene.session)
    actor = await scene.actor(Role.VOLUNTEER, "elsewhere", volunteer)
    offer = (await scene.session.scalars(sa.select(Offer))).one()
    offer.worker_id, offer.status = volunteer.id, OfferStatus.OFFERED
    await scene.session.flush()
    assert await scene.seen(actor, "calls", "offers", "residents") == {"calls": 1, "offers": 1, "residents": 0}


async def test_restricted_homes_and_people_are_no_rows(scene: Scene) -> None:
    """Not even for the manager, nor with rights everywhere; a home in hand opens."""
    scene.person.restricted = True
    await scene.session.flush()
    for place in ("community", "everywhere"):
        actor = await scene.actor(Role.MANAGER, place)
        seen = await scene.seen(actor, "households", "residents", "care_records")
        assert seen == {"households": 1, "residents": 0, "care_records": 0}
    await identify(scene.session, platform("tests"))
    scene.home.restricted = True
    await scene.session.flush()
    for place in ("community", "everywhere"):
        actor = await scene.actor(Role.MANAGER, place)
        assert await scene.seen(actor, *FOUND) == dict.fromkeys(FOUND, 0)
    claimed = await scene.actor(Role.DISPATCHER, "community")
    await identify(scene.session, platform("tests"))
    scene.call.status, scene.call.claimed_by = CallStatus.HELD, claimed.account_id
    await scene.session.flush()
    assert await scene.seen(await actor_of(scene.session, claimed.account_id), *FOUND) == dict.fromkeys(FOUND, 1)


async def test_what_one_may_not_see_one_may_not_write(scene: Scene) -> None:
    """A manager of another grid: an update finds nothing, an insert is refused, a delete takes nothing."""
    stranger = await scene.actor(Role.MANAGER, "elsewhere")
    await identify(scene.session, stranger.identity)
    for act in ("UPDATE households SET address = 'taken'", "DELETE FROM residences"):
        assert (await scene.session.execute(sa.text(act))).rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with scene.session.begin_nested():
            await makers.make_event(scene.session, scene.home)
    await identify(scene.session, platform("tests"))
    assert (await scene.session.scalars(sa.select(Household.address))).one() == scene.home.address


async def test_a_home_cannot_be_put_where_one_does_not_see(scene: Scene) -> None:
    """Not even one's own: whoever moves it speaks as the part of the platform that checks the move."""
    manager = await scene.actor(Role.MANAGER, "grid")
    await identify(scene.session, manager.identity)
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with scene.session.begin_nested():
            await scene.session.execute(sa.update(Household).values(grid_id=scene.areas["elsewhere"].id))


async def test_a_person_s_row_follows_the_home(scene: Scene) -> None:
    """Moved by the household or by the person, and hidden with a restricted home."""
    here, there = scene.areas["grid"].id, scene.areas["elsewhere"].id

    async def placed() -> tuple[uuid.UUID | None, uuid.UUID | None]:
        await scene.session.refresh(scene.person)
        return scene.person.home_id, scene.person.grid_id

    assert await placed() == (scene.home.id, here)
    scene.home.grid_id = there
    await scene.session.flush()
    assert await placed() == (scene.home.id, there)
    scene.home.restricted = True
    await scene.session.flush()
    assert await placed() == (scene.home.id, None)
    other = await makers.make_household(scene.session, scene.areas["grid"], 200, 500)
    await scene.session.execute(sa.text("UPDATE residences SET until = '2026-01-01'"))
    await makers.make_residence(scene.session, scene.person, other, since=date(2026, 1, 1))
    assert await placed() == (other.id, here)


async def test_a_record_s_row_follows_the_person(scene: Scene) -> None:
    """Moved with the home, hidden with the home or the person; a record that changes hands goes along."""
    here, there = scene.areas["grid"].id, scene.areas["elsewhere"].id

    async def placed() -> tuple[uuid.UUID | None, uuid.UUID | None]:
        await scene.session.refresh(scene.plain)
        return scene.plain.home_id, scene.plain.grid_id

    assert await placed() == (scene.home.id, here)
    scene.home.grid_id = there
    await scene.session.flush()
    assert await placed() == (scene.home.id, there)
    scene.person.restricted = True
    await scene.session.flush()
    assert await placed() == (scene.home.id, None)
    scene.person.restricted, scene.home.restricted = False, True
    await scene.session.flush()
    assert await placed() == (scene.home.id, None)
    neighbour = await makers.make_household(scene.session, scene.areas["grid"], 300, 500)
    scene.plain.resident_id = (await makers.make_resident(scene.session, neighbour)).id
    await scene.session.flush()
    assert await placed() == (neighbour.id, here)


def test_every_table_has_its_policy_or_its_reason() -> None:
    """A table that is added later is closed or explained, never forgotten."""
    tables = set(Base.metadata.tables)
    assert set(row_policies.ROWS) & set(row_policies.OPEN) == set()
    assert tables - set(row_policies.ROWS) - set(row_policies.OPEN) == set()
    assert (set(row_policies.ROWS) | set(row_policies.OPEN)) - tables == set()


async def test_the_store_has_the_policies_that_are_written(engine: AsyncEngine) -> None:
    """Enabled and forced on every table, one policy each, for all acts and all roles, with our expression in it."""
    async with engine.connect() as connection:
        forced = await connection.execute(
            sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relkind = 'r'")
        )
        assert set(forced.scalars()) == set(row_policies.ROWS)
        found = await connection.execute(
            sa.text("SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies")
        )
        policies = found.all()
    assert {one.tablename for one in policies} == set(row_policies.ROWS)
    assert len(policies) == len(row_policies.ROWS)
    for one in policies:
        assert (one.policyname, one.permissive, one.cmd) == (row_policies.POLICY, "PERMISSIVE", "ALL")
        assert "public" in one.roles
        assert "linli_platform()" in one.qual
        assert one.with_check is None  # what may be seen may be written


POLICIES = "SELECT tablename, qual, with_check FROM pg_policies ORDER BY tablename"
FUNCTIONS = """SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'linli%' ORDER BY proname"""


def test_the_migrations_come_to_what_the_code_says(owner_database_url: str) -> None:
    """They keep their own words, so that old ones stay as they were: put by the code once more, nothing changes."""
    with psycopg.connect(owner_database_url) as connection:
        before = [connection.execute(one).fetchall() for one in (POLICIES, FUNCTIONS)]
        for statement in row_policies.put():
            connection.execute(statement.encode())
        assert [connection.execute(one).fetchall() for one in (POLICIES, FUNCTIONS)] == before
        connection.rollback()
    assert {name for name, _ in before[1]} >= {"linli_actor", "linli_case_team", "linli_place_residence"}


def test_the_policies_can_be_taken_away_again(databases: WorkerDatabases) -> None:
    """Back to the revision before the first of them: none is left, nor a function; and there again."""
    name = databases.make()
    url = databases.url(name, OWNER)
    try:
        command.downgrade(alembic_config(url), "0050")
        with psycopg.connect(url) as connection:
            forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' ORDER BY relname"
            assert [one for (one,) in connection.execute(forced)] == sorted(m0050_rights.ROWS)
        command.downgrade(alembic_config(url), "0040")
        with psycopg.connect(url) as connection:
            assert connection.execute(forced).fetchall() == []
            left = [name for name, _ in connection.execute(FUNCTIONS)]
        assert left == ["linli_only_grows"]  # the trigger of the read log is older
        command.upgrade(alembic_config(url), "head")
    finally:
        databases.drop(name)


def test_the_server_s_role_and_the_owner_are_bound(owner_database_url: str, database_url: str) -> None:
    """Neither bypasses; the owner of the tables sees nothing without saying its name."""
    with psycopg.connect(owner_database_url) as connection:
        bypassing = "SELECT rolname FROM pg_roles WHERE rolbypassrls AND rolname LIKE 'linli%' AND NOT rolsuper"
        assert connection.execute(bypassing).fetchall() == []
        assert connection.execute("SELECT count(*) FROM households").fetchone() == (0,)
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER TABLE households DISABLE ROW LEVEL SECURITY")


async def test_an_identity_ends_with_its_transaction(engine: AsyncEngine) -> None:
    """A connection given back to the pool speaks for nobody."""
    async with AsyncSession(engine) as session:
        await identify(session, platform("tests"))
        assert (await session.execute(sa.text("SELECT linli_platform()"))).scalar_one() is True
        await session.rollback()
        assert (await session.execute(sa.text("SELECT linli_platform()"))).scalar_one() is False


async def test_an_account_that_is_gone_has_no_actor(scene: Scene) -> None:
    """A grant that is over gives nothing from that moment on."""
    actor = await scene.actor(Role.MANAGER, "community")
    account = await scene.session.get_one(Account, actor.account_id)
    await scene.session.execute(
        sa.text("UPDATE role_grants SET valid_to = :now WHERE account_id = :id"),
        {"now": clock.now(), "id": account.id},
    )
    assert await scene.seen(await actor_of(scene.session, account.id), *FOUND) == dict.fromkeys(FOUND, 0)
