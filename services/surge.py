"""Many calls at once (an outage, an earthquake): assigned together, so that weighted arrival times sum to the least.

Whoever is left over climbs together, too (`services.climbs`): a rung on which nobody is free is searched once for all.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import structlog

from services import (
    candidates,
    climbs,
    clock,
    dispatch,
    dispatch_sheets,
    proposals,
    reach,
    rung_crews,
    surge_plans,
    threads,
)
from services.choosing import Candidate, Reason, Verdict
from services.database import Database
from services.dispatch_sheets import Sheet
from services.errors import Refusal
from services.ladder import RULES, CallRules
from services.models.calls import Call, CallStatus
from services.proposals import Proposal
from services.surge_plans import Case

log = structlog.get_logger()

MOST_CALLS = 500
WRITTEN_TOGETHER = 64
MOST_STEPS = 12
Each = TypeVar("Each")


@dataclass(slots=True)
class _Surge:
    """What is still to do: the calls that are left, and the rungs (call, number) that were searched in vain."""

    left: set[uuid.UUID]
    passed: dict[tuple[uuid.UUID, int], str] = field(default_factory=dict)
    offered: int = 0


async def attempt(database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> int:
    """Find help for calls that were just committed: together when they are many, then one by one who is left.

    Gives how many were offered together. Whatever fails here, each call still has its own timer.
    """
    offered = 0
    for first in range(0, len(call_ids), MOST_CALLS):
        surge = _Surge(set(call_ids[first : first + MOST_CALLS]))
        if len(surge.left) >= rules.surge_calls:
            await _together(database, surge, rules)
        for call_id in (call_id for call_id in call_ids[first : first + MOST_CALLS] if call_id in surge.left):
            await _alone(database, call_id, rules)
        offered += surge.offered
    return offered


async def _alone(database: Database, call_id: uuid.UUID, rules: CallRules) -> None:
    """A refusal is the matter of one call; the others go on."""
    try:
        await dispatch.attempt(database, call_id, rules)
    except Refusal as problem:
        log.warning("call not dispatched", call=str(call_id), error=type(problem).__name__)


async def _together(database: Database, surge: _Surge, rules: CallRules) -> None:
    """Step by step while a step helps any."""
    try:
        for _ in range(MOST_STEPS):
            if not surge.left or not await _step(database, surge, rules):
                return
    except Exception as problem:
        log.error("surge failed, calls go one by one", calls=len(surge.left), exc_info=problem)


async def _step(database: Database, surge: _Surge, rules: CallRules) -> bool:
    """Whose rung holds nobody climbs; the others are assigned. False when that helped nobody.

    Looked at without a lock, written in short transactions that look again, emergencies first: nobody who presses again
    waits for the surge, and what has changed meanwhile is seen by the conditional write.
    """
    async with database.read() as session:
        empty = await rung_crews.empty_roles(session)
        sheets = await dispatch_sheets.of_all(session, sorted(surge.left), rules)
    sheets = sorted((each for each in sheets if each.call.status is CallStatus.OPEN), key=_urgency)
    surge.left &= {each.call.id for each in sheets}
    why = {each.call.id: climbs.why_empty(each.call, empty, surge.passed) for each in sheets}
    climbing = [each for each in sheets if climbs.climb(each, why[each.call.id], clock.now()).steps]
    standing = {each.call.id for each in sheets} - {each.call.id for each in climbing}
    moved = await _climb(database, [each.call.id for each in climbing], surge, rules)
    return await _assign(database, [each for each in sheets if each.call.id in standing], surge, rules) or moved


def _urgency(sheet: Sheet) -> tuple[int, object]:
    return (-sheet.call.priority, sheet.call.id)


async def _climb(database: Database, call_ids: Sequence[uuid.UUID], surge: _Surge, rules: CallRules) -> bool:
    moved = False
    for part in _parts(call_ids):
        climbed = await climbs.take_up(database, part, surge.passed, rules)
        surge.left -= {one.call.id for one in climbed if one.rings}
        moved |= bool(climbed)
    return moved


async def _assign(database: Database, sheets: Sequence[Sheet], surge: _Surge, rules: CallRules) -> bool:
    """Offer what can be assigned; the rungs that hold nobody for a call are noted, for the next step.

    True also when another server was quicker with every worker: the next step sees who is left.
    """
    found = await surge_plans.planned(database, sheets, rules)
    if found is None:
        return False
    each = zip(found.cases, found.chosen, strict=True)
    pairs = [(case, found.crew[worker]) for case, worker in each if worker is not None]
    pairs.sort(key=lambda pair: -pair[0].priority)
    offered = set().union(*[await _offer(database, part, rules) for part in _parts(pairs)])
    surge.left -= offered
    surge.offered += len(offered)
    surge.passed |= found.nobody
    return bool(pairs or found.nobody)


def _parts(many: Sequence[Each]) -> list[Sequence[Each]]:
    return [many[first : first + WRITTEN_TOGETHER] for first in range(0, len(many), WRITTEN_TOGETHER)]


async def _offer(database: Database, pairs: Sequence[tuple[Case, Candidate]], rules: CallRules) -> set[uuid.UUID]:
    """Offer calls to the workers that they were given, with the way there; the calls that were still free, as they.

    Calls that somebody else is changing are left alone, and so are workers: nobody is waited for, so two servers that
    write at once cannot wait for each other in a circle.
    """
    verdicts = await threads.search(_verdicts, pairs, rules)
    given = {case.call_id: (case, verdict) for (case, _), verdict in zip(pairs, verdicts, strict=True)}
    async with database.write() as session:
        sheets = await dispatch_sheets.free_ones(session, list(given), rules)
        free = await candidates.hold_free(session, [verdict.candidate.worker_id for _, verdict in given.values()])
        calls = [sheet.call for sheet in sheets if _still(sheet.call, given[sheet.call.id][0])]
        calls = [call for call in calls if given[call.id][1].candidate.worker_id in free]
        await dispatch.prepare(session, calls, rules)
        return set(await proposals.write(session, [_proposal(call, *given[call.id], rules) for call in calls]))


def _still(call: Call, case: Case) -> bool:
    """True while the call stands where it stood when it was planned."""
    return surge_plans.waits(call) and (call.rung, call.round) == (case.number, case.need.round)


def _verdicts(pairs: Sequence[tuple[Case, Candidate]], rules: CallRules) -> list[Verdict]:
    """Each worker with the way to the door."""
    network, found = reach.current_network(), list[Verdict]()
    for case, worker in pairs:
        (trip,) = reach.trips(network, case.need.door, [worker.place], None, rules=rules)
        found.append(Verdict(replace(worker, trip=trip), True, Reason.TOGETHER))
    return found


def _proposal(call: Call, case: Case, verdict: Verdict, rules: CallRules) -> Proposal:
    seconds = case.rung.emergency_time if rules.is_emergency(call.priority) else case.rung.time
    return Proposal(call, verdict, [verdict], case.rung.code, case.number + 1, seconds)
