"""Who may give whom a role, who stands in for whom, and what an account is reached by."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services import access, accounts, actors, database, deputies, grants, sign_ins
from services.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from services.grants import Share, covers
from services.models import Account, Area, Deputy, Role, RoleGrant, SignInMethod
from tests.conftest import StandingClock

NOW = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@dataclass
class Staff:
    """A community of two grids, another community, and who works there."""

    session: AsyncSession
    here: Area
    grids: list[Area]
    elsewhere: Area
    admin: Account
    manager: Account
    worker: Account
    fresh: Account

    async def actor(self, account: Account) -> access.Actor:
        """With the rights of now."""
        return await actors.actor_of(self.session, account.id)

    async def give(self, by: Account, to: Account, role: Role, area: Area | None, **span: datetime) -> RoleGrant:
        """A role, given by one to another."""
        return await grants.give(self.session, await self.actor(by), to.id, role, area.id if area else None, **span)

    async def grants(self) -> int:
        """How many there are."""
        return await self.session.scalar(sa.select(sa.func.count()).select_from(RoleGrant)) or 0

    async def stand_in(self, by: Account, absent: Account, deputy: Account, days: int = 7) -> Deputy:
        """From now on, for some days."""
        actor = await self.actor(by)
        return await grants.appoint(self.session, actor, absent.id, deputy.id, NOW, NOW + timedelta(days=days))


@pytest_asyncio.fixture
async def staff(session: AsyncSession, standing_clock: StandingClock) -> AsyncIterator[Staff]:
    """The staff, in a transaction that is undone."""
    await database.identify(session, database.platform("test"))
    here = await makers.make_community(session)
    grids = [
        await makers.make_grid(session, here, makers.box(x, 0, x + 500, 1000), number=x // 500) for x in (500, 1000)
    ]
    elsewhere = await makers.make_community(session, number=2)
    yield Staff(
        session,
        here,
        grids,
        elsewhere,
        admin=await makers.make_account(session, Role.ADMIN),
        manager=await makers.make_account(session, Role.MANAGER, here),
        worker=await makers.make_account(session, Role.GRID_WORKER, grids[0]),
        fresh=await makers.make_account(session, None),
    )


@pytest.mark.parametrize(
    ("held", "wanted", "may"),
    [
        (Share(Role.MANAGER, "990001001001", None), Share(Role.GRID_WORKER, "990001001001001", None), True),
        (Share(Role.MANAGER, "990001001001", None), Share(Role.MANAGER, "990001001001", None), True),
        (Share(Role.MANAGER, "990001", None), Share(Role.SUPERVISOR, "990001001001", LATER), True),
        (Share(Role.MANAGER, "990001001001", None), Share(Role.GRID_WORKER, "990001001002001", None), False),
        (Share(Role.MANAGER, "990001001001", None), Share(Role.GRID_WORKER, "990001001", None), False),
        (Share(Role.MANAGER, "990001001001", None), Share(Role.GRID_WORKER, "", None), False),
        (Share(Role.MANAGER, "990001001001", None), Share(Role.AUDITOR, "990001001001", None), False),
        (Share(Role.MANAGER, "", None), Share(Role.ADMIN, "990001001001", None), False),
        (Share(Role.MANAGER, "990001", LATER), Share(Role.GRID_WORKER, "990001", LATER), True),
        (Share(Role.MANAGER, "990001", NOW), Share(Role.GRID_WORKER, "990001", LATER), False),
        (Share(Role.MANAGER, "990001", LATER), Share(Role.GRID_WORKER, "990001", None), False),
        (Share(Role.ADMIN, "", None), Share(Role.AUDITOR, "", None), True),
        (Share(Role.ADMIN, "990001", None), Share(Role.ADMIN, "", None), False),
        (Share(Role.ADMIN, "", None), Share(Role.TERMINAL, "", None), False),
        (Share(Role.SUPERVISOR, "", None), Share(Role.VOLUNTEER, "990001", NOW), False),
        (Share(Role.DISPATCHER, "990001", None), Share(Role.DISPATCHER, "990001", None), False),
    ],
)
def test_nobody_gives_more_than_one_holds(held: Share, wanted: Share, may: bool) -> None:
    """The role by the table, a place inside the own, no longer than oneself holds it."""
    assert covers(held, wanted) is may


async def test_a_manager_gives_the_daily_work_in_the_own_area_and_takes_it(
    staff: Staff, standing_clock: StandingClock
) -> None:
    """It holds at once for the span, with who gave it; ended, it is gone, with who ended it."""
    grant = await staff.give(staff.manager, staff.fresh, Role.SOCIAL_WORKER, staff.grids[1], until=LATER)
    assert (grant.granted_by, grant.valid_from, grant.valid_to) == (staff.manager.id, NOW, LATER)
    assert (await staff.actor(staff.fresh)).roles == {Role.SOCIAL_WORKER}
    standing_clock.forward(days=30)
    assert (await staff.actor(staff.fresh)).roles == set()
    grant = await staff.give(staff.manager, staff.fresh, Role.VOLUNTEER, staff.here)
    await grants.end(staff.session, await staff.actor(staff.manager), grant.id)
    assert (await staff.actor(staff.fresh)).roles == set()
    assert grant.ended_by == staff.manager.id
    with pytest.raises(NotFound):
        await grants.end(staff.session, await staff.actor(staff.manager), grant.id)


async def test_what_is_refused_changes_nothing(staff: Staff) -> None:
    """Another area, above the own, everywhere, a role above, to oneself, by a worker, to nobody, backwards."""
    before = await staff.grants()
    for by, to, role, area in (
        (staff.manager, staff.fresh, Role.GRID_WORKER, staff.elsewhere),
        (staff.manager, staff.fresh, Role.GRID_WORKER, None),
        (staff.manager, staff.fresh, Role.AUDITOR, staff.here),
        (staff.manager, staff.fresh, Role.ADMIN, staff.here),
        (staff.manager, staff.manager, Role.DISPATCHER, staff.here),
        (staff.admin, staff.admin, Role.AUDITOR, None),
        (staff.worker, staff.fresh, Role.GRID_WORKER, staff.grids[0]),
    ):
        with pytest.raises(NotAllowed):
            await staff.give(by, to, role, area)
    with pytest.raises(Invalid):
        await staff.give(staff.manager, staff.fresh, Role.VOLUNTEER, staff.here, until=NOW)
    with pytest.raises(NotFound):
        await grants.give(staff.session, await staff.actor(staff.admin), uuid.uuid4(), Role.VOLUNTEER, staff.here.id)
    with pytest.raises(NotFound):
        await grants.give(staff.session, await staff.actor(staff.admin), staff.fresh.id, Role.VOLUNTEER, uuid.uuid4())
    assert await staff.grants() == before


async def test_a_manager_ends_no_role_that_he_could_not_give(staff: Staff) -> None:
    """Of another area, of an auditor."""
    other = await staff.give(staff.admin, staff.fresh, Role.DISPATCHER, staff.elsewhere)
    auditor = await staff.give(staff.admin, staff.fresh, Role.AUDITOR, staff.here)
    for grant in (other, auditor):
        with pytest.raises(NotAllowed):
            await grants.end(staff.session, await staff.actor(staff.manager), grant.id)
    assert (await staff.actor(staff.fresh)).roles == {Role.DISPATCHER, Role.AUDITOR}


async def test_a_deputy_holds_the_roles_of_the_absent_one_for_the_leave(
    staff: Staff, standing_clock: StandingClock
) -> None:
    """And is seen as whom; before, after and once it is ended there is nothing of it."""
    await staff.give(staff.admin, staff.fresh, Role.DISPATCHER, staff.elsewhere)
    row = await staff.stand_in(staff.manager, staff.worker, staff.fresh)
    actor = await staff.actor(staff.fresh)
    assert actor.roles == {Role.DISPATCHER, Role.GRID_WORKER}
    assert (actor.deputy_for, staff.grids[0].id in actor.grid_ids) == ((staff.worker.id,), True)
    assert (await staff.actor(staff.worker)).deputy_for == ()
    standing_clock.forward(days=7)
    after = await staff.actor(staff.fresh)
    assert (after.roles, after.deputy_for) == ({Role.DISPATCHER}, ())
    with pytest.raises(NotAllowed):
        await deputies.end(staff.session, staff.fresh.id, row)


async def test_a_deputy_goes_no_further_and_gives_nothing_away(staff: Staff, standing_clock: StandingClock) -> None:
    """Worker stands in for the manager, somebody for the worker: that one has the worker's roles only. The worker may
    not give roles with what belongs to the manager."""
    await staff.stand_in(staff.manager, staff.manager, staff.worker)
    assert (await staff.actor(staff.worker)).roles == {Role.GRID_WORKER, Role.MANAGER}
    await staff.stand_in(staff.worker, staff.worker, staff.fresh)
    assert (await staff.actor(staff.fresh)).roles == {Role.GRID_WORKER}
    with pytest.raises(NotAllowed):
        await staff.give(staff.worker, staff.fresh, Role.VOLUNTEER, staff.here)
    with pytest.raises(NotAllowed):
        await staff.stand_in(staff.worker, staff.manager, staff.fresh)


async def test_a_leave_can_be_ended_by_those_whom_it_concerns(staff: Staff) -> None:
    """By either of the two or a manager of the absent one; not by a third."""
    row = await staff.stand_in(staff.manager, staff.worker, staff.fresh)
    third = await makers.make_account(staff.session, Role.GRID_WORKER, staff.grids[1])
    with pytest.raises(NotAllowed):
        await grants.end_deputy(staff.session, await staff.actor(third), row.id)
    await grants.end_deputy(staff.session, await staff.actor(staff.worker), row.id)
    assert (await staff.actor(staff.fresh)).roles == set()
    assert row.ended_by == staff.worker.id


async def test_who_may_not_name_a_deputy(staff: Staff) -> None:
    """Oneself, for somebody; a manager of elsewhere; for longer than 90 days; a closed account; a device."""
    third = await makers.make_account(staff.session, Role.MANAGER, staff.elsewhere)
    device = await makers.make_account(
        staff.session,
        Role.TERMINAL,
        staff.grids[0],
        terminal_id=(await makers.make_terminal(staff.session, None, serial="T-9")).id,
    )
    closed = await makers.make_account(staff.session, None, disabled_at=NOW)
    for by, absent, deputy in ((staff.manager, staff.worker, staff.manager), (third, staff.worker, staff.fresh)):
        with pytest.raises(NotAllowed):
            await staff.stand_in(by, absent, deputy)
    for days in (0, -1, 91):
        with pytest.raises(Invalid):
            await staff.stand_in(staff.manager, staff.worker, staff.fresh, days)
    with pytest.raises(Invalid):
        await staff.stand_in(staff.manager, staff.worker, device)
    with pytest.raises(NotFound):
        await staff.stand_in(staff.manager, staff.worker, closed)
    assert await staff.session.scalar(sa.select(sa.func.count()).select_from(Deputy)) == 0


async def test_a_closed_account_passes_nothing_on(staff: Staff) -> None:
    """Whoever stood in for it holds its roles no longer, and the account itself is nobody."""
    await staff.stand_in(staff.manager, staff.worker, staff.fresh)
    await accounts.close(staff.session, await staff.actor(staff.manager), staff.worker.id)
    assert (await staff.actor(staff.fresh)).roles == set()
    with pytest.raises(NotSignedIn):
        await staff.actor(staff.worker)


async def test_nobody_takes_over_an_account_that_holds_more(staff: Staff) -> None:
    """To set a password is to be able to act: not for an administrator's, an auditor's, one of another area, one
    that stands in for such, one that will be such, one's own, one without any role."""
    manager = await staff.actor(staff.manager)
    auditor = await makers.make_account(staff.session, Role.AUDITOR, staff.here)
    stand_in = await makers.make_account(staff.session, Role.GRID_WORKER, staff.grids[0])
    await staff.stand_in(staff.admin, auditor, stand_in)
    promoted = await makers.make_account(staff.session, Role.GRID_WORKER, staff.grids[0])
    await staff.give(staff.admin, promoted, Role.ADMIN, None, since=LATER)
    for account in (staff.admin, auditor, stand_in, promoted, staff.manager, staff.fresh):
        with pytest.raises(NotAllowed):
            await accounts.reset(staff.session, manager, account.id)
        with pytest.raises(NotAllowed):
            await accounts.close(staff.session, manager, account.id)
        with pytest.raises(NotAllowed):
            await accounts.tie(staff.session, manager, account.id, "https://id.example", "x")
        assert (account.password_hash, account.disabled_at) == (None, None)
    assert (await accounts.reset(staff.session, manager, staff.worker.id)).account.must_change_password


async def test_closing_ends_sign_ins_and_reopening_brings_none_back(staff: Staff) -> None:
    given = await sign_ins.begin(staff.session, staff.worker.id, SignInMethod.PASSWORD, makers.SECRET)
    sign_in = await sign_ins.of_token(staff.session, given.refresh)
    assert sign_in is not None
    assert await sign_ins.stands(staff.session, sign_in.id)
    manager = await staff.actor(staff.manager)
    await accounts.close(staff.session, manager, staff.worker.id)
    assert not await sign_ins.stands(staff.session, sign_in.id)
    await accounts.reopen(staff.session, manager, staff.worker.id)
    assert not await sign_ins.stands(staff.session, sign_in.id)
    assert (await staff.actor(staff.worker)).roles == {Role.GRID_WORKER}


async def test_accounts_are_shown_to_their_managers_and_to_themselves(staff: Staff) -> None:
    """A manager of the community: who holds a role in it or its grids, and himself; an administrator: all people; a
    worker: himself. Devices are shown to nobody."""
    terminal = await makers.make_terminal(staff.session, None, serial="T-9")
    await makers.make_account(staff.session, Role.TERMINAL, staff.grids[0], terminal_id=terminal.id)

    async def seen(by: Account) -> set[uuid.UUID]:
        shown = accounts.shown_to(sa.select(Account), await staff.actor(by))
        return {row.id for row in await staff.session.scalars(shown)}

    district = await staff.session.get_one(Area, (await staff.session.get_one(Area, staff.here.parent_id)).parent_id)
    chief = await makers.make_account(staff.session, Role.MANAGER, district)
    assert await seen(staff.manager) == {staff.manager.id, staff.worker.id}
    assert await seen(chief) == {chief.id, staff.manager.id, staff.worker.id}
    assert await seen(staff.worker) == {staff.worker.id}
    everybody = {staff.admin.id, staff.manager.id, staff.worker.id, staff.fresh.id, chief.id}
    assert await seen(staff.admin) >= everybody
    device = sa.select(Account).where(Account.terminal_id.is_not(None))
    assert (await staff.session.scalars(accounts.shown_to(device, await staff.actor(staff.admin)))).all() == []


async def test_a_new_account_has_one_login_and_begins_under_its_manager(staff: Staff) -> None:
    manager = await staff.actor(staff.manager)
    opened = await accounts.add_under(staff.session, manager, "li-1", "Li One", Role.GRID_WORKER, staff.grids[0].id)
    assert (await staff.actor(opened.account)).roles == {Role.GRID_WORKER}
    with pytest.raises(accounts.LoginTaken):
        await accounts.add(staff.session, "li-1", "Li Two")
    for login in ("Li", "a", "with space", "-x-", "x" * 81, "é-e"):
        with pytest.raises(Invalid):
            await accounts.add(staff.session, login, "Somebody")


async def test_many_are_looked_up_as_one_is(staff: Staff) -> None:
    """The same actors as one by one; an account that is not there is left out."""
    await staff.stand_in(staff.manager, staff.manager, staff.fresh)
    people = [staff.admin.id, staff.manager.id, staff.worker.id, staff.fresh.id]
    alone = {who: await actors.actor_of(staff.session, who) for who in people}
    assert await actors.actors_of(staff.session, [*people, uuid.uuid4()]) == alone
    assert alone[staff.fresh.id].roles == {Role.MANAGER}
    assert alone[staff.fresh.id].deputy_for == (staff.manager.id,)


async def test_who_is_closed_is_not_found_among_others(staff: Staff) -> None:
    """The others are."""
    staff.worker.disabled_at = NOW
    await staff.session.flush()
    found = await actors.actors_of(staff.session, [staff.worker.id, staff.manager.id])
    assert set(found) == {staff.manager.id}
