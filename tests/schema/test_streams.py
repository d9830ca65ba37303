"""Subscriptions over graphql-transport-ws and over server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport
from structlog.testing import capture_logs

from schema import http
from schema.limits import Limits
from services.errors import NotSignedIn
from tests.schema.asking import Asking, asking
from tests.schema.oddities import odd_schema
from tests.schema.town import Town

PROTOCOL = "graphql-transport-ws"
COUNT = "subscription ($to: Int!) { counting(to: $to) }"


@pytest_asyncio.fixture(scope="module")
async def odd(town_url: str, town: Town) -> AsyncIterator[Asking]:
    """A client of a server that has something to follow, with small bounds on sockets."""
    limits = Limits(socket_init_seconds=0.3, socket_operations=3, socket_message_bytes=10_000)
    async with asking(town_url, odd_schema(), limits=limits, allowed_origins=("https://map.example",)) as found:
        yield found.as_(town.manager)


@asynccontextmanager
async def socket(odd: Asking, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator[AsyncWebSocketSession]:
    """A connection that has not sent anything yet."""
    async with (
        httpx.AsyncClient(transport=ASGIWebSocketTransport(odd.app)) as client,
        aconnect_ws("http://linli.test/graphql", client, subprotocols=[protocol], headers=headers) as found,
    ):
        yield found


@asynccontextmanager
async def signed_in(odd: Asking) -> AsyncIterator[AsyncWebSocketSession]:
    """A connection that has been acknowledged."""
    async with socket(odd) as found:
        await found.send_json({"type": "connection_init", "payload": {"authorization": odd.headers["Authorization"]}})
        assert await heard(found) == {"type": "connection_ack"}
        yield found


async def heard(found: AsyncWebSocketSession) -> Any:
    """The next message."""
    return json.loads(await asyncio.wait_for(found.receive_text(), 5))


async def closed(found: AsyncWebSocketSession) -> int:
    """The code by which the server ends the connection."""
    with pytest.raises(WebSocketDisconnect) as ended:
        await heard(found)
    return ended.value.code


async def subscribe(found: AsyncWebSocketSession, id_: str, query: str, **variables: Any) -> None:
    """Start an operation."""
    await found.send_json({"id": id_, "type": "subscribe", "payload": {"query": query, "variables": variables}})


async def test_a_subscription_tells_each_event_and_completes(odd: Asking) -> None:
    """Counting to two: two answers, then complete; the id is free again."""
    async with signed_in(odd) as found:
        for _ in range(2):
            await subscribe(found, "a", COUNT, to=2)
            for number in (1, 2):
                message = await heard(found)
                assert (message["id"], message["type"]) == ("a", "next")
                assert message["payload"]["data"] == {"counting": number}
            assert await heard(found) == {"id": "a", "type": "complete"}


async def test_queries_run_over_the_socket_too(odd: Asking) -> None:
    """With geometry passed through, and the error of a field beside its data."""
    async with signed_in(odd) as found:
        await subscribe(found, "q", '{ grids(first: 1) { edges { node { labelPoint } } } grid(id: "x") { id } }')
        payload = (await heard(found))["payload"]
        assert payload["data"]["grids"]["edges"][0]["node"]["labelPoint"]["type"] == "Point"
        assert payload["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "{ " + "a " * 2600 + "}"}, "DOCUMENT_TOO_LONG"),
        ({"query": 7}, "REQUEST_MALFORMED"),
        ({"query": COUNT, "variables": []}, "REQUEST_MALFORMED"),
        ({"query": COUNT, "variables": {"to": "x"}}, "BAD_USER_INPUT"),
        ({"query": "query A { viewer { name } } query B { viewer { name } }"}, "OPERATION_NAME_NEEDED"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_faulty_operation_ends_alone(odd: Asking, payload: dict[str, Any], code: str) -> None:
    """Its error comes under its id; the socket and what else runs on it stay."""
    async with signed_in(odd) as found:
        await subscribe(found, "other", "subscription { silence }")
        await found.send_json({"id": "faulty", "type": "subscribe", "payload": payload})
        message = await heard(found)
        assert (message["id"], message["type"]) == ("faulty", "error")
        assert [error["extensions"]["code"] for error in message["payload"]] == [code]
        await found.send_json({"type": "ping"})
        assert await heard(found) == {"type": "pong"}
        await subscribe(found, "faulty", COUNT, to=1)
        assert (await heard(found))["payload"]["data"] == {"counting": 1}


async def test_an_unforeseen_end_is_masked(odd: Asking) -> None:
    """Two events, then a neutral error with an id from the log."""
    with capture_logs() as lines:
        async with signed_in(odd) as found:
            await subscribe(found, "s", "subscription { stumbling }")
            assert [(await heard(found))["type"] for _ in range(2)] == ["next", "next"]
            message = await heard(found)
    assert message["type"] == "error"
    (error,) = message["payload"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "id": lines[0]["error_id"]}
    assert "Ping" not in str(error) + str(lines)


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "connection_init", "payload": {}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer x"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": 7}}], 4403),
        ([{"type": "connection_init", "payload": []}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": COUNT}}], 4401),
        ([[]], 4400),
        ([None], 4400),
        (["text"], 4400),
        ([{"type": 7}], 4400),
        ([{"type": "start"}], 4400),
        ([{"type": "ping", "payload": "x" * 10_000}], 1009),
    ],
)
async def test_what_breaks_the_protocol_ends_the_connection(odd: Asking, messages: list[Any], code: int) -> None:
    """By the protocol's codes, and without a line in the log."""
    with capture_logs() as lines:
        async with socket(odd) as found:
            for message in messages:
                await found.send_json(message)
            assert await closed(found) == code
    assert lines == []


async def test_what_breaks_the_protocol_later(odd: Asking) -> None:
    """A second init, an id in use, a subscribe without payload, bytes, no JSON."""
    async with signed_in(odd) as found:
        await found.send_json({"type": "connection_init"})
        assert await closed(found) == 4429
    async with signed_in(odd) as found:
        await subscribe(found, "a", "subscription { silence }")
        await subscribe(found, "a", "subscription { silence }")
        assert await closed(found) == 4409
    for message in ({"id": "a", "type": "subscribe"}, {"type": "subscribe", "payload": {"query": COUNT}}):
        async with signed_in(odd) as found:
            await found.send_json(message)
            assert await closed(found) == 4400
    async with signed_in(odd) as found:
        await found.send_bytes(b"{}")
        assert await closed(found) == 4400
    async with signed_in(odd) as found:
        await found.send_text("{")
        assert await closed(found) == 4400


async def test_silence_at_the_start_is_bounded(odd: Asking) -> None:
    """Without connection_init the connection ends after the time set, here 0.3 s."""
    async with socket(odd) as found:
        assert await closed(found) == 4408


async def test_the_old_protocol_is_not_spoken(odd: Asking) -> None:
    """graphql-ws, the legacy one, is turned away."""
    async with socket(odd, "graphql-ws") as found:
        assert await closed(found) == 4406


async def test_foreign_pages_may_not_connect(odd: Asking) -> None:
    """This site and the allowed origin may, another may not."""
    for origin in ("http://linli.test", "https://map.example"):
        async with socket(odd, origin=origin) as found:
            await found.send_json({"type": "ping"})
            assert await heard(found) == {"type": "pong"}
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"linli.test"), (b"origin", b"https://evil.example")]
    scope = {"type": "websocket", "path": "/graphql", "headers": headers, "subprotocols": [PROTOCOL]}
    await odd.app(scope, receive, send)
    # Closed before it was accepted, which a server turns into 403.
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


async def test_operations_on_one_socket_are_bounded(odd: Asking) -> None:
    """Three may run; the fourth is refused, and after one was stopped it runs."""
    async with signed_in(odd) as found:
        for id_ in "abc":
            await subscribe(found, id_, "subscription { silence }")
        await subscribe(found, "d", COUNT, to=1)
        assert (await heard(found))["payload"][0]["extensions"] == {"code": "SOCKET_BUSY", "most": 3}
        await found.send_json({"id": "b", "type": "complete"})
        await subscribe(found, "d", COUNT, to=1)
        assert (await heard(found))["payload"]["data"] == {"counting": 1}


async def test_an_open_socket_does_not_outlive_its_right(odd: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the token is over, the next operation ends the connection."""

    async def over(_: object) -> None:
        raise NotSignedIn

    async with signed_in(odd) as found:
        monkeypatch.setattr(odd.api.actors, "by_token", over)
        await subscribe(found, "a", COUNT, to=1)
        assert await closed(found) == 4403


async def events(odd: Asking, query: str, accept: str = "text/event-stream") -> httpx.Response:
    """The whole answer of an operation, a stream being accepted."""
    headers = {**odd.headers, "Accept": accept}
    return await odd.http.post("/graphql", json={"query": query}, headers=headers)


async def test_server_sent_events(odd: Asking) -> None:
    """One `next` an event, then `complete`."""
    response = await events(odd, "subscription { counting(to: 2) }")
    assert response.headers["content-type"].startswith("text/event-stream")
    first, second, last, rest = response.text.split("\n\n")
    for event, number in ((first, 1), (second, 2)):
        name, data = event.split("\n")
        assert (name, json.loads(data.removeprefix("data: "))["data"]) == ("event: next", {"counting": number})
    assert (last, rest) == ("event: complete\ndata:", "")


async def test_a_client_that_also_accepts_streams_gets_queries_as_json(odd: Asking) -> None:
    """urql lists both; only subscriptions are streamed."""
    accept = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream"
    response = await events(odd, "{ viewer { name } }", accept)
    assert response.json()["data"] == {"viewer": {"name": "Manager"}}
    response = await events(odd, "subscription { counting(to: 1) }", accept)
    assert response.text.startswith("event: next\n")


async def test_a_subscription_needs_a_stream(odd: Asking) -> None:
    """Accepting only JSON is refused by code."""
    response = await events(odd, "subscription { counting(to: 1) }", "application/json")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (406, "STREAM_NEEDED")


async def test_a_quiet_stream_is_kept_open(odd: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without an event a comment is sent."""
    monkeypatch.setattr(http, "HEARTBEAT_SECONDS", 0.05)

    async def quiet() -> AsyncIterator[Any]:
        await asyncio.sleep(0.12)
        return
        yield

    pieces = [piece async for piece in http._events(quiet(), asyncio.Event().wait)]  # type: ignore[arg-type]
    assert pieces == [b":\n\n", b":\n\n", b"event: complete\ndata:\n\n"]
