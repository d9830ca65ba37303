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


async def test_up_to_the_leader_and_back_to_the_rating(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Grid, community, district centre, leader: whistled up with a reason each time; the agent of the grid stays."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    case = await caseroom.act(case, "worker", "WHISTLE_UP", "needs the property firm")
    assert (case.state, case.rung, case.agent_id) == ("RECEIVED", 1, caseroom.workers[0].id)
    case = await caseroom.act(case, "staff", "ACCEPT")
    assert (case.officer_id, case.assignee_id) == (caseroom.actors["staff"].account_id, None)
    case = await caseroom.act(case, "staff", "WHISTLE_UP", "needs two bureaus")
    assert (case.rung, case.unit_id, case.lead_unit_id) == (2, caseroom.units["CENTRE"], caseroom.units["CENTRE"])
    case = await caseroom.act(case, "centre", "JOIN_UNIT", unit_id=caseroom.units["BUREAU"], part="拆除")
    case = await caseroom.act(case, "centre", "WHISTLE_UP", "the leader is to come")
    assert (case.rung, case.unit_id, case.lead_unit_id) == (3, None, caseroom.units["CENTRE"])
    with pytest.raises(refusals.TopOfLadder):
        await caseroom.act(case, "leader", "WHISTLE_UP")
    case = await caseroom.act(case, "official", "UNIT_DONE", unit_id=caseroom.units["BUREAU"])
    case = await caseroom.act(case, "leader", "ACCEPT")
    case = await caseroom.act(case, "leader", "ANSWER", "done on the spot", solved=True, on_site=True)
    case = await caseroom.act(case, "staff", "RATE", satisfied=True)  # the staff opened it
    assert (case.state, case.satisfied, case.ended_at) == ("CLOSED", True, standing_clock.moment)
    assert [term for term in (await caseroom.state(case)).terms if term.is_running] == []


async def test_it_climbs_by_itself_from_rung_to_rung(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Nobody does anything, and it ends with the leader, where it is late.

    The day on which it comes to a rung is not counted: there from Fri 22, it has Mon 25; from Tue 26, Wed 27; from Thu
    28, Fri 29.
    """
    case = await caseroom.open()
    rungs = []
    for day in (22, 23, 26, 27, 28, 30):
        standing_clock.moment = local(day, 0, 1)
        await caseroom.sweep()
        rungs.append((await caseroom.case(case.id)).rung)
    assert rungs == [1, 1, 2, 2, 3, 3]
    (term,) = (await caseroom.state(case)).running
    assert term.is_late(standing_clock.moment)
    assert [each.recipient_id for each in await caseroom.told("CASE_OVERDUE_BELOW")] == [caseroom.district.id]


async def test_reminders_by_multiples_of_the_overrun(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """At the top, with 1 working day that is Thu 21: overdue once Fri 22, twice Mon 25, four times Wed 27."""
    case = await caseroom.open()
    for who in ("worker", "staff", "centre"):
        case = await caseroom.act(case, who, "WHISTLE_UP", "up")
    looked = []
    for _ in range(5):
        (term,) = (await caseroom.state(case)).running
        assert term.next_look_at is not None
        looked.append(term.next_look_at)
        standing_clock.moment = term.next_look_at
        await caseroom.sweep()
    # Opened Wed 20 at 09:00, due Thu 21 at 24:00, 39 h later: a quarter before is 09:45 h earlier.
    assert [each.astimezone(local(20).tzinfo).replace(microsecond=0) for each in looked] == [
        local(21, 14, 15),
        local(22),
        local(23),
        local(26),
        local(28),
    ]


async def test_a_paused_day_does_not_count(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Accepted Wed 20, due Mon 25. Paused Thu 21 to Mon 25: Fri and Mon do not count, so it is due Wed 27."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    assert await caseroom.due(case, "CLOSE") == local(26)
    standing_clock.moment = local(21, 10)
    case = await caseroom.act(case, "staff", "PAUSE", reason="等待鉴定结果")
    assert await caseroom.due(case, "CLOSE") is None
    with pytest.raises(refusals.CaseIsPaused):
        await caseroom.act(case, "worker", "ANSWER", solved=True)
    standing_clock.moment = local(25, 10)
    assert await caseroom.sweep() == 0  # a clock that stands falls due for nobody
    case = await caseroom.act(case, "staff", "RESUME")
    assert await caseroom.due(case, "CLOSE") == local(28)
    (term,) = [each for each in (await caseroom.state(case)).running if each.name == "CLOSE"]
    assert term.paused_working_days == 2
    (span,) = (await caseroom.state(case)).pauses
    assert (span.reason, span.by) == ("等待鉴定结果", caseroom.actors["staff"].account_id)


async def test_who_has_it_in_hand_does_not_allow_the_own_pause(caseroom: CaseRoom) -> None:
    """The staff that took it is no overseer of it; somebody else is."""
    case = await caseroom.act(await caseroom.open(), "worker", "WHISTLE_UP")
    case = await caseroom.act(case, "staff", "ACCEPT")
    with pytest.raises(refusals.NotYourPart):
        await caseroom.act(case, "staff", "PAUSE", reason="no time")
    case = await caseroom.act(case, "street", "PAUSE", reason="等待上级批复")
    assert len(case.pauses) == 1


async def test_returned_twice_goes_to_the_last_resort(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Once back to the rung with its clock going on; twice to the district centre, and never round again."""
    case = await caseroom.open()
    due = await caseroom.due(case, "ACCEPT")
    standing_clock.forward(hours=5)
    case = await caseroom.act(case, "worker", "RETURN", "not my grid's lamp")
    assert (case.returns, case.assignee_id, case.rung) == (1, None, 0)
    assert await caseroom.due(case, "ACCEPT") == due
    case = await caseroom.act(case, "worker", "RETURN", "still not mine")
    assert (case.returns, case.rung, case.unit_id) == (2, 2, caseroom.units["CENTRE"])
    with pytest.raises(refusals.NotReturnable):
        await caseroom.act(case, "centre", "RETURN", "nor ours")
    assert (await caseroom.case(case.id)).returns == 2


async def test_not_satisfied_opens_it_again_once_a_rung(caseroom: CaseRoom) -> None:
    """Grid twice, then the community twice, centre twice, leader twice: eight rounds, and it ends as it is."""
    case, seen = await caseroom.open(), []
    for who in ("worker", "worker", "staff", "staff", "centre", "centre", "leader", "leader"):
        seen.append((case.rung, case.round))
        case = await caseroom.act(case, who, "ACCEPT")
        case = await caseroom.act(case, who, "ANSWER", "answered", solved=False)
        case = await caseroom.act(case, "staff", "RATE", satisfied=False)
    assert seen == [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6), (3, 7), (3, 8)]
    assert (case.state, case.satisfied) == ("CLOSED", False)


async def test_an_answer_that_nobody_rates_is_settled(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Answered Wed 20 May; ten working days are Wed 3 June; then it closes by itself."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    case = await caseroom.act(case, "worker", "ANSWER", "done", solved=True)
    assert await caseroom.due(case, "RATING") == local(4, month=6)
    standing_clock.moment = local(4, 0, 1, month=6)
    await caseroom.sweep()
    case = await caseroom.case(case.id)
    assert (case.state, case.satisfied) == ("CLOSED", None)
    assert (await caseroom.kinds(case))[-1] == "SETTLE"
