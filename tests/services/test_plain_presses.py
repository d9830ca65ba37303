"""A plain press: two messages to the store, and the first offer chosen while the call is committed."""

import asyncio
import uuid

import pytest
import sqlalchemy as sa

from gis import warming
from services import contacts, direct_lines, intake, ladders, plain_presses, terminals
from services.dispatcher import Dispatcher
from services.ladder import DEFAULT_RUNGS
from services.models import CallEventKind, CallStatus, Message, TerminalButton, TerminalStatus, Timer, WorkerRole
from services.models.contacts import ContactChannel
from services.press_orders import PressOrder
from services.presses import Pressed
from tests.callroom import KEYRING, CallRoom

Kind = CallEventKind


@pytest.fixture(scope="module", autouse=True)
def _searches_are_compiled() -> None:
    warming.warm()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What is asked over direct lines from now on: of each message the beginnings of its statements."""
    found: list[list[str]] = []
    ask = direct_lines.DirectLines.ask

    async def noting(self: direct_lines.DirectLines, questions: object, values: object) -> list[object]:
        found.append([" ".join(one.statement.split()[:2]) for one in questions])  # type: ignore[attr-defined]
        return await ask(self, questions, values)  # type: ignore[arg-type]

    monkeypatch.setattr(direct_lines.DirectLines, "ask", noting)
    return found


async def _ahead(pressed: Pressed) -> uuid.UUID | None:
    assert pressed.ahead is not None
    return await pressed.ahead()


async def test_a_plain_press_is_two_messages_and_its_first_offer_two_more(
    room: CallRoom, asked: list[list[str]]
) -> None:
    """Where it comes from; the call, after its turn; who is near; the offer. The second and third at the same time."""
    near, far = await room.worker(380), await room.worker(510)
    pressed = await room.press()
    offer_id = await _ahead(pressed)
    assert [one[0] for one in asked] == ["SELECT (SELECT", "SELECT pg_advisory_xact_lock(hashtextextended($1,",
                                         "WITH home", "WITH new"]  # fmt: skip
    call, offer = await room.call(pressed.call.id), await room.offer(offer_id)
    # as `test_dispatch` has it of the usual way: 130 m are 140 s, the other one stands behind
    assert (call.status, call.rung, call.version, offer.worker_id) == (CallStatus.OFFERED, 1, 2, near.id)
    assert offer.eta_seconds == pytest.approx(140, abs=0.5)
    assert (offer.rung, offer.reason) == ("NEAREST_GRID_WORKER", "NEAREST")
    assert [(row["worker"], row["reason"]) for row in offer.considered] == [(str(near.id), "NEAREST"),
                                                                          (str(far.id), "FREE")]  # fmt: skip
    assert await room.kinds(call.id) == [Kind.OPENED, Kind.OFFERED]
    async with room.database.read() as session:
        due = set(await session.scalars(sa.select(Timer.kind)))
        (told,) = await session.scalars(sa.select(Message))
    assert due == {"DISPATCH", "CONTACTS_UNANSWERED", "OFFER_EXPIRES", "WORKER_LEFT"}
    assert (told.template, told.recipient_id, told.body["offer"]) == ("OFFER", near.id, str(offer.id))


async def test_what_is_not_plain_goes_the_usual_way(room: CallRoom) -> None:
    """The same again, another press of an open call, CANCEL, a terminal without a home, one that is retired."""
    await room.worker(380)
    first = await room.press(reference="one")
    assert first.ahead is not None
    again = await room.press(reference="one")
    more = await room.press(reference="two")
    cancel = await room.press(button=TerminalButton.CANCEL)
    assert [(one.repeated, one.joined, one.ahead) for one in (again, more, cancel)] == [
        (True, False, None), (False, True, None), (False, True, None)]  # fmt: skip
    async with room.database.write() as session:
        room.terminals[1] = await session.merge(room.terminals[1])
        room.terminals[1].status = TerminalStatus.RETIRED
    retired = await room.press(1)
    assert retired.call.mark == "RETIRED_TERMINAL"
    assert retired.ahead is None or await retired.ahead() is None
    assert (await room.call(retired.call.id)).status is CallStatus.OPEN


async def test_of_two_calls_that_want_the_same_worker_one_gets_nothing(room: CallRoom) -> None:
    """The second offer is refused by the store and leaves nothing; the dispatcher finds the next best."""
    near, far = await room.worker(500), await room.worker(0)
    first, second = await asyncio.gather(room.press(0), room.press(1))
    offers = await asyncio.gather(_ahead(first), _ahead(second))
    (lost,) = [pressed for pressed, offer in zip((first, second), offers, strict=True) if offer is None]
    assert await room.kinds(lost.call.id) == [Kind.OPENED]
    (won,) = [offer for offer in offers if offer is not None]
    assert (await room.offer(won)).worker_id == near.id
    dispatcher = Dispatcher(room.database, room.rules)
    intake.begin(lost, dispatcher)
    running = asyncio.create_task(dispatcher.run())
    while await room.kinds(lost.call.id) == [Kind.OPENED]:
        await asyncio.sleep(0.01)
    running.cancel()
    assert await room.asked(lost.call.id) == far.id


async def test_a_call_that_has_gone_on_meanwhile_is_not_offered(room: CallRoom) -> None:
    """Pressed again while help was chosen: the call is at its third line, the offer was made for its second."""
    worker = await room.worker(380)
    pressed = await room.press()
    await room.press()
    assert await _ahead(pressed) is None
    assert await room.kinds(pressed.call.id) == [Kind.OPENED, Kind.PRESSED_AGAIN]
    async with room.database.read() as session:
        await session.refresh(worker := await session.merge(worker, load=True))
    assert worker.status == "AVAILABLE"


async def test_an_emergency_tells_the_contacts_with_the_offer(room: CallRoom) -> None:
    """Once: the same message is not put again when the call climbs."""
    await room.worker(380)
    async with room.database.write() as session:
        contact = await contacts.add(session, KEYRING, room.homes[0].id, ContactChannel.SMS, "王明", "13900000000")
    pressed = await room.press(button=TerminalButton.EMERGENCY)
    offer = await room.offer(await _ahead(pressed))
    assert (offer.expires_at - offer.offered_at).total_seconds() == 30
    await room.decline(pressed.call.id)
    async with room.database.read() as session:
        told = (await session.scalars(sa.select(Message).where(Message.recipient_id == contact.id))).all()
    assert [(one.template, one.body["language"], one.body["channel"]) for one in told] == [
        ("CONTACT_EMERGENCY", "zh", "SMS")]  # fmt: skip


async def test_another_ladder_or_nobody_near_is_left_to_the_dispatcher(room: CallRoom) -> None:
    """Nobody on duty; then volunteers first in this community."""
    assert await _ahead(await room.press(0)) is None
    await room.worker(760)
    await room.worker(765, role=WorkerRole.VOLUNTEER)
    assert room.community is not None
    async with room.database.write() as session:
        await ladders.change(session, room.community.id, (DEFAULT_RUNGS[2], DEFAULT_RUNGS[-1]))
    assert await _ahead(await room.press(1)) is None


async def test_a_fault_while_choosing_or_on_the_short_way_costs_nobody_the_call(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the search fails, then the statement that opens the call."""

    def fails(*_: object) -> None:
        raise ArithmeticError

    await room.worker(380)
    with monkeypatch.context() as broken:
        broken.setattr(plain_presses.first_offers, "proposal", fails)
        assert await _ahead(pressed := await room.press(0)) is None
    assert (await room.call(pressed.call.id)).status is CallStatus.OPEN
    with monkeypatch.context() as broken:
        broken.setattr(plain_presses.new_calls, "OPENING", "SELECT 1 / 0")
        pressed = await room.press(1)
    assert pressed.ahead is None
    assert (await room.call(pressed.call.id)).status is CallStatus.OPEN


async def test_before_the_searches_are_compiled_nobody_is_chosen_ahead(
    room: CallRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling takes half a minute, and the whole server would stand still."""
    monkeypatch.setattr(warming, "is_warm", lambda: False)
    assert (await room.press()).ahead is None


async def test_an_order_with_a_zero_byte_or_an_unknown_serial_is_not_plain(room: CallRoom) -> None:
    order = PressOrder("unknown", "one", TerminalButton.HELP)
    database, signed = room.database, room.signed(0, order)
    assert await plain_presses.take(database, order, signed, KEYRING, room.rules) is None
    with pytest.raises(terminals.PressInvalid):
        await terminals.press(database, PressOrder("unknown", "", TerminalButton.HELP), signed, KEYRING)
    order = PressOrder(room.terminals[0].serial, "a\0b", TerminalButton.HELP)
    assert await plain_presses.take(database, order, room.signed(0, order), KEYRING, room.rules) is None
