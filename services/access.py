"""Who asks, and what of the people in the store that one may see: every select on people passes `visible`.

What a role gives is in the table of `services.policy`; PostgreSQL says the same again (`services.row_policies`).
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.database import speaking_as
from services.errors import NotAllowed
from services.models import AreaLevel, Household, Residence, Resident, Role
from services.policy import CASE_STAFF, FieldClass, Relation, Right, Thing, relation_of, right

Selected = TypeVar("Selected", bound="sa.Select[*tuple[Any, ...]]")
Column: TypeAlias = "sa.SQLColumnExpression[Any]"


def _array(ids: Iterable[uuid.UUID]) -> str:
    """Ids as PostgreSQL writes an array: taken in one go, where a list would be taken apart for each statement."""
    return "{" + ",".join(map(str, ids)) + "}"


@dataclass(frozen=True, slots=True)
class Held:
    """A role held in an area of a level (None: everywhere), today's grids of that area, and how their codes begin."""

    role: Role
    level: AreaLevel | None
    grid_ids: tuple[uuid.UUID, ...] = ()
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody has a right: in these grids, or everywhere."""

    everywhere: bool = False
    grid_ids: tuple[uuid.UUID, ...] = ()

    def holds(self, grid_id: uuid.UUID | None) -> bool:
        """Whether a grid lies within."""
        return self.everywhere or grid_id in self.grid_ids

    def told(self) -> object:
        """As PostgreSQL is told: `true`, or the grids."""
        return True if self.everywhere else _array(self.grid_ids)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: the account, its roles today, and the grids (today's) of the areas that they are held in.

    `home_ids` are the homes whose files stand open to the actor for as long as a call lasts that he has in hand.
    `finds` is where homes and people may be found at all, `cares` where records of special care, `names` where the
    people's names are told; all three follow from `held` by the policy's table. `deputy_for` are the accounts whose
    roles are held, too, during their leave.
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
    held: tuple[Held, ...] = ()
    finds: Reach = Reach()
    cares: Reach = Reach()
    names: Reach = Reach()
    deputy_for: tuple[uuid.UUID, ...] = ()

    @property
    def identity(self) -> dict[str, object]:
        """What PostgreSQL is told of this actor with each transaction (see `services.row_policies`)."""
        return {
            "account": self.account_id,
            "worker": self.worker_id,
            "homes": _array(self.home_ids),
            "finds": self.finds.told(),
            "cares": self.cares.told(),
            "person": None if self.terminal_id else self.account_id,
            "areas": self.terminal_id is None and (self.everywhere or _array(self.area_ids)),
            "cases": self.follows_cases and (self.everywhere or _array(self.area_ids)),
            "calls": self.follows_calls and (self.everywhere or _array(self.area_ids)),
        }

    @property
    def follows_calls(self) -> bool:
        """Whether the calls of the own areas are the actor's to see; a device follows none."""
        area = (Relation.OWN_GRID, Relation.OWN_COMMUNITY, Relation.ABOVE)
        rights = (right(self.roles, Thing.CALL, one, FieldClass.PUBLIC) for one in area)
        return self.terminal_id is None and max(rights) is Right.ALLOW

    @property
    def follows_cases(self) -> bool:
        """Whether the cases of the own areas that are not sealed are the actor's to see; a device follows none."""
        return self.terminal_id is None and bool(self.roles & CASE_STAFF)

    def right(
        self, thing: Thing, field: FieldClass, grid_id: uuid.UUID | None, home_id: uuid.UUID | None = None
    ) -> Right:
        """What the table gives this actor for a class of field of a thing in a grid, in a home that may be in hand."""
        if home_id is not None and home_id in self.home_ids:
            return max(right(self.roles, thing, Relation.IN_HAND, field), self._right_by_area(thing, field, grid_id))
        return self._right_by_area(thing, field, grid_id)

    def right_in(self, thing: Thing, field: FieldClass, codes: Iterable[str]) -> Right:
        """What the table gives of something that belongs to areas of any level, by their codes: the most of them."""
        near = [one for one in self.held if any(code.startswith(one.digits) for code in codes)]
        found = [right([one.role], thing, relation_of(one.level), field) for one in near]
        return max([*found, right(self.roles, thing, Relation.ELSEWHERE, field)])

    def _right_by_area(self, thing: Thing, field: FieldClass, grid_id: uuid.UUID | None) -> Right:
        near = (one for one in self.held if one.level is None or grid_id in one.grid_ids)
        found = [right([one.role], thing, relation_of(one.level), field) for one in near]
        return max([*found, right(self.roles, thing, Relation.ELSEWHERE, field)])

    def require(self, *roles: Role) -> None:
        """NotAllowed unless one of `roles` (or ADMIN) is held."""
        if not self.roles.intersection((*roles, Role.ADMIN)):
            raise NotAllowed(details={"needs": sorted(roles)})


def reach(held: Iterable[Held], thing: Thing, field: FieldClass, least: Right) -> Reach:
    """Where these roles give at least this right, by the table."""
    giving = [one for one in held if right([one.role], thing, relation_of(one.level), field) >= least]
    if any(one.level is None for one in giving):
        return Reach(everywhere=True)
    return Reach(grid_ids=tuple(dict.fromkeys(grid for one in giving for grid in one.grid_ids)))


def visible(select: Selected, actor: Actor) -> Selected:
    """`select` narrowed to the people and homes that `actor` may find: those of the grids in the own areas.

    Works on selects from households, residents or residences; a terminal or a planner finds nobody. A restricted home
    or person is found by whom its file stands open to, and by nobody else.
    """
    tables = set(_tables(select))
    if Resident.__table__ in tables:
        select = select.where(unrestricted(actor))
    if Household.__table__ in tables:
        open_ = sa.or_(Household.restricted.is_not(True), _in_hand(actor, Household.id))
        return select.where(_within(actor.finds, actor, Household.grid_id, Household.id), open_)
    if Resident.__table__ in tables:
        return select.where(_placed(actor, Resident.grid_id, Resident.home_id))
    if Residence.__table__ in tables:
        return select.where(_placed(actor, Residence.grid_id, Residence.household_id))
    raise TypeError("visible() is for selects on households, residents or residences")


def cared_for(actor: Actor) -> sa.ColumnElement[bool]:
    """True for households in which the actor may know of special care; for selects that join Household."""
    return _within(actor.cares, actor, Household.grid_id, Household.id)


def named_to(actor: Actor) -> sa.ColumnElement[bool]:
    """True for households whose people the actor may search by name; a hidden field is no filter."""
    return _within(actor.names, actor, Household.grid_id, Household.id)


def counted(select: Selected, actor: Actor) -> Selected:
    """`select` for a number only, of whoever lives anywhere: any person may know how many, a terminal may not.

    Small numbers are withheld by whoever shows them.
    """
    if actor.terminal_id is not None:
        raise NotAllowed
    return select


async def numbers(session: AsyncSession, select: Selected, actor: Actor) -> Sequence[Any]:
    """The rows of a `counted` select, over everybody's homes: the platform counts, and tells the actor the number."""
    asked = counted(select, actor)
    async with speaking_as(session, "counts"):
        return (await session.execute(asked)).all()


def unrestricted(actor: Actor) -> sa.ColumnElement[bool]:
    """True for people who are not restricted, and for those of the homes whose files stand open."""
    return sa.or_(Resident.restricted.is_(False), _in_hand(actor, Resident.home_id))


def _placed(actor: Actor, grid: Column, home: Column) -> sa.ColumnElement[bool]:
    """True for people and residences in homes that may be found; those of a restricted home carry no grid."""
    known = sa.or_(grid.is_not(None), _in_hand(actor, home))
    return sa.and_(_within(actor.finds, actor, grid, home), known)


def _within(reach: Reach, actor: Actor, grid: Column, home: Column) -> sa.ColumnElement[bool]:
    if reach.everywhere:
        return sa.true()
    own = grid == sa.any_(sa.literal(list(reach.grid_ids), sa.ARRAY(sa.Uuid)))
    return sa.or_(own, _in_hand(actor, home)) if actor.home_ids else own


def _in_hand(actor: Actor, home: Column) -> sa.ColumnElement[bool]:
    if not actor.home_ids:
        return sa.false()
    return home == sa.any_(sa.literal(list(actor.home_ids), sa.ARRAY(sa.Uuid)))


def _tables(select: "sa.Select[*tuple[Any, ...]]") -> list[sa.FromClause]:
    found: list[sa.FromClause] = []
    for clause in select.get_final_froms():
        found.extend(_leaves(clause))
    return found


def _leaves(clause: sa.FromClause) -> list[sa.FromClause]:
    if isinstance(clause, sa.Join):
        return [*_leaves(clause.left), *_leaves(clause.right)]
    return [clause]
