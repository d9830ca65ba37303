"""The town of these tests, drawn in metres:

    y 1000  +------+------+------+------+
            | grid | grid | grid | grid |     one community of 2000 m by 1000 m in four grids, each 500 m wide,
            | 001  | 002  | 003  | 004  |     numbered from the west; all homes at y = 500
    y 0     +------+------+------+------+
            x 0    500    1000   1500   2000

Grid 001 has six homes (x = 50, 130, 210, 290, 370, 450), grid 002 two (550, 750), 003 one (1250), 004 none; one person
in each. Six people in grid 001 live alone, two in grid 002; the first home's person is under a sealed category, too,
whose team is the worker of grid 001.

One street runs along y = 490, 10 m from every door, with a river in it: from x = 0 to 600, and from 700 to 2000.
"""

import uuid
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from gis.coordinates import LocalProjection
from services import coverage, networks, streets
from services.actors import actor_of
from services.coverage_jobs import Jobs
from services.database import Database, platform, told
from services.models import (
    Account,
    Area,
    CareCategory,
    CareRecord,
    CoverageSupply,
    Household,
    Resident,
    Role,
    Sensitivity,
    ServicePoint,
    Terminal,
    TravelMode,
    Worker,
)
from tests import drawing as drawn

HOMES = {0: (50, 130, 210, 290, 370, 450), 1: (550, 750), 2: (1250,)}  # grid: x of its homes, all at y = 500


def lay_streets(url: str) -> None:
    """Import the street as a street file would be, and use its network."""
    drawing = drawn.Town(LocalProjection(*makers.CENTER))
    for name, x in (("A", 0), ("B", 600), ("C", 700), ("D", 2000)):
        drawing.place(name, x, 490)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', %s, true)", (told(platform("tests")),))
        networks.CURRENT.take(streets.store(connection, drawing.street("A B").street("C D").streets(), "drawn"))


@dataclass
class Town:
    """What the tests name."""

    community: Area
    grids: list[Area]
    households: list[Household]
    residents: list[Resident]
    records: list[CareRecord]
    alone: CareCategory
    sealed: CareCategory
    terminal: Terminal
    workers: list[Worker]
    clinic: ServicePoint
    manager: Account
    grid_worker: Account
    audits: list[uuid.UUID] = field(default_factory=list)


async def make_town(session: AsyncSession) -> Town:
    """Store the town."""
    community = await makers.make_community(session)
    grids = [
        await makers.make_grid(session, community, makers.box(x, 0, x + 500, 1000), number=n)
        for n, x in enumerate((0, 500, 1000, 1500), start=1)
    ]
    households = [
        await makers.make_household(session, grids[g], x, 500, code=f"H{x:04}", address=f"Willow Lane {x}")
        for g, places in HOMES.items()
        for x in places
    ]
    residents = [
        await makers.make_resident(session, home, name=f"Ping {home.code}", phone=f"1380000{home.code[1:]}")
        for home in households
    ]
    alone = await makers.make_category(session, "LIVES_ALONE")
    sealed = await makers.make_category(session, "SEALED_ONE", sensitivity=Sensitivity.SEALED)
    workers = [await makers.make_worker(session, grid, x=500 * n, y=500) for n, grid in enumerate(grids)]
    records = [await makers.make_care_record(session, resident, alone) for resident in residents[:8]]
    await makers.make_care_record(session, residents[0], sealed, [workers[0]])
    await makers.make_care_record(session, residents[1], sealed, consent_at=None)
    await makers.make_event(session, households[0], before=None, after={"code": households[0].code})
    return Town(
        community=community,
        grids=grids,
        households=households,
        residents=residents,
        records=records,
        alone=alone,
        sealed=sealed,
        terminal=await makers.make_terminal(session, households[0], serial="T-1"),
        workers=workers,
        clinic=await makers.make_service_point(session, grids[0], 250, 500, hours=[[[1, 2, 3], "09:00", "17:00"]]),
        manager=await makers.make_account(session, Role.MANAGER, community, name="Manager"),
        grid_worker=await makers.make_account(session, Role.GRID_WORKER, grids[0], worker=workers[0]),
    )


async def audited_town(url: str) -> Town:
    """Store the town and its two audits at `url`, and use its streets."""
    database = Database(url).acting_as("tests")
    async with database.write({"everywhere": True}) as session:
        town = await make_town(session)
    lay_streets(url)
    await audit_twice(database, town)
    await database.close()
    return town


async def audit_twice(database: Database, town: Town) -> None:
    """Two stored audits of the clinic's circle: as it is, and with a second clinic at x = 750."""
    for add in ((), (makers.degrees(750, 500),)):
        question = coverage.Question(town.community.id, 10, TravelMode.WALK, CoverageSupply.CLINIC, add=add)
        async with database.write() as session:
            manager = await actor_of(session, town.manager.id)
            town.audits.append((await coverage.order(session, manager, question, Jobs(database))).id)
