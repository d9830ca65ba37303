"""GraphQL over HTTP: whatever is sent, a coded answer comes back, and only to those who sign in."""

import dataclasses
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from fixtures import makers
from fixtures.makers import authorization
from schema.http import cross_origin, routes
from schema.limits import Limits
from services.models import Role
from tests.schema.asking import Asking, asking
from tests.schema.town import Town

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
VIEWER = "{ viewer { name } }"


async def post(ask: Asking, content: bytes | str, accept: str = RESPONSE_JSON, **headers: str) -> httpx.Response:
    """A POST of raw bytes with a token."""
    sent = {"Content-Type": JSON, "Accept": accept, **ask.headers, **headers}
    return await ask.http.post("/graphql", content=content, headers=sent)


def codes(response: httpx.Response) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_without_a_token_nothing_is_answered(ask: Asking) -> None:
    """Missing, of another scheme, forged: 401 with the scheme wanted and a code; introspection too."""
    forged = authorization(ask.account, b"another secret of the same length") if ask.account else {}
    for headers in (
        {},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x.y.z"},
        forged,
    ):
        for query in (VIEWER, "{ __typename }", "{ __schema { types { name } } }"):
            response = await ask.http.post("/graphql", json={"query": query}, headers=headers)
            assert (response.status_code, codes(response)) == (401, ["NOT_SIGNED_IN"])
            assert response.headers["www-authenticate"] == "Bearer"


async def test_a_disabled_account_is_out_within_seconds(changing: tuple[Asking, Town]) -> None:
    """The right is remembered; once forgotten, the account is refused."""
    ask, town = changing
    await ask(VIEWER)
    async with ask.database.write({"everywhere": True}) as session:
        manager = await session.merge(town.manager)
        manager.disabled_at = manager.created_at
    ask.api.actors.forget()
    assert await ask.code(VIEWER) == "NOT_SIGNED_IN"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe{}",
        b"",
        b"null",
        b'"text"',
        b"[]",
        b'[{"query": "{ viewer { name } }"}]',
        b"{",
        b'{"query": null}',
        b'{"query": 7}',
        b'{"query": "{ viewer { name } }", "variables": []}',
        b'{"query": "{ viewer { name } }", "variables": "x"}',
        b'{"query": "{ viewer { name } }", "operationName": 7}',
        b'{"query": "{ viewer { name } }", "extensions": 7}',
        b"[" * 100_000,
        b'{"query": "{ viewer { name } }", "variables": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    ],
    ids=lambda body: repr(body[:40]),
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_malformed_request_is_told_so(ask: Asking, body: bytes, accept: str) -> None:
    """Never a 500, in either media type."""
    response = await post(ask, body, accept)
    assert (response.status_code, codes(response)) == (400, ["REQUEST_MALFORMED"])


async def test_a_large_body_is_not_read(ask: Asking) -> None:
    """One byte more than is taken: 413, whether the length is declared or not."""
    most = Limits().body_bytes
    response = await post(ask, b" " * (most + 1))
    assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])

    async def pieces() -> Any:
        for _ in range(most // 1000 + 1):
            yield b" " * 1000

    sent = {"Content-Type": JSON, **ask.headers}
    response = await ask.http.post("/graphql", content=pieces(), headers=sent)
    assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])


async def test_methods(ask: Asking) -> None:
    """GET for queries; a mutation by GET, or another method, is 405 and says what is allowed."""
    response = await ask.http.get("/graphql", params={"query": VIEWER}, headers=ask.headers)
    assert response.json() == {
        "data": {"viewer": {"name": "Manager"}},
        "extensions": {"cost": {"requested": 2, "most": 100_000}},
    }
    move = 'mutation { moveHousehold(id: "x", address: "y", point: { longitude: 1, latitude: 2 }) { id } }'
    response = await ask.http.get("/graphql", params={"query": move}, headers=ask.headers)
    assert (response.status_code, codes(response)) == (405, ["METHOD_NOT_ALLOWED"])
    assert response.headers["allow"] == "POST"
    for method in ("PUT", "DELETE", "PATCH"):
        response = await ask.http.request(method, "/graphql", headers=ask.headers)
        assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_media_types(ask: Asking) -> None:
    """Answered in what is accepted; 415 for a form, 406 when nothing fits."""
    for accept, expected in (
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON};q=0.9", RESPONSE_JSON),
        ("*/*", JSON),
        (f"{RESPONSE_JSON}, {JSON}, text/event-stream, multipart/mixed", RESPONSE_JSON),
        ("text/event-stream, */*;q=0.1", JSON),
    ):
        response = await post(ask, json.dumps({"query": VIEWER}), accept)
        assert response.status_code == 200
        assert response.headers["content-type"] == f"{expected}; charset=utf-8"
        assert response.headers["cache-control"] == "private, no-store"
    response = await post(ask, json.dumps({"query": VIEWER}), "text/html")
    assert (response.status_code, codes(response)) == (406, ["NOTHING_ACCEPTABLE"])
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=gbk", ""):
        response = await post(ask, json.dumps({"query": VIEWER}), **{"Content-Type": kind})
        assert (response.status_code, codes(response)) == (415, ["MEDIA_TYPE_UNKNOWN"])


async def test_status_follows_the_media_type(ask: Asking) -> None:
    """What was never run: 400 in the new media type, 200 in the old one."""
    for query, code in (
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("query A { viewer { name } } query B { viewer { name } }", "OPERATION_NAME_NEEDED"),
    ):
        for accept, status in ((RESPONSE_JSON, 400), (JSON, 200)):
            response = await post(ask, json.dumps({"query": query}), accept)
            assert (response.status_code, codes(response)) == (status, [code])
            assert "data" not in response.json()


async def test_one_of_several_operations(ask: Asking) -> None:
    """Run by name; an unknown name is refused."""
    query = "query A { viewer { name } } query B { viewer { roles } }"
    for name, expected in (("A", {"viewer": {"name": "Manager"}}), ("B", {"viewer": {"roles": ["MANAGER"]}})):
        response = await post(ask, json.dumps({"query": query, "operationName": name}))
        assert response.json()["data"] == expected
    response = await post(ask, json.dumps({"query": query, "operationName": "C"}))
    assert codes(response) == ["OPERATION_UNKNOWN"]


async def test_variables_are_told_by_code(ask: Asking) -> None:
    """Missing, of the wrong type, too large for an Int, a moment without offset, coordinates as text."""
    grids = "query ($first: Int!) { grids(first: $first) { totalCount } }"
    for first in (None, "x", 2**31, 1.5, {}):
        assert await ask.code(grids, first=first) == "BAD_USER_INPUT"
    assert await ask.code("{ grids(first: 99999999999) { totalCount } }") == "GRAPHQL_VALIDATION_FAILED"
    assert await ask.code("query ($first: Int) { grids(first: $first) { totalCount } }", first=None) == "BAD_USER_INPUT"
    merge = 'mutation ($line: GeoJSON!) { splitGrid(id: "x", line: $line, code: "1", name: "n") { id } }'
    assert await ask.code(merge, line="LINESTRING (0 0, 1 1)") == "BAD_USER_INPUT"
    assert await ask.code(merge, line={"type": "Point", "coordinates": [0, 0]}) == "SHAPE_MALFORMED"


async def test_introspection_and_graphiql_are_for_developers(ask: Asking, town: Town, town_url: str) -> None:
    """Closed in production but for an administrator; open in development, where a browser gets GraphiQL."""
    schema = "{ __schema { queryType { name } } }"
    assert await ask.code(schema) == "GRAPHQL_VALIDATION_FAILED"
    assert "Did you mean" not in (await ask.refused("{ viewr { name } }"))["message"]
    page = {"Accept": "text/html,application/xhtml+xml"}
    assert (await ask.http.get("/graphql", headers=page)).status_code == 401
    async with asking(town_url, development=True) as developing:
        open_ = developing.as_(town.manager)
        assert await open_(schema) == {"__schema": {"queryType": {"name": "Query"}}}
        assert "Did you mean" in (await open_.refused("{ viewr { name } }"))["message"]
        response = await open_.http.get("/graphql", headers=page)
        assert (response.status_code, "graphiql" in response.text.lower()) == (200, True)


async def test_an_administrator_may_introspect(changing: tuple[Asking, Town]) -> None:
    """The role ADMIN is a developer's."""
    ask, _ = changing
    async with ask.database.write({"everywhere": True}) as session:
        admin = await makers.make_account(session, Role.ADMIN)
    assert await ask.as_(admin)("{ __schema { queryType { name } } }") == {"__schema": {"queryType": {"name": "Query"}}}


async def test_only_pages_of_allowed_origins_may_ask(ask: Asking, town: Town) -> None:
    """A browser's question beforehand: granted to the allowed origin, without cookies; refused to another."""
    api = dataclasses.replace(ask.api, allowed_origins=("https://map.example",))
    app = Starlette(routes=routes(api), middleware=cross_origin(api))
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linli.test") as http:
        for origin, status in (("https://map.example", 200), ("https://evil.example", 400)):
            response = await http.options("/graphql", headers={"Origin": origin, **wanted})
            assert response.status_code == status
            assert "access-control-allow-credentials" not in response.headers
        response = await http.post("/graphql", json={"query": VIEWER}, headers={**ask.headers, "Origin": origin})
        assert "access-control-allow-origin" not in response.headers
    assert cross_origin(ask.api) == []
