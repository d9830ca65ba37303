"""Borders change as one act: who lives, works and has rights there follows, and what happened before stays dated."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa
from shapely import LineString
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures.makers import (
    box,
    degrees,
    make_account,
    make_community,
    make_grid,
    make_household,
    make_service_point,
    make_worker,
)
from gis.borders import MergePartsApart, SplitLineTooShort
from services import boundaries, contents
from services.access import Actor
from services.actors import actor_of
from services.areas import CodeTaken, CodeUnfit
from services.contents import Content
from services.errors import NotAllowed, StaleVersion
from services.models import (
    Area,
    AreaVersion,
    Assignment,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Role,
    RoleGrant,
)
from tests.conftest import StandingClock


@dataclass
class Place:
    """A community of 2 km by 1 km: grid 001 is its western half, 002 its eastern half."""

    community: Area
    west: Area
    east: Area
    manager: Actor


@pytest_asyncio.fixture
async def place(session: AsyncSession, standing_clock: StandingClock) -> Place:
    """The community as it stands at nine o'clock."""
    community = await make_community(session)
    west = await make_grid(session, community, box(0, 0, 1000, 1000), 1)
    east = await make_grid(session, community, box(1000, 0, 2000, 1000), 2)
    manager = await actor_of(session, (await make_account(session, Role.MANAGER, community)).id)
    return Place(community, west, east, manager)


def line(*points: tuple[float, float]) -> LineString:
    """A line through places in metres, in degrees."""
    return LineString([degrees(x, y) for x, y in points])


async def grid_of(session: AsyncSession, household: Household) -> str:
    """The code of a household's grid as stored."""
    wanted = sa.select(Area.code).join(Household, Household.grid_id == Area.id).where(Household.id == household.id)
    return str(await session.scalar(wanted))


async def test_a_split_moves_what_lies_in_the_new_grid(
    session: AsyncSession, place: Place, standing_clock: StandingClock
) -> None:
    """West is cut at x = 700: 700 x 1000 m stay, 300 x 1000 m become grid 003."""
    stays = await make_household(session, place.west, 100, 500)
    moves = await make_household(session, place.west, 900, 500)
    shop = await make_service_point(session, place.west, 950, 500)
    standing_clock.forward(hours=1)

    old, new = await boundaries.split_grid(
        session, place.manager, place.west.id, line((700, -50), (700, 1050)), place.community.code + "003", "Third", 1
    )

    assert (old.id, old.version, old.code) == (place.west.id, 2, place.community.code + "001")
    assert (new.version, new.code, new.name) == (1, place.community.code + "003", "Third")
    assert old.area_square_meters == pytest.approx(700_000, rel=1e-3)
    assert new.area_square_meters == pytest.approx(300_000, rel=1e-3)
    assert await grid_of(session, stays) == old.code
    assert await grid_of(session, moves) == new.code
    await session.refresh(shop)
    assert shop.grid_id == new.id
    events = (await session.scalars(sa.select(HouseholdEvent))).all()
    assert [(one.household_id, one.kind, one.before, one.after) for one in events] == [
        (moves.id, HouseholdEventKind.REGRIDDED, {"grid": old.code}, {"grid": new.code})
    ]


async def test_a_split_keeps_the_version_in_which_things_happened(
    session: AsyncSession, place: Place, standing_clock: StandingClock
) -> None:
    """The first version ends at ten, when the second begins; its boundary is still the old one."""
    ten = standing_clock.forward(hours=1)
    await boundaries.split_grid(
        session, place.manager, place.west.id, line((500, -50), (500, 1050)), place.community.code + "003", "Third"
    )

    area = sa.func.ST_Area(sa.func.ST_Transform(AreaVersion.boundary, 32648))
    kept = sa.select(AreaVersion.version, AreaVersion.valid_from, AreaVersion.valid_to, area)
    rows = (await session.execute(kept.where(AreaVersion.area_id == place.west.id).order_by(AreaVersion.version))).all()
    nine = standing_clock.moment - timedelta(hours=1)
    assert [tuple(row[:3]) for row in rows] == [(1, nine, ten), (2, ten, None)]
    assert rows[1][3] == pytest.approx(rows[0][3] / 2, rel=1e-3)


async def test_a_worker_follows_the_post(session: AsyncSession, place: Place) -> None:
    """The worker at x = 900 goes to the new grid with the rights in it, the one at x = 100 stays."""
    near = await make_worker(session, place.west, x=100, y=500)
    far = await make_worker(session, place.west, x=900, y=500)
    account = await make_account(session, Role.GRID_WORKER, place.west, worker=far)

    old, new = await boundaries.split_grid(
        session, place.manager, place.west.id, line((700, -50), (700, 1050)), place.community.code + "003", "Third"
    )

    assert await serving(session, old) == {near.id}
    assert await serving(session, new) == {far.id}
    standing = sa.select(RoleGrant.area_id).where(RoleGrant.account_id == account.id, RoleGrant.valid_to.is_(None))
    assert (await session.scalars(standing)).all() == [new.id]


async def test_a_grid_without_a_post_is_served_by_all_of_the_old_one(session: AsyncSession, place: Place) -> None:
    """Nobody's post is in the new part: the worker serves both, so that no grid is without anybody."""
    only = await make_worker(session, place.west, x=100, y=500)

    old, new = await boundaries.split_grid(
        session, place.manager, place.west.id, line((700, -50), (700, 1050)), place.community.code + "003", "Third"
    )

    assert await serving(session, old) == {only.id}
    assert await serving(session, new) == {only.id}


async def test_merged_grids_become_one_and_their_codes_are_free(session: AsyncSession, place: Place) -> None:
    """Both halves become one grid under the code of the first; everybody in them follows."""
    home = await make_household(session, place.east, 1500, 500)
    worker = await make_worker(session, place.west, place.east, x=100, y=500)

    merged = await boundaries.merge_grids(
        session, place.manager, [place.east.id, place.west.id], place.community.code + "001", "Whole"
    )

    assert merged.area_square_meters == pytest.approx(2_000_000, rel=1e-3)
    assert await grid_of(session, home) == merged.code
    assert await serving(session, merged) == {worker.id}
    standing = sa.select(Area.id).where(Area.parent_id == place.community.id, Area.retired_at.is_(None))
    assert (await session.scalars(standing)).all() == [merged.id]


async def test_a_moved_border_takes_from_the_neighbour(session: AsyncSession, place: Place) -> None:
    """West reaches to x = 1200 now: the home at 1100 changes grid, the one at 1300 does not."""
    taken = await make_household(session, place.east, 1100, 500)
    left = await make_household(session, place.east, 1300, 500)

    changed = await boundaries.move_border(session, place.manager, place.west.id, box(0, 0, 1200, 1000), 1)

    assert [(grid.code[-3:], grid.version) for grid in changed] == [("001", 2), ("002", 2)]
    assert changed[1].area_square_meters == pytest.approx(800_000, rel=1e-3)
    assert await grid_of(session, taken) == place.west.code
    assert await grid_of(session, left) == place.east.code


@pytest.mark.parametrize(
    ("cut", "code", "version", "refusal"),
    [
        (((700, -50), (700, 1050)), "003", 7, StaleVersion),
        (((700, -50), (700, 1050)), "002", 1, CodeTaken),
        (((700, -50), (700, 1050)), "03", 1, CodeUnfit),
        (((700, -50), (700, 500)), "003", 1, SplitLineTooShort),
    ],
)
async def test_a_refused_split_changes_nothing(
    session: AsyncSession,
    place: Place,
    cut: tuple[tuple[float, float], ...],
    code: str,
    version: int,
    refusal: type[Exception],
) -> None:
    """Each refusal by its name; grid, versions and homes are as they were."""
    home = await make_household(session, place.west, 900, 500)
    async with session.begin_nested() as act:
        with pytest.raises(refusal):
            await boundaries.split_grid(
                session, place.manager, place.west.id, line(*cut), place.community.code + code, "Third", version
            )
        await act.rollback()

    await session.refresh(place.west)
    assert (place.west.version, place.west.retired_at) == (1, None)
    assert await grid_of(session, home) == place.west.code
    assert await session.scalar(sa.select(sa.func.count()).select_from(Area).where(Area.level == "GRID")) == 2
    assert await session.scalar(sa.select(sa.func.count()).select_from(HouseholdEvent)) == 0


async def test_grids_of_two_communities_do_not_merge(session: AsyncSession, place: Place) -> None:
    """Each grid belongs to exactly one community."""
    other = await make_community(session, box(2000, 0, 3000, 1000), number=2)
    neighbour = await make_grid(session, other, box(2000, 0, 3000, 1000), 1)
    everywhere = await actor_of(session, (await make_account(session, Role.MANAGER)).id)

    with pytest.raises(boundaries.CommunitiesDiffer):
        await boundaries.merge_grids(
            session, everywhere, [place.east.id, neighbour.id], place.community.code + "009", "Both"
        )


async def test_grids_that_do_not_touch_do_not_merge(session: AsyncSession, place: Place) -> None:
    """A third grid between them keeps them apart."""
    _, third = await boundaries.split_grid(
        session, place.manager, place.west.id, line((700, -50), (700, 1050)), place.community.code + "003", "Third"
    )
    assert third.version == 1

    with pytest.raises(MergePartsApart):
        await boundaries.merge_grids(
            session, place.manager, [place.west.id, place.east.id], place.community.code + "009", "Both"
        )


@pytest.mark.parametrize("role", [Role.GRID_WORKER, Role.PLANNER, Role.AUDITOR, Role.DISPATCHER])
async def test_only_a_manager_moves_borders(session: AsyncSession, place: Place, role: Role) -> None:
    """Whoever else asks is refused, also inside the own area."""
    actor = await actor_of(session, (await make_account(session, role, place.community)).id)

    with pytest.raises(NotAllowed):
        await boundaries.move_border(session, actor, place.west.id, box(0, 0, 1200, 1000))


async def test_a_manager_of_another_community_is_refused(session: AsyncSession, place: Place) -> None:
    """Rights end where the own area ends."""
    other = await make_community(session, box(2000, 0, 3000, 1000), number=2)
    actor = await actor_of(session, (await make_account(session, Role.MANAGER, other)).id)

    with pytest.raises(NotAllowed):
        await boundaries.move_border(session, actor, place.west.id, box(0, 0, 1200, 1000))


async def serving(session: AsyncSession, grid: Area) -> set[object]:
    """The workers who serve a grid today."""
    return set(
        await session.scalars(
            sa.select(Assignment.worker_id).where(Assignment.area_id == grid.id, Assignment.until.is_(None))
        )
    )


async def test_a_border_out_of_the_community_is_refused_with_the_place(session: AsyncSession, place: Place) -> None:
    """East claims 100 m by 1,000 m beyond the community: the area is told as GeoJSON with its size."""
    with pytest.raises(boundaries.TilingBroken) as caught:
        await boundaries.move_border(session, place.manager, place.east.id, box(1000, 0, 2100, 1000))

    told = caught.value.details
    assert (told["kind"], told["codes"]) == ("OUTSIDE", [place.east.code])
    assert told["square_meters"] == pytest.approx(100_000, rel=1e-3)
    assert told["area"]["type"] in ("Polygon", "MultiPolygon")


async def test_whoever_keeps_copies_is_told_of_a_split(session: AsyncSession, place: Place) -> None:
    """The versions of areas and homes rise with the act."""
    before = await contents.versions(session, [Content.AREAS, Content.HOMES])
    await boundaries.split_grid(
        session, place.manager, place.west.id, line((700, -50), (700, 1050)), place.community.code + "003", "Third"
    )
    assert await contents.versions(session, [Content.AREAS, Content.HOMES]) == (before[0] + 1, before[1] + 1)
