"""The little red whistle (S7): 1 working day to accept, 3 to close, 5 when complex; up by hand and by itself."""

import pytest

from services.cases import refusals
from tests.caseroom import CaseRoom, local
from tests.conftest import StandingClock


async def test_the_grid_worker_of_the_place_gets_it_by_itself(caseroom: CaseRoom) -> None:
    """Opened Wednesday 20 May, 09:00: to be accepted by the end of Thursday 21."""
    case = await caseroom.open()
    assert (case.state, case.rung, case.assignee_id) == ("RECEIVED", 0, caseroom.workers[0].id)
    assert await caseroom.due(case, "ACCEPT") == local(22)
    (told,) = await caseroom.told()
    assert (told.template, told.recipient_id) == ("CASE_OPENED", caseroom.workers[0].id)


async def test_closing_runs_from_the_acceptance(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Accepted on Thursday 21: three working days are Fri 22, Mon 25, Tue 26."""
    case = await caseroom.open()
    standing_clock.forward(days=1)
    case = await caseroom.act(case, "worker", "ACCEPT")
    assert (case.state, case.agent_id, case.accepted_at) == ("ACCEPTED", caseroom.workers[0].id, standing_clock.moment)
    assert await caseroom.due(case, "CLOSE") == local(27)


async def test_a_complex_matter_has_five_days(caseroom: CaseRoom) -> None:
    """Accepted on Wednesday 20; the fifth working day is Wed 27."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    case = await caseroom.act(case, "staff", "EXTEND", reason="两个单位共管")
    assert case.is_complex
    assert await caseroom.due(case, "CLOSE") == local(28)
    with pytest.raises(refusals.AlreadyComplex):
        await caseroom.act(case, "staff", "EXTEND", reason="again")


async def test_it_climbs_by_itself_when_nobody_accepts(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Nobody accepts: on Friday 22 at 00:00:00.000001 it is with the community, to be accepted by the end of Mon 25."""
    case = await caseroom.open()
    standing_clock.moment = local(22)
    await caseroom.sweep()
    assert (await caseroom.case(case.id)).rung == 0  # at the very end it is still in time
    standing_clock.forward(seconds=1)
    await caseroom.sweep()
    case = await caseroom.case(case.id)
    assert (case.rung, case.assignee_id) == (1, None)
    assert await caseroom.due(case, "ACCEPT") == local(26)
    assert await caseroom.kinds(case) == ["OPENED", "REMINDED", "CLIMBED"]
    assert await caseroom.sweep() == 0
