"""Who is told what about a case: ids and codes, put into the outbox in the transaction of the deed.

The key of a message names the case's version, so that the same tiding is never put twice.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import outbox
from services.cases.deciding import Deed
from services.cases.kind import Effect, Kind
from services.cases.places import Placed
from services.cases.states import CaseState
from services.models.accounts import Account
from services.models.cases import Case
from services.models.outbox import Recipient

MOVED = (Effect.CLIMB, Effect.DESCEND, Effect.RETURN, Effect.ASSIGN, Effect.RATE)


async def tell(session: AsyncSession, case: Case, kind: Kind, before: CaseState, after: CaseState, deed: Deed) -> None:
    """Tell the new owner when the case has moved, a unit that it is called, the opener what the kind tells."""
    moved = (before.rung, before.assignee_id, before.round, before.returns) != (
        after.rung,
        after.assignee_id,
        after.round,
        after.returns,
    )
    if after.is_open and moved and deed.action.effect in MOVED:
        await tell_owner(session, case, after, kind, f"CASE_{deed.action.effect.value}")
    for unit in after.units:
        if unit not in before.units and unit.done_at is None:
            await put(session, case, after, kind, Recipient.AREA_STAFF, unit.unit_id, "CASE_UNIT_CALLED")
    if deed.action.told and case.contact_id is not None:
        news = {"event": deed.action.name}
        await put(session, case, after, kind, Recipient.RESIDENT, case.contact_id, "CASE_NEWS", news)


async def tell_owner(session: AsyncSession, case: Case, state: CaseState, kind: Kind, template: str) -> None:
    """Whoever has the case now: the worker, else the office in charge, else the staff of the rung's area.

    Of a sealed case its own team hears, and nobody else learns that there is one.
    """
    if kind.sealed:
        await _tell_team(session, case, state, kind, template)
        return
    await put(session, case, state, kind, *owner_of(case, state, kind), template)


def owner_of(case: Placed, state: CaseState, kind: Kind) -> tuple[Recipient, uuid.UUID]:
    """Who hears of a case that is not sealed: the worker who has it, else the office, else the rung's staff."""
    if state.assignee_id is not None:
        return Recipient.WORKER, state.assignee_id
    return Recipient.AREA_STAFF, state.unit_id or area_of_rung(case, kind, state.rung)


async def tell_above(session: AsyncSession, case: Case, state: CaseState, kind: Kind, template: str) -> None:
    """The staff of the area of the next rung, or of the last when there is none: those who supervise this one."""
    if kind.sealed:
        return
    above = min(state.rung + 1, len(kind.rungs) - 1)
    await put(session, case, state, kind, Recipient.AREA_STAFF, area_of_rung(case, kind, above), template)


async def _tell_team(session: AsyncSession, case: Case, state: CaseState, kind: Kind, template: str) -> None:
    ids = [each.account_id for each in state.members if each.until is None]
    phones = sa.select(Account.worker_id).where(Account.id.in_(ids), Account.worker_id.is_not(None))
    for worker_id in await session.scalars(phones.order_by(Account.worker_id)):
        await put(session, case, state, kind, Recipient.WORKER, worker_id, template)


async def put(
    session: AsyncSession,
    case: Case,
    state: CaseState,
    kind: Kind,
    recipient: Recipient,
    recipient_id: uuid.UUID | None,
    template: str,
    more: Mapping[str, str] | None = None,
) -> None:
    """One message about a case as it now stands."""
    await outbox.put_all(session, [message(case, state, kind, recipient, recipient_id, template, more)])


def message(
    case: Placed,
    state: CaseState,
    kind: Kind,
    recipient: Recipient,
    recipient_id: uuid.UUID | None,
    template: str,
    more: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What is put into the outbox about a case."""
    body = {"case": str(case.id), "number": case.number, "state": state.state, "kind": kind.code}
    body |= {"rung": kind.rungs[state.rung].code, **(more or {})}
    key = f"case:{case.id}:{state.version}:{template}:{recipient_id}"
    return {"key": key, "recipient": recipient, "recipient_id": recipient_id, "template": template, "body": body}


def area_of_rung(case: Placed, kind: Kind, rung: int) -> uuid.UUID:
    """The case's area of a rung's level, or the next one above that it has."""
    levels = ("GRID", "COMMUNITY", "STREET", "DISTRICT")
    ids = (case.grid_id, case.community_id, case.street_id, case.district_id)
    from_here = ids[levels.index(kind.rungs[rung].level.value) :]
    return next(id_ for id_ in from_here if id_ is not None)
