"""Following calls, offers and positions: numbered without a gap, taken up again, for those only who may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from schema import call_events
from services import clock, workers
from services import events as events_of_calls
from services.background import Background
from services.models import Account, Role, RoleGrant
from services.outbox import Message
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.following import Socket, connected
from tests.schema.town import Town

EVENTS, OFFERS = OPERATIONS["dispatch", "CallEvents"], OPERATIONS["dispatch", "MyOffers"]
POSITIONS = OPERATIONS["map", "WorkerPositions"]
PRESS = OPERATIONS["dispatch", "PressButton"]


@pytest_asyncio.fixture
async def live(changing: tuple[Asking, Town]) -> AsyncIterator[tuple[Asking, CallStage]]:
    """A server with all that runs beside its requests, and a town in which somebody may press."""
    ask, town = changing

    async def nowhere(_: Message) -> None:
        """Messages are not looked at here."""

    background = Background(ask.database, ask.api.dispatcher, ask.api.wakeups, nowhere)
    stage = await CallStage.of(ask.database, town)
    async with background.running():
        yield ask, stage


async def press(ask: Asking, stage: CallStage, reference: str) -> str:
    """Press in the first home; the call's id."""
    answer = await ask.as_(stage.terminal)(PRESS, terminalSerial="T-1", reference=reference, button="HELP")
    found: str = answer["pressButton"]["call"]["id"]
    return found


async def events(socket: Socket, id_: str, count: int) -> list[dict[str, Any]]:
    """The stream's next events."""
    return [(await socket.next(id_))["callEvents"] for _ in range(count)]


async def test_events_are_numbered_without_a_gap_and_taken_up_again(live: tuple[Asking, CallStage]) -> None:
    """OPENED, OFFERED, then three more presses: five lines, read in two parts and once more as a whole."""
    ask, stage = live
    area = str(stage.town.community.id)
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("a", EVENTS, areaId=area, afterSequence=0)
        await press(ask, stage, "one")
        first = await events(socket, "a", 2)
    for reference in ("two", "three", "four"):
        await press(ask, stage, reference)
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("b", EVENTS, areaId=area, afterSequence=first[-1]["sequence"])
        rest = await events(socket, "b", 3)
        await socket.subscribe("c", EVENTS, areaId=area, afterSequence=0)
        whole = await events(socket, "c", 5)
    assert [event["sequence"] for event in whole] == [1, 2, 3, 4, 5]
    assert [(event["kind"], event["call"]["status"], event["call"]["priority"]) for event in whole] == [
        ("OPENED", "OPEN", 4),
        ("OFFERED", "OFFERED", 4),
        ("PRESSED_AGAIN", "OFFERED", 5),
        ("PRESSED_AGAIN", "OFFERED", 6),
        ("PRESSED_AGAIN", "OFFERED", 7),
    ]
    assert first + rest == whole


async def test_who_comes_back_reads_the_calls_of_many_lines_at_once(live: tuple[Asking, CallStage]) -> None:
    """OPENED, OFFERED and three more presses of one call: five lines told, the calls looked up once."""
    ask, stage = live
    for reference in ("one", "two", "three", "four"):
        await press(ask, stage, reference)
    sent: list[str] = []

    def keep(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    area = str(stage.town.community.id)
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("a", EVENTS, areaId=area, afterSequence=0)
        await events(socket, "a", 5)
        sa.event.listen(ask.database.engine.sync_engine, "before_cursor_execute", keep)
        await socket.subscribe("b", EVENTS, areaId=area, afterSequence=0)
        await events(socket, "b", 5)
    sa.event.remove(ask.database.engine.sync_engine, "before_cursor_execute", keep)
    assert sum("SELECT calls.id, calls." in statement for statement in sent) == 1


async def test_without_a_number_only_what_is_new_is_told(live: tuple[Asking, CallStage]) -> None:
    ask, stage = live
    await stage.offered()
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("a", EVENTS, areaId=str(stage.town.grids[0].id))
        await asyncio.sleep(1)
        await press(ask, stage, "two")
        (event,) = await events(socket, "a", 1)
    # OPENED and OFFERED were 1 and 2
    assert (event["sequence"], event["kind"]) == (3, "PRESSED_AGAIN")


async def test_each_area_counts_for_itself(live: tuple[Asking, CallStage]) -> None:
    """The grid, the community around it: the same lines, each stream from 1."""
    ask, stage = live
    await stage.offered()
    async with connected(ask.app, stage.dispatcher) as socket:
        for name, area in (("grid", stage.town.grids[0]), ("community", stage.town.community)):
            await socket.subscribe(name, EVENTS, areaId=str(area.id), afterSequence=0)
            assert [event["sequence"] for event in await events(socket, name, 2)] == [1, 2]


@pytest.mark.parametrize(("role", "grid"), [(Role.GRID_WORKER, 1), (Role.PLANNER, 0), (Role.TERMINAL, 0)])
async def test_an_area_is_followed_by_its_own_staff_only(live: tuple[Asking, CallStage], role: Role, grid: int) -> None:
    """The worker next door, the planner, a gateway: refused by name."""
    ask, stage = live
    async with stage.database.write() as session:
        stranger = await makers.make_account(session, role, stage.town.grids[grid])
    for query in (EVENTS, POSITIONS):
        async with connected(ask.app, stranger) as socket:
            await socket.subscribe("a", query, areaId=str(stage.town.grids[0].id))
            assert await socket.refused() in ("NOT_FOUND", "NOT_ALLOWED")


async def test_a_stream_ends_with_the_right_to_it(live: tuple[Asking, CallStage]) -> None:
    """The right is taken away while the stream is open: the next event is not told."""
    ask, stage = live
    area = stage.town.community
    async with stage.database.write() as session:
        leaving: Account = await makers.make_account(session, Role.DISPATCHER, area, name="Leaving")
    async with connected(ask.app, leaving) as socket:
        await socket.subscribe("a", EVENTS, areaId=str(area.id), afterSequence=0)
        await press(ask, stage, "one")
        await events(socket, "a", 2)
        async with stage.database.write() as session:
            grant = await session.get_one(RoleGrant, await _grant_of(stage, leaving))
            grant.valid_to = clock.now() - timedelta(seconds=1)
        ask.api.actors.forget()
        await press(ask, stage, "two")
        assert await socket.refused() == "NOT_ALLOWED"


async def test_a_client_that_falls_too_far_behind_is_told_so(
    live: tuple[Asking, CallStage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Level once, and then more than the bound at once, here two."""
    ask, stage = live
    monkeypatch.setattr(call_events, "MOST_BEHIND", 2)
    read_after, may_read = events_of_calls.read_after, asyncio.Event()

    async def slow(*asked: Any) -> Any:
        await may_read.wait()
        return await read_after(*asked)

    monkeypatch.setattr(events_of_calls, "read_after", slow)
    may_read.set()
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("a", EVENTS, areaId=str(stage.town.community.id), afterSequence=0)
        await asyncio.sleep(0.5)
        may_read.clear()
        await asyncio.sleep(0.5)
        for number in range(6):
            await press(ask, stage, f"press {number}")
        may_read.set()
        code = None
        while code is None:
            try:
                await socket.next("a")
            except AssertionError as ended:
                code = ended.args[0]
    assert "TOO_FAR_BEHIND" in str(code)


async def test_a_phone_sees_its_offer_as_it_stands_and_as_it_changes(live: tuple[Asking, CallStage]) -> None:
    """Asked, pressed again, taken; connected later, the phone sees what stands."""
    ask, stage = live
    phone = stage.workers[0]
    async with connected(ask.app, phone) as socket:
        await socket.subscribe("a", OFFERS)
        call = await press(ask, stage, "one")
        offer = (await socket.next("a"))["myOffers"]
        assert (offer["status"], offer["call"]["id"], offer["call"]["priority"]) == ("OFFERED", call, 4)
        assert offer["call"]["household"]["address"] == "Willow Lane 50"
        await press(ask, stage, "two")
        assert (await socket.next("a"))["myOffers"]["call"]["priority"] == 5
        await ask.as_(phone)(OPERATIONS["dispatch", "AcceptOffer"], id=offer["id"])
        assert (await socket.next("a"))["myOffers"]["status"] == "ACCEPTED"
    async with connected(ask.app, phone) as socket:
        await socket.subscribe("a", OFFERS)
        found = (await socket.next("a"))["myOffers"]
    assert (found["id"], found["status"]) == (offer["id"], "ACCEPTED")


async def test_an_offer_that_is_taken_back_is_told(live: tuple[Asking, CallStage]) -> None:
    ask, stage = live
    async with connected(ask.app, stage.workers[0]) as socket:
        await socket.subscribe("a", OFFERS)
        call = await press(ask, stage, "one")
        await socket.next("a")
        await ask.as_(stage.dispatcher)(OPERATIONS["dispatch", "EscalateCall"], id=call, reason="No answer by phone")
        assert (await socket.next("a"))["myOffers"]["status"] == "WITHDRAWN"


async def test_workers_are_followed_as_they_move(live: tuple[Asking, CallStage]) -> None:
    """First where they are, then each new report; the one of another community is not among them."""
    ask, stage = live
    report = OPERATIONS["dispatch", "ReportPosition"]

    async def move(account: Account, x: float) -> None:
        lon, lat = makers.degrees(x, 500)
        fixed_at = clock.now().isoformat()
        await ask.as_(account)(report, point={"longitude": lon, "latitude": lat}, fixedAt=fixed_at)

    await move(stage.workers[0], 100)
    async with stage.database.write() as session:
        old = clock.now() - timedelta(minutes=10)
        await workers.report_position(session, stage.worker(1).id, *makers.degrees(600, 500), old)
    async with connected(ask.app, stage.dispatcher) as socket:
        await socket.subscribe("a", POSITIONS, areaId=str(stage.town.community.id))
        first = [(await socket.next("a"))["workerPositions"] for _ in range(2)]
        assert {found["worker"]["id"]: found["stale"] for found in first} == {
            str(stage.worker(0).id): False,
            str(stage.worker(1).id): True,
        }
        await move(stage.workers[0], 120)
        moved = (await socket.next("a"))["workerPositions"]
    assert moved["worker"]["id"] == str(stage.worker(0).id)
    assert moved["location"]["coordinates"] == pytest.approx(makers.degrees(120, 500), abs=1e-6)


async def _grant_of(stage: CallStage, account: Account) -> Any:
    async with stage.database.read() as session:
        return await session.scalar(sa.select(RoleGrant.id).where(RoleGrant.account_id == account.id))
