"""From the button to the door on two real server processes: what one takes, the other's sockets tell."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from fixtures import makers
from services import terminal_keys
from services.models import Account, Role
from tests import callroom, postgres
from tests.callroom import CallRoom
from tests.contracts import OPERATIONS
from tests.serving import Served, served

pytestmark = pytest.mark.slow

ACCEPT, ARRIVE = OPERATIONS["dispatch", "AcceptOffer"], OPERATIONS["dispatch", "Arrive"]
RESOLVE, FOLLOW_UP = OPERATIONS["dispatch", "ResolveCall"], OPERATIONS["dispatch", "FollowUpCall"]
EVENTS, OFFERS = OPERATIONS["dispatch", "CallEvents"], OPERATIONS["dispatch", "MyOffers"]


class Town:
    """Two servers, a home that can press, two workers on duty: at 100 m and at 300 m from the door."""

    def __init__(self, room: CallRoom, servers: list[Served]) -> None:
        """The accounts come later, since making them waits for the store."""
        self.room, (self.one, self.other) = room, servers
        self.near: Account
        self.far: Account
        self.desk: Account

    async def people(self) -> "Town":
        """Who signs in."""
        near = await self.room.worker(350, 500, self.room.grids[0])
        far = await self.room.worker(550, 500, self.room.grids[0])
        async with self.room.database.write() as session:
            grid = self.room.grids[0]
            self.near = await makers.make_account(session, Role.GRID_WORKER, grid, worker=near, name="Near")
            self.far = await makers.make_account(session, Role.GRID_WORKER, grid, worker=far, name="Far")
            self.desk = await makers.make_account(session, Role.DISPATCHER, self.room.community, name="Desk")
        return self

    def press(self, reference: str = "one", button: str = "HELP") -> dict[str, str]:
        """A press as a simple gateway sends it, signed by the terminal's own key."""
        serial, time = self.room.terminals[0].serial, "2020-01-01T00:00:00+08:00"
        proof = terminal_keys.signature(self.room.keys[0], serial, reference, button, time)
        return {"serial": serial, "reference": reference, "button": button, "pressedAt": time, "signature": proof}


@pytest.fixture(scope="module")
def database(databases: postgres.WorkerDatabases) -> Iterator[str]:
    """The name of a database for these tests, emptied before each."""
    name = databases.make()
    yield name
    databases.drop(name)


@pytest.fixture(scope="module")
def servers(
    databases: postgres.WorkerDatabases, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Served]]:
    """Two server processes on it."""
    with served(databases.url(database), tmp_path_factory.mktemp("servers"), count=2) as found:
        yield found


@pytest_asyncio.fixture
async def town(databases: postgres.WorkerDatabases, database: str, servers: list[Served]) -> AsyncIterator[Town]:
    """The town, by the real clock."""
    await callroom.emptied(databases.url(database, postgres.OWNER))
    async with callroom.opened(databases.url(database), pool_size=3) as room:
        yield await Town(room, servers).people()


async def test_a_press_leads_to_an_offer_a_visit_and_an_end(town: Town) -> None:
    """Pressed at one server, followed at the other; every line is told, in order."""
    area = str(town.room.community.id if town.room.community else "")
    async with town.other.socket(town.near) as phone, town.other.socket(town.desk) as desk:
        await desk.subscribe("events", EVENTS, areaId=area, afterSequence=0)
        await phone.subscribe("offers", OFFERS)
        answer = await town.one.post("/terminals/press", town.press())
        assert answer.status_code == 200, answer.text
        call = answer.json()
        assert (call["status"], call["repeated"], call["pressCount"]) == ("OPEN", False, 1)
        offer = (await phone.next("offers"))["myOffers"]
        assert (offer["status"], offer["call"]["id"]) == ("OFFERED", call["call"])
        assert offer["etaSeconds"] == pytest.approx(107.7, rel=0.005)  # 100 m times 1.4 at 1.3 m/s; mean sphere
        taken = await town.one.ask(town.near, ACCEPT, id=offer["id"])
        assert taken["acceptOffer"]["call"] == {"id": call["call"], "status": "ACCEPTED"}
        assert (await phone.next("offers"))["myOffers"]["status"] == "ACCEPTED"
        await town.one.ask(town.near, ARRIVE, callId=call["call"])
        await town.other.ask(town.near, RESOLVE, callId=call["call"], outcome="HELP_GIVEN", note="Tea was made")
        await town.one.ask(town.desk, FOLLOW_UP, callId=call["call"], satisfied=True)
        told = [(await desk.next("events"))["callEvents"] for _ in range(6)]
    assert [event["sequence"] for event in told] == [1, 2, 3, 4, 5, 6]
    assert [(event["kind"], event["call"]["status"]) for event in told] == [
        ("OPENED", "OPEN"),
        ("OFFERED", "OFFERED"),
        ("ACCEPTED", "ACCEPTED"),
        ("ARRIVED", "ARRIVED"),
        ("RESOLVED", "RESOLVED"),
        ("FOLLOWED_UP", "CLOSED"),
    ]


async def test_declined_goes_to_the_next_at_once(town: Town) -> None:
    """The second worker's phone hears of it without a time-out in between."""
    async with town.one.socket(town.near) as near, town.other.socket(town.far) as far:
        await near.subscribe("offers", OFFERS)
        await far.subscribe("offers", OFFERS)
        await town.one.post("/terminals/press", town.press())
        offer = (await near.next("offers"))["myOffers"]
        decline = OPERATIONS["dispatch", "DeclineOffer"]
        assert (await town.other.ask(town.near, decline, id=offer["id"], reason="Ill"))["declineOffer"]["status"] == (
            "DECLINED"
        )
        assert (await near.next("offers"))["myOffers"]["status"] == "DECLINED"
        assert (await far.next("offers"))["myOffers"]["call"]["id"] == offer["call"]["id"]


async def test_the_server_that_took_the_press_dies_and_the_others_go_on(
    town: Town, databases: postgres.WorkerDatabases, database: str, tmp_path: Path
) -> None:
    """An answered press is never lost: another process finds the timer and asks somebody."""
    async with town.other.socket(town.near) as phone:
        await phone.subscribe("offers", OFFERS)
        with ExitStack() as stack:
            # In a thread: a phone that answers no ping for 20 s is hung up on, and the start may take longer.
            starting = served(databases.url(database), tmp_path)
            (mortal,) = await asyncio.to_thread(stack.enter_context, starting)
            answer = await mortal.post("/terminals/press", town.press())
            mortal.process.kill()
        assert (await phone.next("offers"))["myOffers"]["call"]["id"] == answer.json()["call"]


async def test_a_torn_socket_misses_nothing_and_hears_nothing_twice(town: Town) -> None:
    """Torn off after three lines; from the last number on, the rest comes, from the other server."""
    area, cancel = str(town.room.grids[0].id), OPERATIONS["dispatch", "CancelCall"]
    numbers, kinds = [], []
    async with town.one.socket(town.desk) as desk:
        await desk.subscribe("events", EVENTS, areaId=area, afterSequence=0)
        call = (await town.one.post("/terminals/press", town.press())).json()["call"]
        for reference in ("two", "three"):
            await town.one.post("/terminals/press", town.press(reference))
        for _ in range(3):
            event = (await desk.next("events"))["callEvents"]
            numbers.append(event["sequence"])
            kinds.append(event["kind"])
        desk.tear()
    await town.other.post("/terminals/press", town.press("four"))
    await town.other.ask(town.desk, cancel, id=call, reason="Spoken to her")
    async with town.other.socket(town.desk) as desk:
        await desk.subscribe("events", EVENTS, areaId=area, afterSequence=numbers[-1])
        while kinds[-1] != "CANCELLED":
            event = (await desk.next("events"))["callEvents"]
            numbers.append(event["sequence"])
            kinds.append(event["kind"])
    assert numbers == list(range(1, len(kinds) + 1))
    assert sorted(kinds) == sorted(["OPENED", "OFFERED", *["PRESSED_AGAIN"] * 3, "CANCELLED"])
    assert kinds[0] == "OPENED"


async def test_only_the_terminals_own_key_opens_a_call(town: Town) -> None:
    """Unsigned, wrongly signed, or signed for another button: 403, and no call."""
    for spoiled in ({"signature": ""}, {"signature": "0" * 64}, {"button": "EMERGENCY"}, {"reference": "two"}):
        answer = await town.one.post("/terminals/press", {**town.press(), **spoiled})
        assert (answer.status_code, answer.json()["code"]) == (403, "PRESS_NOT_AUTHENTIC"), spoiled
    for unreadable in ({"button": "LOUD"}, {"reference": 7}, {"reference": "x" * 81}):
        assert (await town.one.post("/terminals/press", {**town.press(), **unreadable})).status_code == 400
    answer = await town.one.answer(town.desk, "{ calls { totalCount } }")
    assert answer["data"]["calls"]["totalCount"] == 0


async def test_a_press_sent_again_is_the_same_press(town: Town) -> None:
    """Whichever server it reaches."""
    first = (await town.one.post("/terminals/press", town.press())).json()
    again = (await town.other.post("/terminals/press", town.press())).json()
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert (again["call"], again["pressCount"]) == (first["call"], 1)


async def test_a_sign_of_life_over_http(town: Town) -> None:
    """Signed with the word heartbeat, the battery, and the time as it was written."""
    serial = town.room.terminals[0].serial
    proof = terminal_keys.signature(town.room.keys[0], serial, "heartbeat", "15", "noon")
    body = {"serial": serial, "batteryPercent": 15, "at": "noon", "signature": proof}
    answer = await town.one.post("/terminals/heartbeat", body)
    assert (answer.status_code, answer.json()) == (200, {"serial": serial, "status": "LOW_BATTERY"})
    assert (await town.one.post("/terminals/heartbeat", {**body, "batteryPercent": 90})).status_code == 403
