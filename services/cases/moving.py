"""Open cases follow their place: a grid is split, merged or gets another border, or the home of a case joins another.

Each is moved by a line of its timeline (MOVED), so that whoever has the case reads why it stands elsewhere. Its clocks
go on and its agent stays. Who has accepted it keeps it; a case that only waits falls to whom the new place gives it,
unless whoever has it serves there, too. Ended cases stay where they happened. However many they are, they are read,
locked and written together.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, outbox
from services.access import Actor
from services.cases import ledger, places, rulings, tidings, visitplans
from services.cases.deciding import NOBODY, Owner
from services.cases.kind import Kind
from services.cases.kinds import kind_of
from services.cases.ledger import Alike, Line
from services.cases.places import Place
from services.cases.states import CaseState
from services.database import speaking_as
from services.models.areas import Area, AreaLevel
from services.models.cases import Case, is_open
from services.models.households import Household
from services.models.workers import Assignment

MOVED = ledger.MOVED
PART = "casework"


class Found(NamedTuple):
    """What is read of a case that moves: no more than tells where it goes, and to whom."""

    id: uuid.UUID
    number: str
    version: int
    accepted_at: datetime | None
    kind: str
    household_id: uuid.UUID | None
    grid_id: uuid.UUID | None
    community_id: uuid.UUID | None
    street_id: uuid.UUID | None
    district_id: uuid.UUID
    state: str
    rung: int
    close_starts: str
    assignee_id: uuid.UUID | None
    officer_id: uuid.UUID | None
    unit_id: uuid.UUID | None

    @property
    def standing(self) -> CaseState:
        """Its state, as far as a move may change it."""
        return CaseState(
            state=self.state,
            rung=self.rung,
            close_starts=self.close_starts,
            version=self.version,
            assignee_id=self.assignee_id,
            officer_id=self.officer_id,
            unit_id=self.unit_id,
            accepted_at=self.accepted_at,
        )

    @property
    def likeness(self) -> tuple[Any, ...]:
        """What decides where it goes: cases that have it in common take the same step."""
        return self.accepted_at is None, *self[4:]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where cases go: the place, who gets one of a kind there on each rung, who serves there, in whose home."""

    place: Place
    owners: dict[str, dict[int, Owner]]
    serving: frozenset[uuid.UUID]
    home: Household | None = None

    def owner(self, case: Found) -> Owner:
        """Who gets this case by itself."""
        return self.owners[case.kind].get(case.rung, NOBODY)


async def after_split(session: AsyncSession, actor: Actor, old: Area, new: Area) -> int:
    """What lies in the new grid goes there: a home's case with its home, another by its point; how many."""
    async with speaking_as(session, PART):
        await rulings.carry(session, [old.id], new.id)
    return await _follow(session, actor, [old.id], [new])


async def after_merge(session: AsyncSession, actor: Actor, old: Sequence[Area], new: Area) -> int:
    """All open cases of the old grids belong to the new one; how many."""
    ids = [grid.id for grid in old]
    async with speaking_as(session, PART):
        await rulings.carry(session, ids, new.id)
        return len(await _move(session, actor, _open().where(Case.grid_id.in_(ids)), new.id))


async def after_border(session: AsyncSession, actor: Actor, changed: Sequence[Area]) -> int:
    """What lies on the other side of a moved border changes grid; how many."""
    return await _follow(session, actor, [grid.id for grid in changed], changed)


async def into_household(session: AsyncSession, actor: Actor, into: Household, gone: Household) -> list[uuid.UUID]:
    """The open cases of a home that joins another are the other's, and plans name the other; gives the cases."""
    async with speaking_as(session, PART):
        await visitplans.carry(session, actor, into, gone)
        return await _move(session, actor, _open().where(Case.household_id == gone.id), into.grid_id, into)


def moved(kind: Kind, state: CaseState, owner: Owner, stays: bool) -> CaseState:
    """The case at another place: who accepted it keeps it, as does who serves there too (`stays`); clocks go on."""
    after = replace(state, version=state.version + 1)
    if state.accepted_at is not None or stays or kind.sealed or state.officer_id is not None:
        return after
    return replace(after, assignee_id=owner.worker_id or state.assignee_id, unit_id=owner.unit_id or state.unit_id)


async def _follow(session: AsyncSession, actor: Actor, from_ids: Sequence[uuid.UUID], grids: Sequence[Area]) -> int:
    async with speaking_as(session, PART):
        moved = [await _move(session, actor, _now_in(from_ids, grid), grid.id) for grid in grids]
    return sum(map(len, moved))


def _open() -> "sa.Select[Any]":
    return sa.select(*(getattr(Case, name) for name in Found._fields)).where(is_open()).order_by(Case.id)


def _now_in(from_ids: Sequence[uuid.UUID], grid: Area) -> "sa.Select[Any]":
    """Open cases counted in other grids whose home, or else whose point, is in this one now."""
    elsewhere = _open().outerjoin(Household, Household.id == Case.household_id)
    elsewhere = elsewhere.where(Case.grid_id.in_(from_ids), Case.grid_id != grid.id)
    by_point = sa.and_(Case.household_id.is_(None), sa.func.ST_Intersects(Case.location, grid.boundary))
    return elsewhere.where(sa.or_(Household.grid_id == grid.id, by_point))


async def _move(
    session: AsyncSession,
    actor: Actor,
    wanted: "sa.Select[Any]",
    grid_id: uuid.UUID,
    home: Household | None = None,
) -> list[uuid.UUID]:
    """Those that are wanted locked in one order, their rows and lines written; gives them."""
    cases = [Found(*row) for row in await session.execute(wanted.with_for_update(of=Case))]
    if not cases:
        return []
    ahead = await _ahead(session, {case.kind for case in cases}, grid_id, home)
    groups: dict[tuple[Any, ...], list[Found]] = {}
    for case in cases:
        groups.setdefault(case.likeness, []).append(case)
    steps = [_step(actor, alike, ahead) for alike in groups.values()]
    await ledger.write_many(session, steps, _columns(ahead))
    told = (_told(alike, step, ahead) for alike, step in zip(groups.values(), steps, strict=True) if _falls(step))
    await outbox.put_all(session, [message for messages in told for message in messages])
    return [case.id for case in cases]


async def _ahead(session: AsyncSession, kinds: set[str], grid_id: uuid.UUID, home: Household | None) -> Ahead:
    place = await places.around(session, grid_id)
    owners = {code: await places.owners(session, kind_of(code), place) for code in sorted(kinds)}
    return Ahead(place, owners, frozenset(await session.scalars(_serving(grid_id))), home)


def _serving(grid_id: uuid.UUID) -> "sa.Select[uuid.UUID]":
    return sa.select(Assignment.worker_id).where(Assignment.area_id == grid_id, Assignment.until.is_(None))


def _step(actor: Actor, alike: Sequence[Found], ahead: Ahead) -> Alike:
    case = alike[0]
    before = case.standing
    after = moved(kind_of(case.kind), before, ahead.owner(case), stays=before.assignee_id in ahead.serving)
    detail = {"from": str(places.of_case(case).smallest), "to": str(ahead.place.smallest)}
    if ahead.home is not None:
        detail |= {"from_household": str(case.household_id), "to_household": str(ahead.home.id)}
    line = Line(MOVED, clock.now(), actor.account_id, actor.worker_id, detail)
    return Alike([(each.id, each.version) for each in alike], before, after, line)


def _columns(ahead: Ahead) -> dict[str, Any]:
    """Where all of them lie from now on; a sealed one has no point of its own."""
    around = {f"{level.value.lower()}_id": ahead.place.at(level) for level in AreaLevel if level in places.UPWARDS}
    if ahead.home is None:
        return around
    point = sa.case((Case.sealed, sa.null()), else_=sa.literal(ahead.home.location, Case.location.type))
    return around | {"household_id": ahead.home.id, "location": point}


def _falls(step: Alike) -> bool:
    """Whether somebody else has it now; a sealed case falls to nobody."""
    return (step.before.assignee_id, step.before.unit_id) != (step.after.assignee_id, step.after.unit_id)


def _told(alike: Sequence[Found], step: Alike, ahead: Ahead) -> Iterator[dict[str, Any]]:
    """What whoever has these now is told of each."""
    kind, case = kind_of(alike[0].kind), alike[0]
    lies = {name: id_ for name, id_ in _columns(ahead).items() if name in Found._fields}
    owner = tidings.owner_of(case._replace(**lies), step.after, kind)
    for each in alike:
        after = replace(step.after, version=each.version + 1)
        yield tidings.message(each, after, kind, *owner, "CASE_ASSIGN")
