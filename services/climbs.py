"""Calls that climb together: rungs on which nobody can be asked are passed over, and the desk rings, many at a time.

`climb` decides on values, `services.moves` stores what was decided. `services.dispatch` does the same for one call.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services import call_states, clock, desk, dispatch, dispatch_sheets, moves, rung_crews
from services.call_states import CallState, Happening
from services.database import Database
from services.dispatch_sheets import Sheet
from services.ladder import RULES, CallRules, LadderWrong, Rung
from services.models.calls import Call, CallEventKind, CallStatus
from services.models.workers import WorkerRole
from services.moves import Moves

NONE_PASSED: Mapping[tuple[uuid.UUID, int], str] = {}
WhyEmpty = Callable[[int, Rung], str | None]


def climb(sheet: Sheet, why_empty: WhyEmpty, now: datetime) -> Moves:
    """Take an open call past each rung for which `why_empty` tells a code, up to one that may have somebody, or ring.

    As `dispatch` climbs: what nobody knows the home of, or is marked, rings at once. Raises LadderWrong without a desk.
    """
    call, need, steps = sheet.call, None if sheet.call.mark else sheet.need, list[tuple[Happening, CallState]]()
    state = call_states.state_of(call)
    for number in range(min(call.rung, len(sheet.rungs) - 1), len(sheet.rungs)):
        rung = sheet.rungs[number]
        if rung.is_desk or need is None:
            event = Happening(CallEventKind.RANG, now, detail={"rung": rung.code, "reason": desk.why_it_rings(call)})
            return Moves(call, (*steps, (event, call_states.advance(state, event))))
        why = why_empty(number, rung)
        if why is None:
            return Moves(call, tuple(steps))
        detail = {"rung": rung.code, "reason": why, "next_rung": number + 1}
        event = Happening(CallEventKind.RUNG_SKIPPED, now, detail=detail)
        state = call_states.advance(state, event)
        steps.append((event, state))
    raise LadderWrong(reason="it has no duty desk.")


async def take_up(
    database: Database,
    call_ids: Sequence[uuid.UUID],
    passed: Mapping[tuple[uuid.UUID, int], str],
    rules: CallRules = RULES,
) -> Sequence[Moves]:
    """Climb calls that nobody else is changing just now, as far as there is nobody to ask, in one transaction.

    `passed`: codes of rungs (call, number) that were searched, and hold nobody for that call.
    """
    async with database.write() as session:
        sheets = await dispatch_sheets.free_ones(session, call_ids, rules)
        empty = await rung_crews.empty_roles(session)
        sheets = [sheet for sheet in sheets if sheet.call.status is CallStatus.OPEN]
        done = [climb(sheet, why_empty(sheet.call, empty, passed), clock.now()) for sheet in sheets]
        await dispatch.prepare(session, [one.call for one in done if one.steps], rules)
        await moves.write(session, done, rules)
        return [one for one in done if one.steps]


def why_empty(
    call: Call, empty: Mapping[WorkerRole, str], passed: Mapping[tuple[uuid.UUID, int], str] = NONE_PASSED
) -> WhyEmpty:
    """Why nobody can be asked for a call on a rung: nobody of the role is free, or the rung was searched."""

    def why(number: int, rung: Rung) -> str | None:
        assert rung.role is not None
        return empty.get(rung.role) or passed.get((call.id, number))

    return why
