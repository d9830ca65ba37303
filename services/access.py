"""Who asks, and what of the people in the store that one may see: every select on people passes `visible`."""

import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.errors import NotAllowed, NotSignedIn
from services.models import Account, Area, AreaLevel, Call, Household, Residence, Resident, Role, RoleGrant
from services.models.areas import grids_within
from services.models.calls import is_open

Selected = TypeVar("Selected", bound="sa.Select[*tuple[Any, ...]]")


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: the account, its roles today, and the grids (today's) of the areas that they are held in.

    `home_ids` are the homes whose files stand open to the actor for as long as a call lasts that he has in hand.
    """

    account_id: uuid.UUID
    name: str
    roles: frozenset[Role]
    area_ids: tuple[uuid.UUID, ...]
    grid_ids: tuple[uuid.UUID, ...]
    worker_id: uuid.UUID | None = None
    terminal_id: uuid.UUID | None = None
    everywhere: bool = False
    home_ids: tuple[uuid.UUID, ...] = ()

    @property
    def identity(self) -> dict[str, object]:
        """What PostgreSQL is told of this actor with each transaction."""
        return {"account": self.account_id, "everywhere": self.everywhere, "grids": list(self.grid_ids)}

    def require(self, *roles: Role) -> None:
        """NotAllowed unless one of `roles` (or ADMIN) is held."""
        if not self.roles.intersection((*roles, Role.ADMIN)):
            raise NotAllowed(details={"needs": sorted(roles)})


async def actor_of(session: AsyncSession, account_id: uuid.UUID) -> Actor:
    """The actor behind an account, with the rights that hold now; NotSignedIn when it is gone or disabled."""
    account = await session.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        raise NotSignedIn
    grants = (await session.scalars(_standing_grants(account_id))).all()
    people = [grant for grant in grants if grant.role is not Role.TERMINAL]  # a device finds nobody
    everywhere = any(grant.area_id is None for grant in people)
    areas = tuple(grant.area_id for grant in grants if grant.area_id is not None)
    return Actor(
        account_id=account.id,
        name=account.name,
        roles=frozenset(grant.role for grant in grants),
        area_ids=areas,
        grid_ids=await _grids_of(session, tuple(grant.area_id for grant in people if grant.area_id is not None)),
        worker_id=account.worker_id,
        terminal_id=account.terminal_id,
        everywhere=everywhere,
        home_ids=() if account.terminal_id else await _homes_in_hand(session, account),
    )


def visible(select: Selected, actor: Actor) -> Selected:
    """`select` narrowed to the people and homes that `actor` may find: those of the grids in the own areas.

    Works on selects from households, residents or residences; a terminal finds nobody.
    """
    if actor.everywhere:
        return select
    own = Household.grid_id == sa.any_(sa.literal(list(actor.grid_ids), sa.ARRAY(sa.Uuid)))
    if actor.home_ids:
        own = sa.or_(own, Household.id == sa.any_(sa.literal(list(actor.home_ids), sa.ARRAY(sa.Uuid))))
    tables = set(_tables(select))
    if Household.__table__ in tables:
        return select.where(own)
    lives = sa.select(Residence.resident_id).join(Household, Household.id == Residence.household_id).where(own)
    if Resident.__table__ in tables:
        return select.where(Resident.id.in_(lives))
    if Residence.__table__ in tables:
        return select.where(Residence.household_id.in_(sa.select(Household.id).where(own)))
    raise TypeError("visible() is for selects on households, residents or residences")


def counted(select: Selected, actor: Actor) -> Selected:
    """`select` for a number only, of whoever lives anywhere: any person may know how many, a terminal may not.

    Small numbers are withheld by whoever shows them.
    """
    if actor.terminal_id is not None:
        raise NotAllowed
    return select


def _tables(select: "sa.Select[*tuple[Any, ...]]") -> list[sa.FromClause]:
    found: list[sa.FromClause] = []
    for clause in select.get_final_froms():
        found.extend(_leaves(clause))
    return found


def _leaves(clause: sa.FromClause) -> list[sa.FromClause]:
    if isinstance(clause, sa.Join):
        return [*_leaves(clause.left), *_leaves(clause.right)]
    return [clause]


def _standing_grants(account_id: uuid.UUID) -> sa.Select[RoleGrant]:
    now = clock.now()
    return sa.select(RoleGrant).where(
        RoleGrant.account_id == account_id,
        RoleGrant.valid_from <= now,
        sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > now),
    )


async def _homes_in_hand(session: AsyncSession, account: Account) -> tuple[uuid.UUID, ...]:
    """The homes of the open calls that the account holds as a worker, or has claimed at the desk."""
    mine = Call.claimed_by == account.id
    if account.worker_id is not None:
        mine = sa.or_(mine, Call.holder_id == account.worker_id)
    homes = await session.scalars(sa.select(Call.household_id).where(is_open(), mine))
    return tuple(home for home in homes if home is not None)


async def _grids_of(session: AsyncSession, area_ids: tuple[uuid.UUID, ...]) -> tuple[uuid.UUID, ...]:
    if not area_ids:
        return ()
    codes = (await session.scalars(sa.select(Area.code).where(Area.id.in_(area_ids)))).all()
    if not codes:
        return ()
    inside = sa.or_(*(grids_within(code) for code in codes))
    return tuple(await session.scalars(sa.select(Area.id).where(inside, Area.level == AreaLevel.GRID)))
