"""The town of these tests, drawn in metres:

    y 1000  +------+------+------+------+
            | grid | grid | grid | grid |     one community of 2000 m by 1000 m in four grids, each 500 m wide,
            | 001  | 002  | 003  | 004  |     numbered from the west; all homes at y = 500
    y 0     +------+------+------+------+
            x 0    500    1000   1500   2000

Grid 001 has six homes (x = 50, 130, 210, 290, 370, 450), grid 002 two (550, 750), 003 one (1250), 004 none; one person
in each. Six people in grid 001 live alone, two in grid 002; the first home's person is under a sealed category, too,
whose team is the worker of grid 001.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services.models import (
    Account,
    Area,
    CareCategory,
    Household,
    Resident,
    Role,
    Sensitivity,
    ServicePoint,
    Terminal,
    Worker,
)

HOMES = {0: (50, 130, 210, 290, 370, 450), 1: (550, 750), 2: (1250,)}  # grid: x of its homes, all at y = 500


@dataclass
class Town:
    """What the tests name."""

    community: Area
    grids: list[Area]
    households: list[Household]
    residents: list[Resident]
    alone: CareCategory
    sealed: CareCategory
    terminal: Terminal
    workers: list[Worker]
    clinic: ServicePoint
    manager: Account
    grid_worker: Account


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
    for resident in residents[:8]:
        await makers.make_care_record(session, resident, alone)
    await makers.make_care_record(session, residents[0], sealed, [workers[0]])
    await makers.make_care_record(session, residents[1], sealed, consent_at=None)
    await makers.make_event(session, households[0], before=None, after={"code": households[0].code})
    return Town(
        community=community,
        grids=grids,
        households=households,
        residents=residents,
        alone=alone,
        sealed=sealed,
        terminal=await makers.make_terminal(session, households[0], serial="T-1"),
        workers=workers,
        clinic=await makers.make_service_point(session, grids[0], 250, 500, hours=[[[1, 2, 3], "09:00", "17:00"]]),
        manager=await makers.make_account(session, Role.MANAGER, community, name="Manager"),
        grid_worker=await makers.make_account(session, Role.GRID_WORKER, grids[0], worker=workers[0]),
    )
