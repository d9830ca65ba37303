"""Presses and signs of life over plain HTTP, for gateways that speak no GraphQL; proved by the terminal's own key.

POST /terminals/press      {"serial", "reference", "button", "pressedAt"?, "signature"}
POST /terminals/heartbeat  {"serial", "batteryPercent"?, "mains"?, "at"?, "signature"}

A gateway with a token of its own sends `Authorization: Bearer ...` instead of a signature.
"""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import answers, errors
from schema.context import Api
from services import intake, terminal_messages, terminals
from services.terminal_keys import Proof

MOST_BYTES = 4096


def routes(api: Api) -> list[Route]:
    """The two addresses."""
    found = Presses(api)
    return [
        Route("/terminals/press", answers.answering(found.press), methods=["POST"]),
        Route("/terminals/heartbeat", answers.answering(found.heartbeat), methods=["POST"]),
    ]


class Presses:
    """Answers terminals once what they said is committed."""

    def __init__(self, api: Api) -> None:
        """One for a server."""
        self._api = api

    async def press(self, request: Request) -> Response:
        """A press: 200 with its call, which is committed by then; the same reference again gives the same answer."""
        message = terminal_messages.read(await _body(request))
        order = terminal_messages.press_of(message)
        proof = await self._proof(request, message)
        pressed = await self._api.press_batches.press(order, proof)
        intake.begin(pressed, self._api.dispatcher)
        return _told(terminal_messages.answer_to_press(pressed))

    async def heartbeat(self, request: Request) -> Response:
        """A sign of life."""
        message = terminal_messages.read(await _body(request))
        beat = terminal_messages.beat_of(message)
        proof = await self._proof(request, message)
        power = (beat.battery_percent, beat.mains)
        async with self._api.platform("intake").write() as session:
            terminal = await terminals.heartbeat(
                session, beat.serial, proof, self._api.keyring, *power, self._api.rules
            )
        return _told(terminal_messages.answer_to_beat(terminal))

    async def _proof(self, request: Request, message: dict[str, object]) -> Proof:
        token = request.headers.get("authorization")
        return await self._api.actors.by_token(token) if token else terminal_messages.signed_by(message)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise errors.BodyTooLarge(most=MOST_BYTES)
    return bytes(body)


def _told(body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), headers={"Cache-Control": "no-store"}, media_type=answers.JSON)
