"""Cases, those who work here and what they sign in with: what PostgreSQL itself gives to whom.

district 990001 > community 990001001001 > grid 001 (both cases), grid 002 (nobody's)

One case is open to those of its area and to who has a part in it; the other is sealed, and its team's alone.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services import clock, row_policies
from services.access import Actor
from services.actors import actor_of
from services.cases.rights import visible_cases
from services.database import identify, platform
from services.models import (
    Account,
    Area,
    Attachment,
    Case,
    CaseEvent,
    CaseLink,
    CaseMember,
    CaseTerm,
    CaseUnit,
    CaseVote,
    Phone,
    RefreshToken,
    Role,
    SignIn,
    SignInMethod,
    Unit,
    UnitKind,
    UnitMember,
    Worker,
)
from services.models.case_votes import CaseBallot
from services.models.cases import CaseContact
from services.policy import CASE_STAFF

PARTS = row_policies.PARTS_OF_CASES


@dataclass
class Casework:
    """The two cases, the people of the first by what they are to it, and who is in the team of the second."""

    session: AsyncSession
    areas: dict[str, Area]
    plain: Case
    sealed: Case
    people: dict[str, Account] = field(default_factory=dict)

    async def actor(self, who: Account) -> Actor:
        """The actor behind an account."""
        await identify(self.session, platform("tests"))
        return await actor_of(self.session, who.id)

    async def held(self, role: Role, place: str) -> Actor:
        """Somebody new with a role at a place."""
        where = () if place == "everywhere" else (self.areas[place],)
        await identify(self.session, platform("tests"))
        return await self.actor(await makers.make_account(self.session, role, *where))

    async def rows(self, actor: Actor | None) -> set[uuid.UUID]:
        """The cases that PostgreSQL gives, with no condition of ours."""
        await identify(self.session, actor.identity if actor else {})
        return set((await self.session.execute(sa.text("SELECT id FROM cases"))).scalars())

    async def chosen(self, actor: Actor) -> set[uuid.UUID]:
        """The cases that the code chooses, out of all."""
        await identify(self.session, platform("tests"))
        return set((await self.session.execute(visible_cases(sa.select(Case.id), actor))).scalars())

    async def counts(self, actor: Actor | None, *tables: str) -> dict[str, int]:
        """How many rows of each table PostgreSQL gives."""
        await identify(self.session, actor.identity if actor else {})
        found = {}
        for table in tables:
            found[table] = (await self.session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return found


@pytest.fixture
async def casework(session: AsyncSession) -> Casework:
    """The two cases, never committed."""
    community = await makers.make_community(session)
    grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), number=1)
    other = await makers.make_grid(session, community, makers.box(500, 0, 1000, 1000), number=2)
    district = (await session.scalars(sa.select(Area).where(Area.code == "990001000000"))).one()
    places = {"grid": grid, "community": community, "district": district, "elsewhere": other}
    people = {
        name: await makers.make_account(session, None, worker=await makers.make_worker(session))
        for name in ("opener", "assignee", "agent", "office", "lead", "joined", "member", "former", "stranger")
    }
    parties: dict[str, Any] = {
        "opener_id": people["opener"].id,
        "assignee_id": people["assignee"].worker_id,
        "agent_id": people["agent"].worker_id,
        "unit_id": await _office(session, community, people["office"]),
        "lead_unit_id": await _office(session, community, people["lead"]),
    }
    joined = await _office(session, community, people["joined"])
    cases = [await _case(session, community, district, grid, sealed, **parties) for sealed in (False, True)]
    for case in cases:
        session.add(CaseUnit(case_id=case.id, unit_id=joined, part="look", joined_at=clock.now()))
        await _parts(session, case)
        await _member(session, case, people["member"])
    await _member(session, cases[1], people["former"], until=clock.now())
    await session.flush()
    return Casework(session, places, *cases, people)


async def _office(session: AsyncSession, area: Area, member: Account) -> uuid.UUID:
    code = f"U-{uuid.uuid4().hex[:8]}"
    unit = Unit(code=code, kind=UnitKind.BUREAU, name=code, area_id=area.id)
    session.add(unit)
    await session.flush()
    session.add(UnitMember(unit_id=unit.id, account_id=member.id))
    return unit.id


async def _case(
    session: AsyncSession, community: Area, district: Area, grid: Area, sealed: bool, **parties: Any
) -> Case:
    now, version = clock.now(), sa.text("SELECT id FROM area_versions WHERE area_id = :id")
    plain: dict[str, Any] = {"state": "NEW", "rung": 0, "round": 1, "version": 1, "close_starts": "ACCEPTED"}
    found = Case(
        number=uuid.uuid4().hex[:20],
        kind="APPEAL",
        sealed=sealed,
        subject="",
        data_key=makers.KEYRING.new_data_key(),
        details={},
        grid_id=grid.id,
        community_id=community.id,
        district_id=district.id,
        area_version_id=(await session.execute(version, {"id": grid.id})).scalar_one(),
        opened_at=now,
        sort_due_at=now,
        returns=0,
        is_complex=False,
        pauses=[],
        reopened_rungs=[],
        **plain,
        **parties,
    )
    session.add(found)
    await session.flush()
    return found


async def _parts(session: AsyncSession, case: Case) -> None:
    """A line, a clock, a link to itself, a vote and a file."""
    now = clock.now()
    home = await makers.make_household(session, await session.get_one(Area, case.grid_id), 100, 500)
    term = {"name": "CLOSE", "rung": 0, "round": 1, "amount": 1, "unit": "DAYS", "starts": "OPENED"}
    file: dict[str, Any] = {"name_sealed": b"", "media_type": "image/png", "size_bytes": 1, "digest": case.id.bytes}
    key = makers.KEYRING.new_data_key()
    session.add_all(
        (
            CaseEvent(case_id=case.id, number=1, at=now, kind="OPENED", state="NEW", rung=0),
            CaseTerm(case_id=case.id, started_at=now, provisional=False, **term),
            CaseLink(case_id=case.id, other_id=case.id, relation="SIMILAR", at=now),
            CaseVote(case_id=case.id, household_id=home.id, at=now),
            CaseBallot(case_id=case.id, choice="yes"),
            Attachment(case_id=case.id, data_key=key, key=str(case.id), added_at=now, **file),
        )
    )
    await session.flush()


async def _member(session: AsyncSession, case: Case, who: Account, until: Any = None) -> None:
    session.add(CaseMember(case_id=case.id, account_id=who.id, part="DOCTOR", since=clock.now(), until=until))


@pytest.mark.parametrize("role", Role)
async def test_staff_see_the_open_cases_of_their_areas(casework: Casework, role: Role) -> None:
    """The open one to the staff around it, the sealed one to nobody by role; the same as the code chooses."""
    for place in (*casework.areas, "everywhere"):
        actor = await casework.held(role, place)
        expected = {casework.plain.id} if role in CASE_STAFF and place != "elsewhere" else set()
        assert await casework.rows(actor) == expected == await casework.chosen(actor), place
        assert await casework.counts(actor, *PARTS) == dict.fromkeys(PARTS, len(expected)), place


@pytest.mark.parametrize("who", ["opener", "assignee", "agent", "office", "lead", "joined"])
async def test_who_has_a_part_sees_the_open_case_and_not_the_sealed_one(casework: Casework, who: str) -> None:
    actor = await casework.actor(casework.people[who])
    assert await casework.rows(actor) == {casework.plain.id} == await casework.chosen(actor)
    assert await casework.counts(actor, *PARTS) == dict.fromkeys(PARTS, 1)


async def test_the_team_sees_its_sealed_case_for_as_long_as_it_is_the_team(casework: Casework) -> None:
    """With all that hangs on it: of the sealed case two members, who was one no longer sees anything."""
    member = await casework.actor(casework.people["member"])
    assert await casework.rows(member) == {casework.plain.id, casework.sealed.id} == await casework.chosen(member)
    assert await casework.counts(member, *PARTS) == dict.fromkeys(PARTS, 2) | {"case_members": 3}
    for who in ("former", "stranger"):
        actor = await casework.actor(casework.people[who])
        assert await casework.rows(actor) == set() == await casework.chosen(actor)
        assert await casework.counts(actor, *PARTS) == dict.fromkeys(PARTS, 0)


async def test_a_device_has_no_case(casework: Casework) -> None:
    """Whatever roles its account has besides."""
    home = await makers.make_household(casework.session, casework.areas["grid"], 300, 500)
    terminal = await makers.make_terminal(casework.session, home)
    where = casework.areas["grid"]
    account = await makers.make_account(casework.session, Role.TERMINAL, where, terminal_id=terminal.id)
    actor = await casework.actor(account)
    await casework.session.execute(sa.update(Case).values(opener_id=account.id))
    assert await casework.rows(actor) == set() == await casework.chosen(actor)


async def test_secrets_are_nobody_s_rows(casework: Casework) -> None:
    """Ballots, phones of residents, sign-ins and their tokens: not the administrator's, not the account's own."""
    session, now = casework.session, clock.now()
    own = casework.people["member"]
    key = makers.KEYRING.new_data_key()
    phone = {"phone_index": b"i", "phone_sealed": b"s", "data_key": key}
    session.add(CaseContact(created_at=now, expires_at=now, attempts=0, **phone))
    begun = SignIn(account_id=own.id, method=SignInMethod.PASSWORD, begun_at=now, expires_at=now)
    session.add(begun)
    await session.flush()
    session.add(RefreshToken(token_hash=b"h", sign_in_id=begun.id, expires_at=now))
    await session.flush()
    tables = ("case_contacts", "case_ballots", "sign_ins", "refresh_tokens")
    everybody = [await casework.held(Role.ADMIN, "everywhere"), await casework.actor(own)]
    for actor in everybody:
        assert await casework.counts(actor, *row_policies.SECRETS) == dict.fromkeys(row_policies.SECRETS, 0)
    await identify(session, platform("sign-in"))
    for table in tables:
        count = 2 if table == "case_ballots" else 1
        assert (await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one() == count, table


async def test_a_phone_is_its_account_s(casework: Casework) -> None:
    """Told by web push: not even the administrator sees that somebody has one."""
    own, key = casework.people["agent"], makers.KEYRING.new_data_key()
    casework.session.add(Phone(account_id=own.id, endpoint_digest=b"d", data_key=key, registered_at=clock.now()))
    await casework.session.flush()
    assert await casework.counts(await casework.actor(own), "phones") == {"phones": 1}
    for other in (await casework.actor(casework.people["opener"]), await casework.held(Role.ADMIN, "everywhere")):
        assert await casework.counts(other, "phones") == {"phones": 0}


async def test_who_works_here_is_known_to_those_who_have_signed_in(casework: Casework) -> None:
    """Their names stand on every case; a statement that forgot for whom it speaks finds nobody, not even so."""
    actor = await casework.actor(casework.people["stranger"])
    assert await casework.counts(actor, "workers", "accounts") == {"workers": 9, "accounts": 9}
    assert await casework.counts(None, *row_policies.STAFF) == dict.fromkeys(row_policies.STAFF, 0)


async def test_what_one_may_not_see_one_may_not_write(casework: Casework) -> None:
    """A stranger's update finds nothing, an insert is refused; the team's case stays as it was."""
    stranger = await casework.actor(casework.people["stranger"])
    await identify(casework.session, stranger.identity)
    for act in ("UPDATE cases SET sealed = false", "DELETE FROM case_members", "UPDATE attachments SET size_bytes = 0"):
        assert (await casework.session.execute(sa.text(act))).rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with casework.session.begin_nested():
            await _member(casework.session, casework.sealed, casework.people["stranger"])
    await identify(casework.session, platform("tests"))
    assert (await casework.session.scalars(sa.select(Case.sealed).order_by(Case.sealed))).all() == [False, True]
    assert await casework.session.scalar(sa.select(sa.func.count()).select_from(Worker)) == 9
