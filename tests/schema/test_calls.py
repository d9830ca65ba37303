"""Calls on the wire: who sees which, what each may do, and what those who come too late are told."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from fixtures import makers
from services import dispatch
from services.models import Account, Role, TerminalButton
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.town import Town

FILE = "query ($id: ID!) { call(id: $id) { household { address residents { name phone careRecords { notes } } } } }"
PRESS = OPERATIONS["dispatch", "PressButton"]
DETAIL = OPERATIONS["dispatch", "CallDetail"]


@pytest_asyncio.fixture
async def staged(changing: tuple[Asking, Town]) -> AsyncIterator[tuple[Asking, CallStage]]:
    """A client, and a town in which somebody may press."""
    ask, town = changing
    yield ask, await CallStage.of(ask.database, town)


async def account(stage: CallStage, role: Role, *, grid: int, worker: int | None = None) -> Account:
    """Somebody with a role in one grid."""
    person = stage.worker(worker) if worker is not None else None
    async with stage.database.write() as session:
        return await makers.make_account(session, role, stage.town.grids[grid], worker=person, name="Other")


async def test_twenty_sends_of_one_press_at_once_are_one_press(staged: tuple[Asking, CallStage]) -> None:
    ask, stage = staged
    terminal = ask.as_(stage.terminal)
    sends = (terminal(PRESS, terminalSerial="T-1", reference="one", button="HELP") for _ in range(20))
    answers = [answer["pressButton"] for answer in await asyncio.gather(*sends)]
    assert len({answer["call"]["id"] for answer in answers}) == 1
    assert sum(not answer["repeated"] for answer in answers) == 1
    assert {answer["call"]["pressCount"] for answer in answers} == {1}


async def test_a_press_joins_the_open_call_and_raises_it(staged: tuple[Asking, CallStage]) -> None:
    ask, stage = staged
    terminal = ask.as_(stage.terminal)
    first = (await terminal(PRESS, terminalSerial="T-1", reference="one", button="HELP"))["pressButton"]
    again = (await terminal(PRESS, terminalSerial="T-1", reference="two", button="HELP"))["pressButton"]
    # HELP is 3, one more since somebody in the home is in care; one more for pressing again
    assert (first["call"]["priority"], again["call"]["priority"]) == (4, 5)
    assert (again["call"]["id"], again["call"]["pressCount"], again["repeated"]) == (first["call"]["id"], 2, False)


async def test_only_the_terminal_itself_or_a_gateway_presses(staged: tuple[Asking, CallStage]) -> None:
    """A dispatcher's or a worker's token is refused by name, and no call is opened."""
    ask, stage = staged
    for stranger in (stage.dispatcher, stage.workers[0], stage.town.manager):
        code = await ask.as_(stranger).code(PRESS, terminalSerial="T-1", reference="one", button="HELP")
        assert code == "PRESS_NOT_AUTHENTIC"
    gateway = await account(stage, Role.TERMINAL, grid=0)
    pressed = await ask.as_(gateway)(PRESS, terminalSerial="NEVER-ENTERED", reference="one", button="HELP")
    seen = await ask.as_(stage.town.manager)("{ calls { totalCount edges { node { id mark terminalSerial } } } }")
    node = {"id": pressed["pressButton"]["call"]["id"], "mark": "UNKNOWN_SERIAL", "terminalSerial": "NEVER-ENTERED"}
    assert seen["calls"] == {"totalCount": 1, "edges": [{"node": node}]}


async def test_a_device_sees_neither_calls_nor_people(staged: tuple[Asking, CallStage]) -> None:
    """Its own press is answered; nothing else opens to its token."""
    ask, stage = staged
    offer = await stage.offered()
    terminal = ask.as_(stage.terminal)
    assert (await terminal("{ calls { totalCount } }"))["calls"]["totalCount"] == 0
    assert await terminal.code(DETAIL, id=str(offer.call_id)) == "NOT_FOUND"
    assert (await terminal("{ households { totalCount } }"))["households"]["totalCount"] == 0
    query = """mutation { pressButton(input: {terminalSerial: "T-1", reference: "two", button: HELP}) {
        call { household { address } } } }"""
    assert (await terminal(query))["pressButton"]["call"]["household"] is None


async def test_a_call_is_seen_by_the_staff_of_its_areas_only(staged: tuple[Asking, CallStage]) -> None:
    ask, stage = staged
    call = str((await stage.press()).id)
    elsewhere = await account(stage, Role.GRID_WORKER, grid=3, worker=3)
    planner = await account(stage, Role.PLANNER, grid=0)
    for stranger in (elsewhere, planner):
        assert await ask.as_(stranger).code(DETAIL, id=call) == "NOT_FOUND"
        assert (await ask.as_(stranger)("{ calls { totalCount } }"))["calls"]["totalCount"] == 0
    for staff in (stage.dispatcher, stage.workers[0], stage.town.manager):
        assert (await ask.as_(staff)(DETAIL, id=call))["call"]["id"] == call


async def test_the_file_opens_for_who_has_taken_the_call_and_closes_with_it(staged: tuple[Asking, CallStage]) -> None:
    """A worker of another grid: asked, he sees the door; having taken it, the people; when it is over, nothing."""
    ask, stage = staged
    call, helper = await stage.press(), ask.as_(stage.workers[1])
    desk = await stage.actor(stage.dispatcher)
    async with stage.database.write() as session:
        await dispatch.offer_to(session, call.id, stage.worker(1).id, desk)
    (offer,) = (await ask.as_(stage.dispatcher)(DETAIL, id=str(call.id)))["call"]["offers"]
    asked = (await helper(FILE, id=str(call.id)))["call"]["household"]
    assert asked == {"address": "Willow Lane 50", "residents": []}
    await helper(OPERATIONS["dispatch", "AcceptOffer"], id=offer["id"])
    (resident,) = (await helper(FILE, id=str(call.id)))["call"]["household"]["residents"]
    assert (resident["name"], resident["phone"]) == ("Ping H0050", "13800000050")
    # the sealed category's record is for its own team alone
    assert len(resident["careRecords"]) == 1
    await helper(OPERATIONS["dispatch", "Arrive"], callId=str(call.id))
    await helper(OPERATIONS["dispatch", "ResolveCall"], callId=str(call.id), outcome="HELP_GIVEN")
    assert await helper.code(FILE, id=str(call.id)) == "NOT_FOUND"


async def test_two_dispatchers_one_claim(staged: tuple[Asking, CallStage]) -> None:
    """Both at once: one wins, the other is told who has it."""
    ask, stage = staged
    call = await stage.press()
    async with stage.database.write() as session:
        second = await makers.make_account(session, Role.DISPATCHER, stage.town.community, name="Second")
    claim = OPERATIONS["dispatch", "ClaimCall"]
    both = (ask.as_(one).send(claim, id=str(call.id)) for one in (stage.dispatcher, second))
    answers = [response.json() for response in await asyncio.gather(*both)]
    (won,) = [answer["data"]["claimCall"] for answer in answers if "errors" not in answer]
    (lost,) = [answer["errors"][0] for answer in answers if "errors" in answer]
    assert lost["extensions"]["code"] == "CLAIMED_BY_OTHER"
    assert lost["extensions"]["name"] == won["claimedBy"]["name"]
    keep = "mutation ($id: ID!) { keepClaim(id: $id) { claimedBy { name } } }"
    winner, loser = (stage.dispatcher, second) if won["claimedBy"]["name"] == "Desk" else (second, stage.dispatcher)
    assert (await ask.as_(winner)(keep, id=str(call.id)))["keepClaim"] == {"claimedBy": {"name": winner.name}}
    assert await ask.as_(loser).code(keep, id=str(call.id)) == "CLAIM_LAPSED"


async def test_who_answers_too_late_is_told_who_has_the_call(staged: tuple[Asking, CallStage]) -> None:
    ask, stage = staged
    offer = await stage.offered()
    await ask.as_(stage.workers[0])(OPERATIONS["dispatch", "DeclineOffer"], id=str(offer.id), reason="Ill")
    late = await ask.as_(stage.workers[0]).refused(OPERATIONS["dispatch", "AcceptOffer"], id=str(offer.id))
    assert late["extensions"]["code"] == "OFFER_WITHDRAWN"
    # the second worker is being asked meanwhile
    assert late["extensions"]["holder"] == str(stage.worker(1).id)
    foreign = await ask.as_(stage.workers[1]).code(OPERATIONS["dispatch", "AcceptOffer"], id=str(offer.id))
    assert foreign == "NOT_FOUND"
    assert await ask.as_(stage.dispatcher).code(OPERATIONS["dispatch", "GoOnDuty"]) == "WORKERS_ONLY"


async def test_urgent_calls_come_first_page_by_page(staged: tuple[Asking, CallStage]) -> None:
    """An emergency before older help, and older help before newer."""
    ask, stage = staged
    desk, gateway = ask.as_(stage.dispatcher), ask.as_(await account(stage, Role.TERMINAL, grid=0))
    for serial, button in (("A", "HELP"), ("B", "HELP"), ("C", "EMERGENCY")):
        await gateway(PRESS, terminalSerial=serial, reference="one", button=button)
    query = """query ($after: String) { calls(filter: {open: true}, orderBy: URGENCY, first: 2, after: $after) {
        edges { node { terminalSerial } } pageInfo { hasNextPage endCursor } } }"""
    first = (await desk(query))["calls"]
    second = (await desk(query, after=first["pageInfo"]["endCursor"]))["calls"]
    serials = [edge["node"]["terminalSerial"] for page in (first, second) for edge in page["edges"]]
    assert serials == ["C", "A", "B"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_what_was_written_is_read_by_those_who_may_open_the_file(staged: tuple[Asking, CallStage]) -> None:
    """The timeline names the note by its id; its words open for the staff of the grid."""
    ask, stage = staged
    call = await stage.press(button=TerminalButton.SERVICE)
    cancel = OPERATIONS["dispatch", "CancelCall"]
    await ask.as_(stage.dispatcher)(cancel, id=str(call.id), reason="Wanted to hear a voice")
    query = "query ($id: ID!) { call(id: $id) { status timeline { kind note actor { name } } } }"
    found = (await ask.as_(stage.workers[0])(query, id=str(call.id)))["call"]
    assert found["status"] == "CANCELLED"
    assert found["timeline"] == [
        {"kind": "OPENED", "note": None, "actor": None},
        {"kind": "CANCELLED", "note": "Wanted to hear a voice", "actor": {"name": "Desk"}},
    ]


async def test_a_home_lists_its_calls_the_latest_first(staged: tuple[Asking, CallStage]) -> None:
    """Two calls of one home, one after the other; none of the home next door."""
    ask, stage = staged
    desk, found = ask.as_(stage.dispatcher), []
    for reference in ("one", "two"):
        call = str((await stage.press(reference)).id)
        found.append(call)
        await desk(OPERATIONS["dispatch", "CancelCall"], id=call, reason="Spoken to her")
    query = """query ($first: Int!) { households(first: 2) { edges { node {
        calls(first: $first) { totalCount edges { node { id status } } pageInfo { hasNextPage } } } } } }"""
    first, second = [edge["node"]["calls"] for edge in (await desk(query, first=1))["households"]["edges"]]
    assert first["edges"] == [{"node": {"id": found[1], "status": "CANCELLED"}}]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    assert (second["totalCount"], second["edges"]) == (0, [])
