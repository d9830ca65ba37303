"""Claims and detox plans (S11): seen by their team alone, paid in full, taken over without a gap."""

import pytest

from services.access import Actor
from services.cases import refusals
from services.errors import NotFound
from services.models import Case, Role
from tests.caseroom import CaseRoom, local
from tests.conftest import StandingClock

AMOUNTS = {"harmed_yuan": 3000.0, "person_yuan": 0.0, "guardian_yuan": 500.5}
FIVE = ("GRID_WORKER", "ANTI_DRUG_CADRE", "SOCIAL_WORKER", "VOLUNTEER", "POLICE_OFFICER")


async def claim(room: CaseRoom) -> Case:
    """A claim of the grid worker's, told to the insurer and assessed."""
    details = {"happened_on": "2026-05-19", "kind": "人身损害"}
    case = await room.open("CLAIM", by="worker", details=details, subject="责任险理赔一件")
    case = await room.act(case, "worker", "TELL_INSURER", policy="P-1", claim_number="C-1")
    return await room.act(case, "worker", "ASSESS", **AMOUNTS)


async def test_all_three_parties_are_paid_before_a_claim_is_closed(caseroom: CaseRoom) -> None:
    case = await claim(caseroom)
    with pytest.raises(refusals.NotMet, match="not agreed"):
        await caseroom.act(case, "worker", "PAY", payee="HARMED", yuan=3000.0)
    for payee in ("HARMED", "PERSON", "GUARDIAN"):
        case = await caseroom.act(case, "worker", "AGREE", payee=payee)
    case = await caseroom.act(case, "worker", "PAY", payee="HARMED", yuan=1000.0)
    with pytest.raises(refusals.NotMet, match="more than"):
        await caseroom.act(case, "worker", "PAY", payee="HARMED", yuan=2000.01)
    case = await caseroom.act(case, "worker", "PAY", payee="HARMED", yuan=2000.0)
    with pytest.raises(refusals.NotMet, match="GUARDIAN"):
        await caseroom.act(case, "worker", "CLOSE")
    case = await caseroom.act(case, "worker", "PAY", payee="GUARDIAN", yuan=500.5)
    assert (await caseroom.act(case, "worker", "CLOSE")).state == "CLOSED"


async def test_the_clocks_of_a_claim(caseroom: CaseRoom) -> None:
    """Opened Wednesday 20 May 09:00: insurer by the end of 21; assessed 30 days after it was told; paid 10 after."""
    details = {"happened_on": "2026-05-19", "kind": "人身损害"}
    case = await caseroom.open("CLAIM", by="worker", details=details, subject="责任险理赔一件")
    assert await caseroom.due(case, "TELL_INSURER") == local(22)
    case = await caseroom.act(case, "worker", "TELL_INSURER", policy="P-1", claim_number="C-1")
    assert await caseroom.due(case, "ASSESS") == local(19, 9, month=6)
    case = await caseroom.act(case, "worker", "ASSESS", **AMOUNTS)
    case = await caseroom.act(case, "worker", "AGREE", payee="HARMED")
    assert await caseroom.due(case, "PAY") == local(30, 9)


@pytest.mark.parametrize("who", ["staff", "centre", "leader", "auditor", "admin", "neighbour"])
async def test_a_claim_is_not_there_for_anybody_else(caseroom: CaseRoom, who: str) -> None:
    """Neither by act nor in the rows: subject and form are sealed, the place is not kept."""
    case = await claim(caseroom)
    with pytest.raises(NotFound):
        await caseroom.act(case, who, "NOTE", note="curious")
    assert (case.sealed, case.subject, case.details, case.location) == (True, "责任险理赔", {}, None)
    assert all(line.detail == {} or line.detail == {"kind": "CLAIM"} for line in await caseroom.lines(case))


async def plan(room: CaseRoom, *missing: str) -> tuple[Case, Actor]:
    """A detox plan with its team of five, without those who are missing."""
    lead = await room.actor(Role.SOCIAL_WORKER, room.community, name="Lead")
    room.actors["lead"] = lead
    case = await room.open("DETOX", by="lead", details={"ordered_on": "2026-05-18"}, subject="帮教计划一件")
    others = ("worker", "staff", "volunteer", "official", "centre")
    for part, who in zip(FIVE, others, strict=True):
        if part not in missing:
            account = room.actors[who].account_id
            case = await room.act(case, lead, "JOIN_MEMBER", account_id=str(account), part=part)
    return case, lead


async def test_a_plan_begins_with_all_five_and_the_agreement(caseroom: CaseRoom) -> None:
    case, lead = await plan(caseroom, "POLICE_OFFICER")
    with pytest.raises(refusals.NotMet, match="POLICE_OFFICER"):
        await caseroom.act(case, lead, "BEGIN", reported_on="2026-05-20", agreement_signed=True)
    case, lead = await plan(caseroom)
    with pytest.raises(refusals.NotMet, match="agreement"):
        await caseroom.act(case, lead, "BEGIN", reported_on="2026-05-20", agreement_signed=False)
    case = await caseroom.act(case, lead, "BEGIN", reported_on="2026-05-20", agreement_signed=True)
    assert case.state == "YEAR_ONE"


async def test_tests_come_monthly_then_every_two_then_every_three(
    caseroom: CaseRoom, standing_clock: StandingClock
) -> None:
    """Begun on 20 May 2026 09:00: the first test 30 days later, on 19 June; each test starts the clock of the next.

    The first year ends 365 days later. In the second a test is due after 60 days, in the third after 90.
    """
    case, lead = await plan(caseroom)
    case = await caseroom.act(case, lead, "BEGIN", reported_on="2026-05-20", agreement_signed=True)
    assert await caseroom.due(case, "TEST_YEAR_ONE") == local(19, 9, month=6)
    standing_clock.forward(days=20)
    case = await caseroom.act(case, lead, "TEST_YEAR_ONE", taken_on="2026-06-09", result="NEGATIVE")
    assert await caseroom.due(case, "TEST_YEAR_ONE") == local(9, 9, month=7)
    with pytest.raises(refusals.NotMet, match="not over"):
        await caseroom.act(case, lead, "NEXT_YEAR", fit_to_go_on=True)
    expected = {"NEXT_YEAR": ("TEST_YEAR_TWO", 60), "LAST_YEAR": ("TEST_YEAR_THREE", 90)}
    for step, (term, days) in expected.items():
        standing_clock.forward(days=365)
        case = await caseroom.act(case, lead, step, fit_to_go_on=True)
        (running,) = [each for each in (await caseroom.state(case)).running if each.name.startswith("TEST")]
        assert (running.name, (running.due_at - running.started_at).days) == (term, days)  # type: ignore[operator]
    standing_clock.forward(days=365)
    assert (await caseroom.act(case, lead, "COMPLETE", fit_to_go_on=True)).state == "COMPLETED"


async def test_a_plan_is_handed_over_without_a_gap(caseroom: CaseRoom) -> None:
    case, lead = await plan(caseroom)
    case = await caseroom.act(case, lead, "BEGIN", reported_on="2026-05-20", agreement_signed=True)
    with pytest.raises(refusals.NotMet, match="HAND_OVER"):
        await caseroom.act(case, lead, "TAKEN_OVER", received_on="2026-06-01")
    case = await caseroom.act(case, lead, "HAND_OVER", area_code="529901001001", leaves_on="2026-06-01")
    assert case.state == "YEAR_ONE"  # until the others have taken over, this team goes on
    with pytest.raises(refusals.NotMet, match="gap"):
        await caseroom.act(case, lead, "TAKEN_OVER", received_on="2026-06-02")
    assert (await caseroom.act(case, lead, "TAKEN_OVER", received_on="2026-06-01")).state == "TAKEN_OVER"
