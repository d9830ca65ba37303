"""Two at once, and processes that are killed: one wins, the other is told why; nothing is lost or sent twice."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from services import outbox
from services.cases import falling_due, ledger, refusals, votes
from services.cases.engine import Act, CaseChanged, act
from services.models import Case, Message
from tests import post, postgres
from tests.caseroom import KEYRING, CaseRoom, local
from tests.conftest import StandingClock
from tests.running import ROOT

CHILD = """
import asyncio, sys, uuid
from datetime import datetime
from fixtures import makers
from services import actors, clock
from services.cases.engine import Act, act
from services.database import Database
from tests import post

url, case_id, account_id, moment, where = sys.argv[1:]
held = clock.frozen(lambda: datetime.fromisoformat(moment))
held.__enter__()

async def stop(word):
    print(word, flush=True)
    await asyncio.sleep(600)

async def send(message):
    await stop("lent")

async def main():
    database = Database(url).acting_as("casework")
    async with database.write() as session:
        actor = await actors.actor_of(session, uuid.UUID(account_id))
        await act(session, makers.KEYRING, actor, Act(uuid.UUID(case_id), "WHISTLE_UP", "too large for the grid"))
        if where == "before the commit":
            await stop("acted")
    if where == "after the commit":
        await stop("acted")
    await post.deliver(database, send)

asyncio.run(main())
"""


async def test_two_act_at_once(caseroom: CaseRoom) -> None:
    """Both have seen version 1. One accepts; the other hears that the case is version 2, ACCEPTED, by ACCEPT."""
    case = await caseroom.open()
    wanted = Act(case.id, "ACCEPT", version=1)
    found = await asyncio.gather(*(_act(caseroom, who, wanted) for who in ("worker", "worker")), return_exceptions=True)
    (lost,) = [each for each in found if isinstance(each, CaseChanged)]
    assert lost.details["current"] == 2
    assert (lost.details["state"], lost.details["action"]) == ("ACCEPTED", "ACCEPT")
    assert lost.details["actor"] == str(caseroom.actors["worker"].account_id)
    assert await caseroom.kinds(case) == ["OPENED", "ACCEPT"]


async def test_an_act_and_a_passing_term_at_once(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Whoever comes first: the case has climbed once or was accepted, never both on one rung."""
    case = await caseroom.open()
    standing_clock.moment = local(21, 20)
    await caseroom.sweep()
    standing_clock.moment = local(22, 0, 1)
    acts = (_act(caseroom, "worker", Act(case.id, "ACCEPT", version=2)), caseroom.sweep(), caseroom.sweep())
    await asyncio.gather(*acts, return_exceptions=True)
    case = await caseroom.case(case.id)
    assert (await caseroom.kinds(case))[2:] in (["ACCEPT"], ["CLIMBED"])
    assert (case.rung, case.state) in ((0, "ACCEPTED"), (1, "RECEIVED"))


async def test_one_home_votes_once(caseroom: CaseRoom) -> None:
    """Two phones at one door at once: one vote is kept, secret, apart from its home; the other is refused."""
    details = {"question": "停车位怎么分？", "secret": True}
    case = await caseroom.open("DECISION", "staff", details)
    case = await caseroom.act(case, "staff", "DISCUSS")
    with pytest.raises(refusals.NoVoteNow):
        await _vote(caseroom, case, "同意")
    case = await caseroom.act(case, "staff", "CALL_VOTE")
    found = await asyncio.gather(*(_vote(caseroom, case, "同意") for _ in range(2)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["AlreadyVoted", "Count"]
    (count,) = [each for each in found if isinstance(each, votes.Count)]
    assert (count.voted, count.eligible, count.quorum_reached, count.by_choice) == (1, 1, True, {})
    with pytest.raises(refusals.ChoiceUnknown):
        await _vote(caseroom, case, "大概")
    with pytest.raises(refusals.NotMet):
        await caseroom.act(case, "staff", "REJECT")
    case = await caseroom.act(case, "staff", "ADOPT")
    line = (await caseroom.lines(case))[-1]
    assert (case.state, line.detail) == ("ADOPTED", {"tally": {"同意": 1}, "eligible": 1})


@pytest.mark.chaos
@pytest.mark.parametrize("where", ["before the commit", "after the commit", "while it is sent"])
async def test_killed_between_act_and_notice(
    databases: postgres.WorkerDatabases,
    case_database: str,
    caseroom: CaseRoom,
    standing_clock: StandingClock,
    where: str,
) -> None:
    """kill -9 in the middle: the act is there with its notice, or neither is; the notice is delivered once."""
    case = await caseroom.act(await caseroom.open(), "worker", "ACCEPT")
    await post.deliver(caseroom.database, _keep([]))
    arguments = (databases.url(case_database), str(case.id), str(caseroom.actors["worker"].account_id))
    command = [sys.executable, "-c", CHILD, *arguments, standing_clock.moment.isoformat(), where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        said = await asyncio.to_thread(child.stdout.readline)
        child.kill()
    assert said.strip() == (b"lent" if where == "while it is sent" else b"acted")
    acted = where != "before the commit"
    assert (await caseroom.case(case.id)).rung == (1 if acted else 0)
    standing_clock.forward(minutes=2)  # what was lent to the dead comes back
    sent: list[Message] = []
    while await post.deliver(caseroom.database, _keep(sent)):
        pass
    assert [message.template for message in sent] == (["CASE_CLIMB"] if acted else [])
    assert len({message.key for message in sent}) == len(sent)


async def test_what_fails_with_one_case_does_not_hold_up_the_others(
    caseroom: CaseRoom, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case that cannot be seen to is left for five minutes; the next one climbs meanwhile."""
    ill, well = await caseroom.open(), await caseroom.open()
    whole = ledger.state_of

    async def state_of(session: object, case: Case) -> object:
        if case.id == ill.id:
            raise RuntimeError("broken")
        return await whole(session, case)  # type: ignore[arg-type]

    standing_clock.moment = local(22, 0, 1)
    monkeypatch.setattr(falling_due.ledger, "state_of", state_of)
    await caseroom.sweep()
    monkeypatch.undo()
    assert [(await caseroom.case(each.id)).rung for each in (ill, well)] == [0, 1]
    standing_clock.moment += timedelta(seconds=falling_due.FAULT_SECONDS)
    await caseroom.sweep()
    assert (await caseroom.case(ill.id)).rung == 1


async def _act(caseroom: CaseRoom, who: str, wanted: Act) -> Case:
    async with caseroom.database.write() as session:
        return await act(session, KEYRING, caseroom.actors[who], wanted)


async def _vote(caseroom: CaseRoom, case: Case, choice: str) -> votes.Count:
    async with caseroom.database.write() as session:
        return await votes.cast(session, caseroom.actors["staff"], case.id, caseroom.home.id, choice)


def _keep(sent: list[Message]) -> outbox.Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send
