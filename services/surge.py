"""Many calls at once (an outage, an earthquake): assigned together, so that weighted arrival times sum to the least."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa
import structlog
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sqlalchemy.ext.asyncio import AsyncSession

from services import candidates, dispatch, ladders, offers, reach, timelines
from services.candidates import Need
from services.choosing import Candidate, Reason, Verdict, judge
from services.database import Database
from services.ladder import RULES, CallRules, Rung
from services.models.calls import Call, CallStatus

log = structlog.get_logger()

MOST_CALLS = 500
MOST_WORKERS = 2000
GiveWay = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Case:
    call_id: uuid.UUID
    priority: int
    need: Need
    rung: Rung


@dataclass(frozen=True, slots=True)
class Plan:
    """Case c is for worker `chosen[c]` of `crew` (None: nobody is left); `seconds` float64[cases, crew], `weights`."""

    cases: list[_Case]
    crew: list[Candidate]
    seconds: NDArray[np.float64]
    weights: NDArray[np.float64]
    chosen: list[int | None]


def assign(seconds: NDArray[np.float64], weights: NDArray[np.float64], unserved_seconds: float) -> list[int | None]:
    """For each call the worker, so that the sum of weight times arrival is least; None: no worker is left for it.

    seconds float64[calls, workers], infinite where a worker cannot be asked; weights float64[calls], above zero. A call
    that is left over counts as arriving after `unserved_seconds`, so the heavier ones (emergencies) go first when
    workers are short. Minimum-cost assignment by shortest augmenting paths (Crouse 2016, as in scipy).
    """
    calls, workers = seconds.shape
    left_over = np.full((calls, calls), np.inf)
    np.fill_diagonal(left_over, unserved_seconds)
    useful = np.where(seconds < unserved_seconds, seconds, np.inf)
    _, columns = linear_sum_assignment(weights[:, None] * np.hstack([useful, left_over]))
    return [column if column < workers else None for column in columns.tolist()]


async def attempt(
    database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES, give_way: GiveWay | None = None
) -> int:
    """Find help for calls that were just committed: together when they are many, then one by one who is left.

    Gives how many were assigned together. Whatever fails here, each call still has its own timer. `give_way` is waited
    for between two steps.
    """
    assigned = 0
    for first in range(0, len(call_ids), MOST_CALLS):
        some = call_ids[first : first + MOST_CALLS]
        if len(some) >= rules.surge_calls:
            try:
                assigned += await _together(database, some, rules)
            except Exception as problem:
                log.error("surge failed, calls go one by one", calls=len(some), exc_info=problem)
        for call_id in some:
            if give_way is not None:
                await give_way()
            await dispatch.attempt(database, call_id, rules)
    return assigned


async def _together(database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules) -> int:
    """Look without a lock, assign, then write each offer in a short transaction of its own.

    So nobody who presses again waits for the surge; what has changed meanwhile is seen by the conditional write.
    """
    found = await plan(database, call_ids, rules)
    if found is None:
        return 0
    each = zip(found.cases, found.chosen, strict=True)
    pairs = [(case, found.crew[worker]) for case, worker in each if worker is not None]
    written = 0
    for case, worker in sorted(pairs, key=lambda pair: -pair[0].priority):
        written += await _offer(database, case, worker, rules)
    return written


async def plan(database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> Plan | None:
    """Who should go to which of the calls that wait at the first rung; None when it asks nobody. Writes nothing."""
    async with database.read() as session:
        cases = await _cases(session, call_ids, rules)
        role = cases[0].rung.role if cases else None
        if role is None:
            return None
        cases = [case for case in cases if case.rung.role is role]
        crew = await candidates.free_workers(session, role, cases[0].need.door, MOST_WORKERS, rules)
    seconds = await asyncio.to_thread(_seconds, cases, crew, rules)
    weights = np.array([rules.weight(case.priority) for case in cases])
    chosen = await asyncio.to_thread(assign, seconds, weights, rules.surge_unserved_seconds)
    return Plan(cases, crew, seconds, weights, chosen)


async def _cases(session: AsyncSession, call_ids: Sequence[uuid.UUID], rules: CallRules) -> list[_Case]:
    """The calls that wait at the first rung, with what they need."""
    waiting = sa.select(Call).where(Call.id.in_(call_ids), Call.status == CallStatus.OPEN, Call.rung == 0)
    calls = (await session.scalars(waiting.where(Call.mark.is_(None)).order_by(Call.id))).all()
    needs = await candidates.needs_of(session, calls)
    communities = {call.community_id for call in calls}
    first = {key: (await ladders.of_community(session, key, rules=rules))[0] for key in communities}
    return [
        _Case(call.id, call.priority, needs[call.id], first[call.community_id]) for call in calls if call.id in needs
    ]


def _seconds(cases: Sequence[_Case], crew: Sequence[Candidate], rules: CallRules) -> NDArray[np.float64]:
    """Seconds float64[calls, workers]; infinite for whom the call may not be offered to, or who is out of reach."""
    limits = np.array([case.rung.limit_seconds or rules.surge_unserved_seconds for case in cases])
    doors, places = [case.need.door for case in cases], [worker.place for worker in crew]
    network = reach.current_network()
    seconds = reach.seconds_between(network, doors, places, float(limits.max()), rules=rules)
    able = _able(cases, crew).reshape(seconds.shape)
    return np.where(able & (seconds <= limits[:, None]), seconds, np.inf)


def _able(cases: Sequence[_Case], crew: Sequence[Candidate]) -> NDArray[np.bool_]:
    """Who may be asked for which call, bool[calls, workers]; judged once for all calls that want the same."""
    wants = [(case.rung, case.need.wanted) for case in cases]
    row = {want: [judge(worker, *want, reach_matters=False).eligible for worker in crew] for want in set(wants)}
    return np.array([row[want] for want in wants], bool)


async def _offer(database: Database, case: _Case, worker: Candidate, rules: CallRules) -> bool:
    """Offer a call to the worker that it was given, with the way there; False when either is no longer free."""
    network = reach.current_network()
    (trip,) = await asyncio.to_thread(reach.trips, network, case.need.door, [worker.place], None, rules=rules)
    verdict = Verdict(replace(worker, trip=trip), True, Reason.TOGETHER)
    async with database.write() as session:
        call = await timelines.lock(session, case.call_id)
        if call.status is not CallStatus.OPEN or call.rung != 0:
            return False
        await dispatch.prepare(session, call, rules)
        seconds = case.rung.emergency_time if rules.is_emergency(call.priority) else case.rung.time
        return await offers.write(session, call, verdict, [verdict], case.rung.code, 1, seconds) is not None
