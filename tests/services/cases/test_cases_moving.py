"""Open cases follow their place when grids are split, merged or get another border, and when homes join."""

import pytest
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely import LineString, Point

from fixtures import makers
from services import boundaries, household_merging
from services.access import Actor
from services.cases.moving import MOVED
from services.models import Area, Case, Household, Role, Worker
from tests.caseroom import CaseRoom

FAR = makers.degrees(400, 100)


async def manager(room: CaseRoom) -> Actor:
    """Who keeps the grids."""
    return await room.actor(Role.MANAGER, room.community, name="Manager")


async def split(room: CaseRoom, x: int = 200) -> Area:
    """Grid 1 (x 0 to 500) is cut: the larger part, east of x, stays; the western one is the new grid."""
    line = LineString([makers.degrees(x, -50), makers.degrees(x, 1050)])
    keeper = await manager(room)
    async with room.database.write() as session:
        cut = await boundaries.split_grid(session, keeper, room.grids[0].id, line, room.community.code + "003", "Third")
    return cut[1]


async def another(room: CaseRoom) -> Worker:
    """A second worker of grid 1, posted at x = 100; the first one's post is at 400 now."""
    post = from_shape(Point(FAR), srid=4326)
    async with room.database.write() as session:
        await session.execute(sa.update(Worker).where(Worker.id == room.workers[0].id).values(post=post))
        return await makers.make_worker(session, room.grids[0], x=100, y=500)


async def test_what_waits_in_the_new_grid_falls_to_the_worker_who_serves_it(caseroom: CaseRoom) -> None:
    """The case at x = 100 goes to the grid of x < 200 and to the worker posted there; the one at 400 stays.

    So does the case of the home at 250, whose point is nobody's to ask.
    """
    second = await another(caseroom)
    near, far = await caseroom.open(), await caseroom.open(at=FAR)
    at_home = await caseroom.open(at=None, household_id=caseroom.home.id)
    assert near.assignee_id == caseroom.workers[0].id
    new = await split(caseroom)
    moved = await caseroom.case(near.id)
    assert (moved.grid_id, moved.assignee_id, moved.version) == (new.id, second.id, 2)
    assert moved.community_id == caseroom.community.id
    assert moved.sort_due_at == near.sort_due_at
    line = (await caseroom.lines(near))[-1]
    assert (line.kind, line.detail) == (MOVED, {"from": str(caseroom.grids[0].id), "to": str(new.id)})
    for stays in (far, at_home):
        assert ((await caseroom.case(stays.id)).grid_id, await caseroom.kinds(stays)) == (near.grid_id, ["OPENED"])


async def test_who_has_accepted_keeps_the_case(caseroom: CaseRoom) -> None:
    """One matter, one agent: it stands in the new grid, in the hands of the worker of the old one."""
    await another(caseroom)
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    new = await split(caseroom)
    moved = await caseroom.case(case.id)
    assert (moved.grid_id, moved.assignee_id) == (new.id, caseroom.workers[0].id)


async def test_a_sealed_case_follows_its_home_and_falls_to_nobody(caseroom: CaseRoom) -> None:
    """A claim of the home at 250, when all west of x = 300 is cut off; it has no point and no assignee."""
    case = await caseroom.open(
        "CLAIM", at=None, household_id=caseroom.home.id, details={"happened_on": "2026-05-20", "kind": "harm"}
    )
    line = LineString([makers.degrees(300, -50), makers.degrees(300, 1050)])
    keeper = await manager(caseroom)
    async with caseroom.database.write() as session:
        grids = await boundaries.split_grid(
            session, keeper, caseroom.grids[0].id, line, caseroom.community.code + "003", "Third"
        )
        home = await session.get_one(Household, caseroom.home.id, populate_existing=True)
    moved = await caseroom.case(case.id)
    assert home.grid_id in {grid.id for grid in grids}
    assert (moved.grid_id, moved.assignee_id, moved.location) == (home.grid_id, None, None)


async def test_merged_grids_hand_all_their_open_cases_over(caseroom: CaseRoom) -> None:
    """One of each grid; an ended one stays in the grid in which it happened."""
    first, second = await caseroom.open(), await caseroom.open(at=makers.degrees(900, 100))
    ended = await caseroom.open()
    async with caseroom.database.write() as session:
        gone = sa.update(Case).where(Case.id == ended.id).values(ended_at=ended.opened_at)
        await session.execute(gone)
    keeper = await manager(caseroom)
    async with caseroom.database.write() as session:
        ids = [grid.id for grid in caseroom.grids]
        new = await boundaries.merge_grids(session, keeper, ids, caseroom.community.code + "009", "One")
    for case, worker in zip((first, second), caseroom.workers, strict=True):
        moved = await caseroom.case(case.id)
        assert (moved.grid_id, moved.assignee_id) == (new.id, worker.id)
    async with caseroom.database.read() as session:
        assert (await session.get_one(Case, ended.id)).grid_id == caseroom.grids[0].id


async def test_a_moved_border_takes_cases_along(caseroom: CaseRoom) -> None:
    """Grid 1 gives up all east of x = 300: the case at 400 is of grid 2 then, and of its worker."""
    case = await caseroom.open(at=FAR)
    keeper = await manager(caseroom)
    async with caseroom.database.write() as session:
        await boundaries.move_border(session, keeper, caseroom.grids[0].id, makers.box(0, 0, 300, 1000))
    moved = await caseroom.case(case.id)
    assert (moved.grid_id, moved.assignee_id) == (caseroom.grids[1].id, caseroom.workers[1].id)


async def test_the_cases_of_a_home_go_where_it_goes(caseroom: CaseRoom) -> None:
    """The home at 250 joins one at 750: the case is of that home, that grid, that place and that grid's worker."""
    async with caseroom.database.write() as session:
        other = await makers.make_household(session, caseroom.grids[1], 750, 500)
    case = await caseroom.open(at=None, household_id=caseroom.home.id)
    keeper = await manager(caseroom)
    async with caseroom.database.write({"everywhere": True}) as session:
        await household_merging.merge(session, keeper, other.id, caseroom.home.id)
    moved = await caseroom.case(case.id)
    assert (moved.household_id, moved.grid_id) == (other.id, caseroom.grids[1].id)
    assert moved.assignee_id == caseroom.workers[1].id
    async with caseroom.database.read() as session:
        place = sa.select(sa.func.ST_X(Case.location)).where(Case.id == case.id)
        assert await session.scalar(place) == pytest.approx(Point(makers.degrees(750, 500)).x)
