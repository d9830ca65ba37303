"""Presses and signs of life by MQTT: `linli/terminals/{serial}/press` and `.../heartbeat`, QoS 1.

The broker is told "received" only when the press is committed, and keeps what was not (persistent session): a server
that dies in between loses nothing, the next one gets the message again, and the same reference is the same press. The
answer goes to `linli/terminals/{serial}/answer`. One process of all servers holds the line, by a lock in the database.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
import orjson
import paho.mqtt.client as paho
import psycopg
import sqlalchemy as sa
import structlog

from services import endings, intake, terminal_messages, terminals
from services.connections import own_line
from services.database import Database
from services.dispatcher import Dispatcher
from services.errors import Refusal
from services.ladder import RULES, CallRules
from services.sealing import Keyring

log = structlog.get_logger()

TOPICS = ("linli/terminals/+/press", "linli/terminals/+/heartbeat")
ANSWERS = "linli/terminals/{serial}/answer"
IDENTIFIER = "linli-gateway"
LEAD = 0x6C696E6C69
PLAIN_PORT, TLS_PORT = 1883, 8883
TRY_AGAIN_SECONDS = 1.0
MOST_BYTES = 4096

Answer = dict[str, Any]


class Gateway:
    """The line to the broker."""

    def __init__(
        self,
        url: str,
        database: Database,
        keyring: Keyring,
        dispatcher: Dispatcher,
        rules: CallRules = RULES,
    ) -> None:
        """`url` is `mqtt://` or, with TLS, `mqtts://`, with user and password if the broker wants them."""
        self._url, self._database, self._keyring = url, database, keyring
        self._dispatcher, self._rules = dispatcher, rules
        self._answers: dict[str, Callable[[str, Answer], Awaitable[Answer]]] = {
            "press": self._press,
            "heartbeat": self._heartbeat,
        }

    async def run(self) -> None:
        """Hold the line until cancelled, or wait until the process that has it lets go."""
        while True:
            try:
                async with self._lead() as leads:
                    if leads:
                        await self._listen()
            except* (aiomqtt.MqttError, psycopg.Error, OSError) as problems:
                log.warning("no line to the broker", error=type(problems.exceptions[0]).__name__)
            endings.raise_if_asked_to_end()
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    @asynccontextmanager
    async def _lead(self) -> AsyncIterator[bool]:
        """Whether this process is the one; the lock ends with the connection, however the process ends."""
        async with await own_line(self._database.engine.url) as connection:
            found = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (LEAD,))).fetchone()
            yield bool(found and found[0])

    async def _listen(self) -> None:
        async with _client(self._url) as client, asyncio.TaskGroup() as tasks:
            _paho(client).manual_ack_set(True)  # else "received" is said before the press is committed
            for topic in TOPICS:
                await client.subscribe(topic, qos=1)
            log.info("listening at the broker")
            async for message in client.messages:
                tasks.create_task(self._handle(client, message))

    async def _handle(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        """Answer one message, then let the broker forget it."""
        _, _, serial, what = str(message.topic).split("/")
        answer = await self._answered(what, serial, bytes(message.payload))
        with suppress(aiomqtt.MqttError):
            await client.publish(ANSWERS.format(serial=serial), orjson.dumps(answer), qos=1)
        _paho(client).ack(message.mid, message.qos)

    async def _answered(self, what: str, serial: str, payload: bytes) -> Answer:
        """The answer; while the store is away it is tried again, since the terminal counts on us."""
        while True:
            said: Answer = {}
            try:
                said = terminal_messages.read(payload[: MOST_BYTES + 1])
                return {"reference": said.get("reference"), **await self._answers[what](serial, said)}
            except Refusal as no:
                return {"reference": said.get("reference"), "code": no.code, "message": str(no)}
            except (sa.exc.OperationalError, sa.exc.InterfaceError, OSError) as problem:
                log.warning("store not reached, the press is tried again", error=type(problem).__name__)
                await asyncio.sleep(TRY_AGAIN_SECONDS)
            except Exception as problem:
                log.error("message failed", topic=what, exc_info=problem)
                return {"reference": said.get("reference"), "code": "INTERNAL_SERVER_ERROR"}

    async def _press(self, serial: str, said: Answer) -> Answer:
        order = terminal_messages.press_of(said, serial)
        proof = terminal_messages.signed_by(said)
        pressed = await terminals.press(self._database, order, proof, self._keyring, self._rules)
        intake.begin(pressed, self._dispatcher)
        return terminal_messages.answer_to_press(pressed)

    async def _heartbeat(self, serial: str, said: Answer) -> Answer:
        beat = terminal_messages.beat_of(said, serial)
        power, proof = (beat.battery_percent, beat.mains), terminal_messages.signed_by(said)
        async with self._database.write() as session:
            terminal = await terminals.heartbeat(session, serial, proof, self._keyring, *power, self._rules)
        return terminal_messages.answer_to_beat(terminal)


def _paho(client: aiomqtt.Client) -> paho.Client:
    """The paho client inside: its `manual_ack_set` and `ack` are public, and aiomqtt has no names for them.

    (https://github.com/empicano/aiomqtt/issues/345, open; this is the way that is told there. A release that renames
    it breaks this line, and the tests at once.)
    """
    return client._client


def _client(url: str) -> aiomqtt.Client:
    """A client whose session the broker keeps, under one name for all servers."""
    parts = urlsplit(url)
    safe = parts.scheme == "mqtts"
    return aiomqtt.Client(
        parts.hostname or "",
        parts.port or (TLS_PORT if safe else PLAIN_PORT),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        identifier=IDENTIFIER,
        clean_session=False,
        tls_context=ssl.create_default_context() if safe else None,
    )
