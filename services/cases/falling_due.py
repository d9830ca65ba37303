"""Terms that fall due: reminders before, climbing at the end, reminders by multiples of the overrun; provisional ones.

The terms are their own timers: rows with a time to look, taken by whichever process comes first with the case locked.
They are not rows of `timers`, on purpose: deadlines in working days all end at the same midnight, and a hundred
thousand of them must never stand in front of a call's forty-five seconds.
"""

import uuid
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.cases import deciding, engine, ledger, places, tidings
from services.cases.kind import CLIMB, STAY, Kind, Term
from services.cases.kinds import kind_of
from services.cases.ledger import Line
from services.cases.states import CaseState, TermState
from services.database import Database
from services.models.cases import Case, CaseTerm, falling_due
from services.sealing import Keyring
from services.workdays import calendar_for

log = structlog.get_logger()

BATCH = 200
CLIMBED, REMINDED, RECALCULATED = "CLIMBED", "REMINDED", "RECALCULATED"
AFTER_FAULT = sa.text("""
UPDATE case_terms SET next_look_at = :later
WHERE case_id = :case_id AND next_look_at <= :now
""")
FAULT_SECONDS = 300


async def sweep(database: Database, keyring: Keyring, limit: int = BATCH) -> int:
    """Look at the terms whose time to look has come, each case in its own transaction; how many cases were seen to.

    A case that another process holds is left to it. What goes wrong with one case is logged and tried again later.
    """
    async with database.read() as session:
        ids = list(dict.fromkeys(await session.scalars(falling_due(clock.now(), limit))))
    return sum([await _one(database, keyring, case_id) for case_id in ids])


async def look(session: AsyncSession, keyring: Keyring, case: Case) -> bool:
    """Look at one locked case: do what its terms want by now; whether anything was done."""
    kind, state = kind_of(case.kind), await ledger.state_of(session, case)
    now = clock.now()
    due = [term for term in state.running if term.next_look_at is not None and term.next_look_at <= now]
    for term in sorted(due, key=lambda each: (each.is_late(now), each.started_at)):
        if await _look_at(session, keyring, case, kind, term):
            return True  # the case has moved: what else it had on that rung is over
    return bool(due)


async def recompute(session: AsyncSession, keyring: Keyring, case: Case) -> bool:
    """A year's working days were published: tell a locked case's provisional terms anew, with a line when they move."""
    state = await ledger.state_of(session, case)
    after = deciding.recalculated(state, await calendar_for(session, places.of_case(case).smallest))
    if after is state:
        return False
    await ledger.write(session, keyring, case, state, after, Line(RECALCULATED, clock.now()))
    return True


async def recompute_all(database: Database, keyring: Keyring) -> int:
    """The same for every case with a provisional term; how many changed."""
    waiting = sa.select(CaseTerm.case_id).where(
        CaseTerm.provisional, CaseTerm.met_at.is_(None), CaseTerm.ended_at.is_(None)
    )
    async with database.read() as session:
        ids = list(dict.fromkeys(await session.scalars(waiting.order_by(CaseTerm.due_at))))
    return sum([await _recompute_one(database, keyring, case_id) for case_id in ids])


async def _one(database: Database, keyring: Keyring, case_id: uuid.UUID) -> bool:
    try:
        async with database.write() as session:
            case = await ledger.lock(session, case_id, skip=True)
            return case is not None and await look(session, keyring, case)
    except sa.exc.OperationalError:
        raise
    except Exception as problem:
        log.error("case not seen to", case=str(case_id), exc_info=problem)
        await _later(database, case_id)
        return False


async def _recompute_one(database: Database, keyring: Keyring, case_id: uuid.UUID) -> bool:
    async with database.write() as session:
        case = await ledger.lock(session, case_id)
        return case is not None and await recompute(session, keyring, case)


async def _look_at(session: AsyncSession, keyring: Keyring, case: Case, kind: Kind, term: TermState) -> bool:
    """One look at one term; True when the case has moved by it."""
    spec = next((each for each in kind.terms_on(term.rung) if each.name == term.name), None)
    missed = spec.missed if spec else STAY
    late = term.is_late(clock.now())
    if late and missed == CLIMB and term.rung + 1 < len(kind.rungs):
        await _climb(session, keyring, case, kind, term)
        return True
    if late and missed not in (CLIMB, STAY):
        await engine.act_as_system(session, keyring, case, missed, term=term.name)
        return True
    await _remind(session, keyring, case, kind, term, spec, late)
    return False


async def _climb(session: AsyncSession, keyring: Keyring, case: Case, kind: Kind, term: TermState) -> None:
    state = await ledger.state_of(session, case)
    place, now = places.of_case(case), clock.now()
    deed = deciding.climbing(now, await places.owners(session, kind, place), case.details)
    calendar = await calendar_for(session, place.smallest)
    after = deciding.climbed(kind, state, deed, calendar)
    line = Line(CLIMBED, now, detail={"term": term.name, "from": kind.rungs[term.rung].code})
    await ledger.write(session, keyring, case, state, after, line)
    await tidings.tell_owner(session, case, after, kind, "CASE_CLIMBED")


async def _remind(
    session: AsyncSession,
    keyring: Keyring,
    case: Case,
    kind: Kind,
    term: TermState,
    spec: Term | None,
    late: bool,
) -> None:
    state: CaseState = await ledger.state_of(session, case)
    calendar = await calendar_for(session, places.of_case(case).smallest)
    after = deciding.reminded(state, term.id, clock.now(), calendar)
    detail = {"term": term.name, "look": term.looks, "late": late}
    await ledger.write(session, keyring, case, state, after, Line(REMINDED, clock.now(), detail=detail))
    if spec is not None and spec.missed in (CLIMB, STAY):
        await tidings.tell_owner(session, case, after, kind, "CASE_OVERDUE" if late else "CASE_DUE_SOON")
        if late:
            await tidings.tell_above(session, case, after, kind, "CASE_OVERDUE_BELOW")


async def _later(database: Database, case_id: uuid.UUID) -> None:
    now = clock.now()
    async with database.write() as session:
        later = now + timedelta(seconds=FAULT_SECONDS)
        await session.execute(AFTER_FAULT, {"later": later, "now": now, "case_id": case_id})
