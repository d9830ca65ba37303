"""Clients that nobody here wrote: the graphql-http audits, graphql-ws, graphql-sse, urql, against a real server."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.schema.asking import Asking, asking
from tests.schema.oddities import odd_schema
from tests.schema.town import Town
from tests.serving import in_this_process

FOLDER = Path(__file__).parent.parent / "clients"

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not (FOLDER / "node_modules").exists(),
    reason="needs Node and `npm ci` in tests/clients",
)


@pytest_asyncio.fixture(scope="module")
async def told(town_url: str, town: Town) -> dict[str, Any]:
    """What the clients found."""
    async with (
        asking(town_url, odd_schema(), development=True) as odd,
        in_this_process(odd.app, ws="websockets-sansio") as address,
    ):
        return await _run(odd.as_(town.manager), f"{address}/graphql")


async def _run(odd: Asking, url: str) -> dict[str, Any]:
    token = odd.headers["Authorization"].removeprefix("Bearer ")
    process = await asyncio.create_subprocess_exec(
        "node", "run.mjs", url, token, cwd=FOLDER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, problems = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, problems.decode()
    found: dict[str, Any] = json.loads(out)
    return found


def test_graphql_over_http_audits(told: dict[str, Any]) -> None:
    """All 61, the recommended ones too (some ask for the schema, so the server is in development)."""
    assert not [line for line in told["audits"] if line != "ok"], told["audits"]
    assert len(told["audits"]) == 61


def test_graphql_ws(told: dict[str, Any]) -> None:
    """Events in order; a syntax error ends its operation alone; the same socket counts on."""
    counted = [{"counting": number} for number in (1, 2, 3)]
    assert [one["data"] for one in told["ws"]["counted"]] == counted
    assert [one["data"] for one in told["ws"]["asked"]] == [{"viewer": {"name": "Manager"}}]
    assert [error["extensions"]["code"] for error in told["ws"]["wrong"]] == ["GRAPHQL_PARSE_FAILED"]
    assert [one["data"] for one in told["ws"]["after"]] == counted


def test_graphql_sse(told: dict[str, Any]) -> None:
    """Events in order, then the end."""
    assert [one["data"]["counting"] for one in told["sse"]["counted"]] == [1, 2, 3]


def test_urql(told: dict[str, Any]) -> None:
    """It accepts streams with everything that it sends: its query is answered as JSON, its subscription streamed."""
    assert told["urql"] == {"asked": {"viewer": {"name": "Manager"}}, "error": None, "counted": [1, 2, 3]}
