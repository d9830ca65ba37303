"""Many calls at once (an outage, an earthquake): assigned together, so that weighted arrival times sum to the least."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sqlalchemy.ext.asyncio import AsyncSession

from services import candidates, dispatch, dispatch_sheets, proposals, reach
from services.candidates import Need
from services.choosing import Candidate, Reason, Verdict, judge
from services.database import Database
from services.ladder import RULES, CallRules, Rung
from services.models.calls import Call, CallStatus
from services.proposals import Proposal

log = structlog.get_logger()

MOST_CALLS = 500
MOST_WORKERS = 2000
WRITTEN_TOGETHER = 64
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
    assigned: set[uuid.UUID] = set()
    for first in range(0, len(call_ids), MOST_CALLS):
        some = call_ids[first : first + MOST_CALLS]
        if len(some) >= rules.surge_calls:
            try:
                assigned |= await _together(database, some, rules)
            except Exception as problem:
                log.error("surge failed, calls go one by one", calls=len(some), exc_info=problem)
        for call_id in (call_id for call_id in some if call_id not in assigned):
            if give_way is not None:
                await give_way()
            await dispatch.attempt(database, call_id, rules)
    return len(assigned)


async def _together(database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules) -> set[uuid.UUID]:
    """Look without a lock, assign, then write the offers in a few short transactions, emergencies first.

    So nobody who presses again waits for the surge; what has changed meanwhile is seen by the conditional write.
    """
    found = await plan(database, call_ids, rules)
    if found is None:
        return set()
    each = zip(found.cases, found.chosen, strict=True)
    pairs = [(case, found.crew[worker]) for case, worker in each if worker is not None]
    pairs.sort(key=lambda pair: -pair[0].priority)
    parts = [pairs[first : first + WRITTEN_TOGETHER] for first in range(0, len(pairs), WRITTEN_TOGETHER)]
    return set().union(*[await _offer(database, part, rules) for part in parts])


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
    sheets = [sheet for sheet in await dispatch_sheets.of_all(session, call_ids, rules) if _waits(sheet.call)]
    return [_Case(sheet.call.id, sheet.call.priority, sheet.need, sheet.rungs[0]) for sheet in sheets if sheet.need]


def _waits(call: Call) -> bool:
    return call.status is CallStatus.OPEN and call.rung == 0 and call.mark is None


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


async def _offer(database: Database, pairs: Sequence[tuple[_Case, Candidate]], rules: CallRules) -> set[uuid.UUID]:
    """Offer calls to the workers that they were given, with the way there; the calls that were still free, as they.

    Calls that somebody else is changing are left alone, and so are workers: nobody is waited for, so two servers that
    write at once cannot wait for each other in a circle.
    """
    given = {case.call_id: (case, await asyncio.to_thread(_verdict, case, worker, rules)) for case, worker in pairs}
    async with database.write() as session:
        sheets = await dispatch_sheets.free_ones(session, list(given), rules)
        free = await candidates.hold_free(session, [verdict.candidate.worker_id for _, verdict in given.values()])
        calls = [sheet.call for sheet in sheets if _waits(sheet.call)]
        calls = [call for call in calls if given[call.id][1].candidate.worker_id in free]
        await dispatch.prepare(session, calls, rules)
        return set(await proposals.write(session, [_proposal(call, *given[call.id], rules) for call in calls]))


def _verdict(case: _Case, worker: Candidate, rules: CallRules) -> Verdict:
    (trip,) = reach.trips(reach.current_network(), case.need.door, [worker.place], None, rules=rules)
    return Verdict(replace(worker, trip=trip), True, Reason.TOGETHER)


def _proposal(call: Call, case: _Case, verdict: Verdict, rules: CallRules) -> Proposal:
    seconds = case.rung.emergency_time if rules.is_emergency(call.priority) else case.rung.time
    return Proposal(call, verdict, [verdict], case.rung.code, 1, seconds)
