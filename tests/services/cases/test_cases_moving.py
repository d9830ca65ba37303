"""Open cases follow their place when grids are split, merged or get another border, and when homes join."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely import LineString, Point

from fixtures import makers
from services import boundaries, household_merging
from services.access import Actor
from services.cases import offices, visitplans
from services.cases.moving import MOVED
from services.models import Area, Case, CaseRule, Household, Role, Worker
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


async def test_a_thousand_cases_are_moved_by_as_many_statements_as_one(caseroom: CaseRoom) -> None:
    """Each has its line, its clock and its new worker; read, locked and written together, whatever their number."""
    statements: list[str] = []
    engine = caseroom.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    counts, second = [], await another(caseroom)
    cases = [await caseroom.open(), await caseroom.open("HAZARD"), await caseroom.open()]
    cases[2] = await caseroom.act(cases[2], "worker", "ACCEPT")
    statements.clear()
    new = await split(caseroom)
    counts.append(len(statements))
    assert [(await caseroom.case(each.id)).grid_id for each in cases] == [new.id] * 3
    assert [(await caseroom.case(each.id)).assignee_id for each in cases] == [
        second.id,
        second.id,
        caseroom.workers[0].id,
    ]
    assert len(await caseroom.told("CASE_ASSIGN")) == 2
    more = [await caseroom.open(at=FAR) for _ in range(12)] + [await caseroom.open("HAZARD", at=FAR)]
    more.append(await caseroom.act(await caseroom.open(at=FAR), "worker", "ACCEPT"))
    keeper = await manager(caseroom)
    statements.clear()
    async with caseroom.database.write() as session:
        east = LineString([makers.degrees(390, -50), makers.degrees(390, 1050)])
        code = caseroom.community.code + "004"
        grids = await boundaries.split_grid(session, keeper, caseroom.grids[0].id, east, code, "Fourth")
    counts.append(len(statements))
    fourth = next(grid for grid in grids if grid.id != caseroom.grids[0].id)
    assert counts[1] <= counts[0], "fourteen cost no more than three"
    due = [(each.sort_due_at, fourth.id) for each in more]
    stored = [await caseroom.case(each.id) for each in more]
    assert [(each.sort_due_at, each.grid_id) for each in stored] == due
    for each in (*cases, *more):
        (line,) = [line for line in await caseroom.lines(each) if line.kind == MOVED]
        assert line.number == (await caseroom.case(each.id)).version


async def rulings(room: CaseRoom, *grids: uuid.UUID) -> dict[tuple[uuid.UUID, str], str]:
    """From when the closing term runs in these grids."""
    async with room.database.read() as session:
        rules = await session.scalars(sa.select(CaseRule).where(CaseRule.area_id.in_(grids)))
        return {(rule.area_id, rule.kind): rule.close_starts for rule in rules}


async def test_what_was_settled_for_a_grid_holds_in_what_becomes_of_it(caseroom: CaseRoom) -> None:
    """Cut off, the new grid is judged as the old one; joined, of two rulings that differ the later holds."""
    keeper = await manager(caseroom)
    for area, kind, starts in (
        (caseroom.grids[0], "APPEAL", "OPENED"),
        (caseroom.grids[0], "STREET", "OPENED"),
        (caseroom.grids[1], "APPEAL", "ACCEPTED"),
    ):
        async with caseroom.database.write() as session:
            rule = await offices.settle(session, keeper, area.id, kind, starts)
        async with caseroom.database.write() as session:  # the clock stands: the second grid was settled a day later
            later = sa.func.make_interval(0, 0, 0, 1 if area is caseroom.grids[1] else 0)
            await session.execute(
                sa.update(CaseRule).where(CaseRule.id == rule.id).values(changed_at=CaseRule.changed_at + later)
            )
    new = await split(caseroom)
    assert await rulings(caseroom, new.id) == {(new.id, "APPEAL"): "OPENED", (new.id, "STREET"): "OPENED"}
    assert (await caseroom.open()).close_starts == "OPENED"
    async with caseroom.database.write() as session:
        ids = [caseroom.grids[0].id, caseroom.grids[1].id]
        one = await boundaries.merge_grids(session, keeper, ids, caseroom.community.code + "009", "One")
    assert await rulings(caseroom, one.id) == {(one.id, "APPEAL"): "ACCEPTED", (one.id, "STREET"): "OPENED"}


def planned(room: CaseRoom, *homes: Household) -> dict[str, Any]:
    """A plan of visits to these homes."""
    ids = [str(home.id) for home in homes]
    return {"worker_id": str(room.workers[0].id), "month": "2026-06", "until": "2026-06-05", "household_ids": ids}


async def test_a_plan_of_visits_names_the_home_that_goes_on(caseroom: CaseRoom) -> None:
    """Of three plans: one still to see the home that is gone, one that saw it, one that sees both homes anyway."""
    gone = caseroom.home
    async with caseroom.database.write() as session:
        into = await makers.make_household(session, caseroom.grids[0], 300, 500)
        other = await makers.make_household(session, caseroom.grids[0], 350, 500)
    waiting = await caseroom.open("VISIT_PLAN", details=planned(caseroom, gone, other), subject="六月走访")
    seen = await caseroom.open("VISIT_PLAN", details=planned(caseroom, gone, other), subject="六月走访")
    both = await caseroom.open("VISIT_PLAN", details=planned(caseroom, into, other, gone), subject="六月走访")
    seen = await caseroom.act(seen, "worker", "VISIT", household_id=str(gone.id), heard=[])
    keeper = await manager(caseroom)
    async with caseroom.database.write({"everywhere": True}) as session:
        await household_merging.merge(session, keeper, into.id, gone.id)
    stored = [await caseroom.case(each.id) for each in (waiting, seen, both)]
    assert [each.details["household_ids"] for each in stored] == [
        [str(into.id), str(other.id)],
        [str(gone.id), str(other.id)],
        [str(into.id), str(other.id)],
    ]
    assert [await caseroom.kinds(each) for each in stored] == [
        ["OPENED", MOVED],
        ["OPENED", "VISIT"],
        ["OPENED", MOVED],
    ]
    line = (await caseroom.lines(waiting))[-1]
    assert line.detail == {"from_household": str(gone.id), "to_household": str(into.id)}
    await caseroom.act(waiting, "worker", "VISIT", household_id=str(into.id), heard=[])
    await caseroom.act(waiting, "worker", "VISIT", household_id=str(other.id), heard=[])
    assert (await caseroom.act(waiting, "worker", "COLLECT")).state == "VISITED"


def test_a_home_that_was_skipped_or_seen_is_not_asked_for_again() -> None:
    """Gone stays where it was visited; else it is the other home, named once."""
    assert visitplans.readdressed(["a", "gone", "b"], {"a"}, "gone", "into") == ["a", "into", "b"]
    assert visitplans.readdressed(["into", "gone"], set(), "gone", "into") == ["into"]
    assert visitplans.readdressed(["gone", "b"], {"gone"}, "gone", "into") == ["gone", "b"]
