"""The town with somebody of every role at every place, for those who try to see more than they may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services.models import Account, Household, Resident, Role
from services.policy import Relation
from tests.schema.asking import Asking, asking, storing
from tests.schema.town import Town, audit_twice, lay_streets, make_town

PLACES = {
    "grid": Relation.OWN_GRID,
    "community": Relation.OWN_COMMUNITY,
    "everywhere": Relation.ABOVE,
    "elsewhere": Relation.ELSEWHERE,
}
"""Where a role is held, seen from the first home (grid 001); elsewhere is grid 003."""

BORN = date(1950, 2, 3)
MARK = "马可标记"
"""Part of a name that stands nowhere else."""


@dataclass
class Siege:
    """The server, the town, and its accounts."""

    ask: Asking
    town: Town
    accounts: dict[tuple[Role, str], Account] = field(default_factory=dict)

    def as_(self, role: Role, place: str) -> Asking:
        """A client signed in with a role at a place."""
        return self.ask.as_(self.accounts[role, place])

    @property
    def home(self) -> str:
        """The id of the first home."""
        return str(self.town.households[0].id)


@asynccontextmanager
async def besieged(url: str) -> AsyncIterator[Siege]:
    """The town at `url`, its first person born on a day, living in a room, and with a marked name."""
    async with storing(url) as session:
        town = await make_town(session)
        await _mark(session, town)
        accounts = {}
        for role in Role:
            for place in PLACES:
                where = {"grid": [town.grids[0]], "community": [town.community], "elsewhere": [town.grids[2]]}
                accounts[role, place] = await makers.make_account(session, role, *where.get(place, []))
    lay_streets(url)
    async with asking(url) as ask:
        await audit_twice(ask.database, town)
        yield Siege(ask.as_(town.manager), town, accounts)


async def _mark(session: AsyncSession, town: Town) -> None:
    person, keys = town.residents[0], makers.KEYRING
    assert person.data_key
    sealed = keys.seal(person.data_key, "residents.name", MARK)
    named = {"name_sealed": sealed, "name_index": keys.index("residents.name", MARK), "birth_date": BORN}
    await session.execute(sa.update(Resident).where(Resident.id == person.id).values(**named))
    phone = {
        "phone_sealed": keys.seal(person.data_key, "residents.phone", "13800000050"),
        "phone_index": keys.index("residents.phone", "13800000050"),
    }
    await session.execute(sa.update(Resident).where(Resident.id == person.id).values(**phone))
    await session.execute(sa.update(Household).where(Household.id == town.households[0].id).values(room="302"))
