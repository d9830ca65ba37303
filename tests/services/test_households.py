"""Households move and split as one act that keeps both states."""

from dataclasses import dataclass

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures.makers import (
    box,
    degrees,
    make_account,
    make_community,
    make_grid,
    make_household,
    make_resident,
    make_terminal,
)
from gis.coordinates import CoordinateSystem, from_wgs84
from services import contents, households
from services.access import Actor
from services.actors import actor_of
from services.contents import Content
from services.errors import NotAllowed, NotFound, StaleVersion
from services.models import (
    Area,
    DeclaredSystem,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Residence,
    Resident,
    Role,
    Terminal,
)
from tests.conftest import StandingClock


@dataclass
class Place:
    """Two grids side by side, each 1 km wide; a home in the western one with two people and a terminal."""

    west: Area
    east: Area
    home: Household
    residents: list[Resident]
    terminal: Terminal
    manager: Actor


@pytest_asyncio.fixture
async def place(session: AsyncSession, standing_clock: StandingClock) -> Place:
    """The place at nine o'clock."""
    community = await make_community(session)
    west = await make_grid(session, community, box(0, 0, 1000, 1000), 1)
    east = await make_grid(session, community, box(1000, 0, 2000, 1000), 2)
    home = await make_household(session, west, 100, 500)
    residents = [await make_resident(session, home) for _ in range(2)]
    terminal = await make_terminal(session, home)
    manager = await actor_of(session, (await make_account(session, Role.MANAGER, community)).id)
    return Place(west, east, home, residents, terminal, manager)


async def events(session: AsyncSession, household: Household) -> list[HouseholdEvent]:
    """What happened to a household, in order."""
    found = sa.select(HouseholdEvent).where(HouseholdEvent.household_id == household.id).order_by(HouseholdEvent.id)
    return list(await session.scalars(found))


async def test_a_move_changes_the_grid_and_keeps_what_was_declared(session: AsyncSession, place: Place) -> None:
    """Told in GCJ-02, stored in WGS 84; the event holds both states, the terminal comes along, caches are told."""
    before = await contents.versions(session, [Content.HOMES])
    lon, lat = (float(value) for value in from_wgs84(*degrees(1500, 500), CoordinateSystem.GCJ02))

    moved = await households.move_household(
        session, place.manager, place.home.id, " Elm Lane 1 ", lon, lat, CoordinateSystem.GCJ02, 1
    )

    assert (moved.address, moved.grid_id, moved.version) == ("Elm Lane 1", place.east.id, 2)
    assert (moved.declared_system, moved.declared_longitude) == (DeclaredSystem.GCJ02, lon)
    [event] = await events(session, moved)
    assert event.kind is HouseholdEventKind.MOVED
    assert event.before is not None
    assert event.after is not None
    assert (event.before["grid_id"], event.after["grid_id"]) == (str(place.west.id), str(place.east.id))
    assert event.after["location"] == pytest.approx(degrees(1500, 500), abs=1e-7)
    assert event.after["along"] == {"terminals": [place.terminal.serial], "calls": []}
    await session.refresh(place.terminal)
    assert place.terminal.household_id == moved.id
    assert await contents.versions(session, [Content.HOMES]) == (before[0] + 1,)


async def test_a_split_founds_a_household(session: AsyncSession, place: Place, standing_clock: StandingClock) -> None:
    """The second person leaves for the eastern grid; each side's event says who lived there before and after."""
    stays, leaves = (str(one.id) for one in place.residents)
    lon, lat = degrees(1500, 500)

    old, new = await households.split_household(
        session, place.manager, place.home.id, [place.residents[1].id], "NEW-1", "Elm Lane 2", lon, lat
    )

    assert (old.id, old.version, new.code, new.grid_id) == (place.home.id, 2, "NEW-1", place.east.id)
    spans = await session.execute(
        sa.select(Residence.household_id, Residence.until).where(Residence.resident_id == place.residents[1].id)
    )
    assert {tuple(row) for row in spans} == {(old.id, standing_clock.moment.date()), (new.id, None)}
    [left], [founded] = await events(session, old), await events(session, new)
    assert (left.kind, founded.kind) == (HouseholdEventKind.SPLIT, HouseholdEventKind.SPLIT)
    assert left.before == {"residents": sorted([stays, leaves])}
    assert left.after == {"residents": [stays], "from": old.code, "to": "NEW-1"}
    assert founded.before == {"residents": []}
    assert founded.after == {"residents": [leaves], "from": old.code, "to": "NEW-1"}


async def test_a_terminal_goes_along_with_those_who_leave(session: AsyncSession, place: Place) -> None:
    """By its serial, and both events tell it; one that stands elsewhere refuses the act."""
    leaving, at = [place.residents[1].id], degrees(1500, 500)
    act = (session, place.manager, place.home.id, leaving, "NEW-1", "Elm Lane 2", *at)
    async with session.begin_nested() as tried:
        with pytest.raises(households.TerminalElsewhere):
            await households.split_household(*act, serials=["T-elsewhere"])
        await tried.rollback()
    serial = place.terminal.serial
    old, new = await households.split_household(*act, serials=[serial])
    await session.refresh(place.terminal)
    assert place.terminal.household_id == new.id
    for home in (old, new):
        [event] = await events(session, home)
        assert event.after is not None
        assert event.after["terminals"] == [serial]


@pytest.mark.parametrize(
    ("leaving", "code", "at", "version", "refusal"),
    [
        ([], "NEW-1", (1500, 500), None, households.NobodyLeaves),
        ([0, 1], "NEW-1", (1500, 500), None, households.NobodyStays),
        ([1], "", (1500, 500), None, households.HouseholdCodeTaken),
        ([1], "NEW-1", (9000, 500), None, households.OutsideEveryGrid),
        ([1], "NEW-1", (1500, 500), 7, StaleVersion),
    ],
)
async def test_a_refused_split_changes_nothing(
    session: AsyncSession,
    place: Place,
    leaving: list[int],
    code: str,
    at: tuple[float, float],
    version: int | None,
    refusal: type[Exception],
) -> None:
    """By name; nobody moved, no household was founded, nothing is told."""
    who = [place.residents[number].id for number in leaving]
    async with session.begin_nested() as act:
        with pytest.raises(refusal):
            await households.split_household(
                session, place.manager, place.home.id, who, code, "Elm Lane 2", *degrees(*at), version=version
            )
        await act.rollback()

    standing = sa.select(sa.func.count()).select_from(Residence).where(Residence.until.is_(None))
    assert await session.scalar(standing) == 2
    assert await session.scalar(sa.select(sa.func.count()).select_from(Household)) == 1
    assert await events(session, place.home) == []


async def test_nobody_of_another_household_leaves(session: AsyncSession, place: Place) -> None:
    """Naming a stranger refuses the whole act."""
    stranger = await make_resident(session, await make_household(session, place.east, 1200, 500))
    with pytest.raises(households.NobodyLeaves):
        await households.split_household(
            session, place.manager, place.home.id, [stranger.id], "NEW-1", "Elm Lane 2", *degrees(1500, 500)
        )


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.PLANNER, Role.AUDITOR, Role.DISPATCHER])
async def test_only_managers_and_staff_move_households(session: AsyncSession, place: Place, role: Role) -> None:
    """Whoever else asks is refused inside the own area, too."""
    actor = await actor_of(session, (await make_account(session, role, place.west)).id)
    with pytest.raises(NotAllowed):
        await households.move_household(session, actor, place.home.id, "Elm Lane 1", *degrees(1500, 500))


async def test_a_household_elsewhere_is_not_found(session: AsyncSession, place: Place) -> None:
    """A manager of the eastern grid learns nothing of a home in the western one."""
    actor = await actor_of(session, (await make_account(session, Role.MANAGER, place.east)).id)
    with pytest.raises(NotFound):
        await households.move_household(session, actor, place.home.id, "Elm Lane 1", *degrees(1500, 500))
