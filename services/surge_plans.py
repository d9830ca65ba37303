"""Who goes to which call when many wait: all travel times, who may be asked, and the assignment of the least sum."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sqlalchemy.ext.asyncio import AsyncSession

from services import candidates, dispatch_sheets, reach, rung_crews, threads
from services.candidates import Need
from services.choosing import Candidate, Reason, judge, why_empty
from services.database import Database
from services.dispatch_sheets import Sheet
from services.ladder import RULES, CallRules, Rung, Territory
from services.models.calls import Call, CallStatus
from services.rung_crews import NOWHERE, Served

MOST_WORKERS = 2000


@dataclass(frozen=True, slots=True)
class Case:
    """An open call at a rung of its ladder (the `number`th), with what it needs."""

    call_id: uuid.UUID
    priority: int
    need: Need
    rung: Rung
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Case c is for worker `chosen[c]` of `crew` (None: nobody is left); `seconds` float64[cases, crew], `weights`.

    `nobody`: calls for which the rung (call, number) where they stand holds nobody, with the reason.
    """

    cases: list[Case]
    crew: list[Candidate]
    seconds: NDArray[np.float64]
    weights: NDArray[np.float64]
    chosen: list[int | None]
    nobody: Mapping[tuple[uuid.UUID, int], str] = field(default_factory=dict)


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


async def plan(database: Database, call_ids: Sequence[uuid.UUID], rules: CallRules = RULES) -> Plan | None:
    """Who should go to which of the calls that are open; None when their rungs ask nobody. Writes nothing."""
    async with database.read() as session:
        sheets = await dispatch_sheets.of_all(session, call_ids, rules)
    return await planned(database, sheets, rules)


async def planned(database: Database, sheets: Sequence[Sheet], rules: CallRules) -> Plan | None:
    """The same for calls that were just read. One role at a time: that of most of the calls."""
    waiting = [case for sheet in sheets if (case := _case(sheet)) is not None]
    if not waiting:
        return None
    ((role, _),) = Counter(case.rung.role for case in waiting).most_common(1)
    assert role is not None
    cases = [case for case in waiting if case.rung.role is role]
    async with database.read() as session:
        crew = await candidates.free_workers(session, role, cases[0].need.door, MOST_WORKERS, rules)
        reasons = await _reasons(session, cases, crew)
    seconds = await threads.search(_seconds, cases, crew, reasons, rules)
    weights = np.array([rules.weight(case.priority) for case in cases])
    chosen = await threads.search(assign, seconds, weights, rules.surge_unserved_seconds)
    return Plan(cases, crew, seconds, weights, chosen, _nobody(cases, seconds, reasons))


def _case(sheet: Sheet) -> Case | None:
    """A call that can be offered to somebody, at the rung where it stands; None for one that belongs to the desk."""
    call, number = sheet.call, min(sheet.call.rung, len(sheet.rungs) - 1)
    rung = sheet.rungs[number]
    if sheet.need is None or rung.is_desk or not waits(call):
        return None
    return Case(call.id, call.priority, sheet.need, rung, number)


def waits(call: Call) -> bool:
    """True for a call that may be offered to somebody."""
    return call.status is CallStatus.OPEN and call.mark is None


def _seconds(
    cases: Sequence[Case], crew: Sequence[Candidate], reasons: Sequence[Sequence[Reason]], rules: CallRules
) -> NDArray[np.float64]:
    """Seconds float64[calls, workers]; infinite for whom the call may not be offered to, or who is out of reach."""
    limits = np.array([case.rung.limit_seconds or rules.surge_unserved_seconds for case in cases])
    doors, places = [case.need.door for case in cases], [worker.place for worker in crew]
    network = reach.current_network()
    seconds = reach.seconds_between(network, doors, places, float(limits.max()), rules=rules)
    able = np.array([[reason is Reason.FREE for reason in row] for row in reasons], bool).reshape(seconds.shape)
    return np.where(able & (seconds <= limits[:, None]), seconds, np.inf)


async def _reasons(
    session: AsyncSession, cases: Sequence[Case], crew: Sequence[Candidate]
) -> Sequence[Sequence[Reason]]:
    """For each call whether each worker may be asked (FREE), or why not; judged once for all that want the same."""
    local = any(case.rung.territory is not Territory.ANYWHERE for case in cases)
    served = await rung_crews.served(session, [worker.worker_id for worker in crew]) if local and crew else {}
    asked = await rung_crews.asked_before(session, [case.call_id for case in cases])
    judged = {want: _judged(want, crew, served) for want in {_want(case) for case in cases}}
    return [_but_asked(judged[_want(case)], crew, asked.get(case.call_id, ())) for case in cases]


_Want = tuple[Rung, frozenset[str], uuid.UUID | None, uuid.UUID | None]


def _want(case: Case) -> _Want:
    """Rung and skills; and where the call is, when that matters there."""
    here = case.rung.territory is not Territory.ANYWHERE
    need = case.need
    return case.rung, need.wanted, need.grid_id if here else None, need.community_id if here else None


def _judged(want: _Want, crew: Sequence[Candidate], served: Mapping[uuid.UUID, Served]) -> list[Reason]:
    rung, wanted, grid, community = want
    reasons = []
    for worker in crew:
        areas = served.get(worker.worker_id, NOWHERE)
        local = replace(worker, own_grid=grid in areas.grids, own_community=community in areas.communities)
        reasons.append(judge(local, rung, wanted, reach_matters=False).reason)
    return reasons


def _but_asked(reasons: Sequence[Reason], crew: Sequence[Candidate], asked: Collection[uuid.UUID]) -> Sequence[Reason]:
    if not asked:
        return reasons
    each = zip(crew, reasons, strict=True)
    return [Reason.ASKED_BEFORE if worker.worker_id in asked else reason for worker, reason in each]


def _nobody(
    cases: Sequence[Case], seconds: NDArray[np.float64], reasons: Sequence[Sequence[Reason]]
) -> dict[tuple[uuid.UUID, int], str]:
    """Whose rung holds nobody, and why; not told when there may be more workers than were looked at."""
    if seconds.shape[1] >= MOST_WORKERS:
        return {}
    alone = np.flatnonzero(~np.isfinite(seconds).any(axis=1)).tolist()
    return {(cases[row].call_id, cases[row].number): _why(cases[row], reasons[row]) for row in alone}


def _why(case: Case, reasons: Sequence[Reason]) -> str:
    """What stands in the way of most; who may be asked, and is not, is out of reach."""
    return why_empty(Counter((Reason.OUT_OF_REACH if reason is Reason.FREE else reason).value for reason in reasons))
