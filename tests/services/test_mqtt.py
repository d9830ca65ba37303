"""Presses by MQTT through a real broker: answered after the commit, by name when refused, once however often sent."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures.makers import KEYRING
from services import terminal_keys
from services.dispatcher import Dispatcher
from services.models import Call, Press
from services.mqtt import Gateway
from tests.callroom import CallRoom
from tests.running import free_port, soon

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto (apt install mosquitto)")


class Broker:
    """A broker of our own that keeps what it holds over a restart."""

    def __init__(self, folder: Path) -> None:
        """Start on a free port."""
        self.port, self.settings = free_port(), folder / "mosquitto.conf"
        kept = f"persistence true\npersistence_location {folder}/\n"
        self.settings.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n{kept}")
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        command = [str(MOSQUITTO), "-c", str(self.settings)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert soon(lambda: _listens(self.port), 10)

    def stop(self) -> None:
        """Stop, keeping what is held."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def running_broker(tmp_path: Path) -> Iterator[Broker]:
    """The broker."""
    tmp_path.chmod(0o777)  # it gives up being root
    found = Broker(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def broker(running_broker: Broker) -> int:
    """Its port."""
    return running_broker.port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def gateway(room: CallRoom, port: int) -> Gateway:
    """A process's line to the broker."""
    return Gateway(f"mqtt://127.0.0.1:{port}", room.database, KEYRING, Dispatcher(room.database))


@pytest_asyncio.fixture
async def line(room: CallRoom, broker: int) -> AsyncIterator["Terminal"]:
    """A terminal at the broker, and the server's gateway at its other side."""
    serving = asyncio.create_task(gateway(room, broker).run())
    async with aiomqtt.Client("127.0.0.1", broker) as client:
        terminal = Terminal(room, client)
        await client.subscribe("linli/terminals/+/answer", qos=1)
        yield terminal
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


class Terminal:
    """The first home's terminal, speaking MQTT."""

    def __init__(self, room: CallRoom, client: aiomqtt.Client) -> None:
        """`client` hears the answers."""
        self.room, self.client = room, client
        self.serial = room.terminals[0].serial

    def signed(self, *parts: str, key: int = 0) -> str:
        """The signature over serial, what is said, and no time."""
        return terminal_keys.signature(self.room.keys[key], self.serial, *parts, "")

    async def say(self, what: str, **message: Any) -> None:
        """Send, until the broker has it."""
        await self.client.publish(f"linli/terminals/{self.serial}/{what}", json.dumps(message), qos=1)

    async def press(self, reference: str, key: int = 0) -> None:
        """Press for help."""
        await self.say("press", reference=reference, button="HELP", signature=self.signed(reference, "HELP", key=key))

    async def answer(self) -> dict[str, Any]:
        """What the server answers next."""
        message = await asyncio.wait_for(anext(aiter(self.client.messages)), 20)
        found: dict[str, Any] = json.loads(bytes(message.payload))  # type: ignore[arg-type]
        return found

    async def wait_for_the_server(self) -> None:
        """Until the gateway has subscribed: the broker keeps nothing for whom it does not know yet."""
        for _ in range(100):
            await self.say("heartbeat", signature=self.signed("heartbeat", ""))
            try:
                await asyncio.wait_for(anext(aiter(self.client.messages)), 0.5)
                return
            except TimeoutError:
                continue
        raise AssertionError("no gateway")


async def test_a_press_is_answered_once_it_is_committed(line: Terminal) -> None:
    await line.wait_for_the_server()
    await line.press("one")
    answer = await line.answer()
    while "call" not in answer:  # an answer to an earlier sign of life
        answer = await line.answer()
    assert (answer["reference"], answer["repeated"], answer["pressCount"]) == ("one", False, 1)
    assert (await line.room.call((await _calls(line.room))[0].id)).terminal_serial == line.serial
    await line.press("one")
    again = await line.answer()
    assert (again["call"], again["repeated"], again["pressCount"]) == (answer["call"], True, 1)
    assert (await line.room.count(Call), await line.room.count(Press)) == (1, 1)


async def test_what_is_not_authentic_or_not_readable_is_refused_by_name(line: Terminal) -> None:
    await line.wait_for_the_server()
    await line.press("one", key=1)
    await line.say("press", reference="two", button="LOUD", signature="")
    await line.client.publish(f"linli/terminals/{line.serial}/press", b"{", qos=1)
    found = []
    while len(found) < 3:
        answer = await line.answer()
        if "code" in answer:
            found.append((answer["reference"], answer["code"]))
    assert sorted(found, key=str) == [
        ("one", "PRESS_NOT_AUTHENTIC"),
        ("two", "MESSAGE_UNREADABLE"),
        (None, "MESSAGE_UNREADABLE"),
    ]
    assert await line.room.count(Call) == 0


async def test_the_broker_keeps_presses_while_no_server_listens(room: CallRoom, broker: int) -> None:
    """The gateway dies; what is pressed meanwhile is a call when the next one has taken over."""
    async with aiomqtt.Client("127.0.0.1", broker) as client:
        terminal = Terminal(room, client)
        await client.subscribe("linli/terminals/+/answer", qos=1)
        first = asyncio.create_task(gateway(room, broker).run())
        await terminal.wait_for_the_server()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        for number in range(5):
            await terminal.press(f"while away {number}")
        second = asyncio.create_task(gateway(room, broker).run())
        answered = set()
        while len(answered) < 5:
            answer = await terminal.answer()
            if "call" in answer:
                answered.add(answer["reference"])
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
    assert (await room.count(Call), await room.count(Press)) == (1, 5)


async def test_one_of_several_servers_holds_the_line(room: CallRoom, broker: int) -> None:
    """Two gateways, one press, one answer."""
    async with aiomqtt.Client("127.0.0.1", broker) as client:
        terminal = Terminal(room, client)
        await client.subscribe("linli/terminals/+/answer", qos=1)
        serving = [asyncio.create_task(gateway(room, broker).run()) for _ in range(2)]
        await terminal.wait_for_the_server()
        await terminal.press("one")
        answers = []
        try:
            while True:
                answers.append(await asyncio.wait_for(terminal.answer(), 3))
        except TimeoutError:
            pass
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
    assert len([answer for answer in answers if answer.get("reference") == "one"]) == 1


async def test_the_line_comes_back_with_the_broker(room: CallRoom, running_broker: Broker) -> None:
    """The broker restarts: the gateway is there again by itself."""
    serving = asyncio.create_task(gateway(room, running_broker.port).run())
    for _ in range(2):
        async with aiomqtt.Client("127.0.0.1", running_broker.port) as client:
            terminal = Terminal(room, client)
            await client.subscribe("linli/terminals/+/answer", qos=1)
            await terminal.wait_for_the_server()
        running_broker.stop()
        running_broker.start()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_the_line_is_let_go_while_the_broker_goes(room: CallRoom, running_broker: Broker) -> None:
    """A server ends in the moment in which its broker does, with a press in its hands."""
    held, server = asyncio.Event(), gateway(room, running_broker.port)

    async def hold(*_: object) -> dict[str, Any]:
        held.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.5)
        return {}

    server._answers["press"] = hold
    serving = asyncio.create_task(server.run())
    async with aiomqtt.Client("127.0.0.1", running_broker.port) as client:
        terminal = Terminal(room, client)
        await client.subscribe("linli/terminals/+/answer", qos=1)
        await terminal.wait_for_the_server()
        await terminal.press("one")
        await asyncio.wait_for(held.wait(), 20)
    running_broker.stop()
    await asyncio.sleep(0.2)
    serving.cancel()
    _, waiting = await asyncio.wait({serving}, timeout=10)
    serving.cancel()
    running_broker.start()
    assert not waiting


async def _calls(room: CallRoom) -> list[Call]:
    async with room.database.read() as session:
        return list(await session.scalars(sa.select(Call)))
