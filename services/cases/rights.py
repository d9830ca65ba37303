"""Who sees a case, and what somebody is to it. A sealed case is seen by its own team and by nobody else, whatever role.

Platform administrators have no part in any case: they keep the house, they do not read what residents ask.
"""

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.access import Actor, Selected
from services.cases.kind import Kind, Party
from services.cases.states import CaseState
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import Case, CaseMember, CaseUnit, UnitMember, in_area
from services.policy import CASE_STAFF

STAFF = CASE_STAFF
UPWARDS = (AreaLevel.GRID, AreaLevel.COMMUNITY, AreaLevel.STREET, AreaLevel.DISTRICT)


def visible_cases(select: Selected, actor: Actor, inside: uuid.UUID | None = None) -> Selected:
    """A select on cases, narrowed to those that the actor may see. A device sees none.

    `inside`: the select holds cases of this area only. To its own staff all of them are open but the sealed ones, and
    PostgreSQL need not plan for the other ways by which one might see a case.
    """
    if actor.terminal_id is not None:
        return select.where(sa.false())
    own = bool(actor.roles & STAFF) and (actor.everywhere or inside in actor.area_ids)
    open_ = ~Case.sealed if own else sa.and_(~Case.sealed, _open_to(actor))
    return select.where(sa.or_(_of_the_team(actor), open_))


def may_see(case: Case, actor: Actor, state: CaseState, unit_ids: frozenset[uuid.UUID]) -> bool:
    """The same for one case whose parts are at hand."""
    if actor.terminal_id is not None:
        return False
    if any(each.account_id == actor.account_id and each.until is None for each in state.members):
        return True
    return not case.sealed and (
        is_staff_of(case, actor)
        or actor.account_id == case.opener_id
        or (actor.worker_id is not None and actor.worker_id in (state.agent_id, state.assignee_id))
        or bool(unit_ids & units_of(state))
    )


def is_staff_of(case: Case, actor: Actor) -> bool:
    """True for staff of any of the case's areas."""
    return bool(actor.roles & STAFF) and (actor.everywhere or bool(set(areas_of(case)) & set(actor.area_ids)))


def parties(
    kind: Kind, case: Case, state: CaseState, actor: Actor | None, unit_ids: frozenset[uuid.UUID]
) -> frozenset[Party]:
    """What the actor is to the case. None: whoever proved the tracking code, which makes an opener."""
    if actor is None:
        return frozenset({Party.OPENER})
    if not may_see(case, actor, state, unit_ids):
        return frozenset()
    has_it = (actor.worker_id is not None and actor.worker_id == state.assignee_id) or (
        actor.account_id == state.officer_id
    )
    found = {
        Party.OPENER: actor.account_id == case.opener_id,
        Party.AGENT: actor.worker_id is not None and actor.worker_id == state.agent_id,
        Party.ASSIGNEE: has_it,
        Party.RUNG: is_of_rung(kind, case, state, actor, unit_ids),
        Party.OVERSEER: not has_it and holds(actor, kind.overseers, areas_of(case)),
        Party.UNIT: bool(unit_ids & {each.unit_id for each in state.units}),
        Party.TEAM: any(each.account_id == actor.account_id and each.until is None for each in state.members),
    }
    return frozenset(party for party, is_so in found.items() if is_so)


def is_of_rung(kind: Kind, case: Case, state: CaseState, actor: Actor, unit_ids: frozenset[uuid.UUID]) -> bool:
    """True for those of the rung's roles in the case's area of its level (or above it), and for the unit in charge."""
    rung = kind.rungs[state.rung]
    above = [
        area for level, area in zip(UPWARDS, _chain(case), strict=True) if UPWARDS.index(level) >= _height(rung.level)
    ]
    return (state.unit_id is not None and state.unit_id in unit_ids) or holds(actor, rung.roles, above)


def holds(actor: Actor, roles: Iterable[Role], area_ids: Iterable[uuid.UUID | None]) -> bool:
    """True when one of the roles is held in one of the areas, or everywhere."""
    return bool(actor.roles & frozenset(roles)) and (actor.everywhere or bool(set(area_ids) & set(actor.area_ids)))


def areas_of(case: Case) -> tuple[uuid.UUID, ...]:
    """The areas around a case, from the smallest up."""
    return tuple(area for area in _chain(case) if area is not None)


def units_of(state: CaseState) -> frozenset[uuid.UUID]:
    """The offices that have a part in a case, the one in charge among them."""
    ids = {each.unit_id for each in state.units} | {state.unit_id, state.lead_unit_id}
    return frozenset(id_ for id_ in ids if id_ is not None)


async def unit_ids_of(session: AsyncSession, actor: Actor | None) -> frozenset[uuid.UUID]:
    """The offices for which somebody works."""
    if actor is None:
        return frozenset()
    mine = sa.select(UnitMember.unit_id).where(UnitMember.account_id == actor.account_id)
    return frozenset(await session.scalars(mine))


def _chain(case: Case) -> tuple[uuid.UUID | None, ...]:
    return (case.grid_id, case.community_id, case.street_id, case.district_id)


def _height(level: AreaLevel) -> int:
    return UPWARDS.index(level)


def _of_the_team(actor: Actor) -> sa.ColumnElement[bool]:
    mine = sa.select(CaseMember.case_id).where(CaseMember.account_id == actor.account_id, CaseMember.until.is_(None))
    return Case.id.in_(mine)


def _open_to(actor: Actor) -> sa.ColumnElement[bool]:
    own = in_area(actor.area_ids) if actor.roles & STAFF and actor.area_ids else sa.false()
    units = sa.select(UnitMember.unit_id).where(UnitMember.account_id == actor.account_id)
    joined = sa.select(CaseUnit.case_id).where(CaseUnit.unit_id.in_(units))
    ways = [own, Case.opener_id == actor.account_id, Case.id.in_(joined), Case.unit_id.in_(units)]
    if actor.worker_id is not None:
        ways += [Case.assignee_id == actor.worker_id, Case.agent_id == actor.worker_id]
    return sa.or_(*ways, Case.lead_unit_id.in_(units))
