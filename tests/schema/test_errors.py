"""Every error has a code; what nobody foresaw is one neutral message with an id that is in the log, without data."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from schema.limits import Limits
from tests.schema.asking import Asking, asking
from tests.schema.oddities import odd_schema
from tests.schema.town import Town


@pytest_asyncio.fixture(scope="module")
async def odd(town_url: str, town: Town) -> AsyncIterator[Asking]:
    """A client of a server that has the oddities; one request may take a second."""
    async with asking(town_url, odd_schema(), limits=Limits(seconds=1.0)) as found:
        yield found.as_(town.manager)


@pytest.mark.parametrize(
    ("field", "type_", "sqlstate"),
    [
        ("broken", "builtins.RuntimeError", None),
        ("brokenStatement", "sqlalchemy.exc.DataError", "22P02"),
        ("tooLarge", "graphql.error.graphql_error.GraphQLError", None),
    ],
)
async def test_the_unforeseen_is_masked_and_logged_under_its_id(
    odd: Asking, field: str, type_: str, sqlstate: str | None
) -> None:
    """The client learns an id; the log has it with type and place, and neither the message nor the document."""
    with capture_logs() as lines:
        error = await odd.refused(f"query Secret {{ {field} }} # Ping H0050")
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["message"].endswith(f"{error['extensions']['id']}.")
    (line,) = lines
    assert (line["error_id"], line["error_type"], line["sqlstate"]) == (error["extensions"]["id"], type_, sqlstate)
    assert line["field"] == field
    assert "Ping" not in str(line)
    assert "Ping" not in str(error)


async def test_a_refusal_is_its_class_and_its_docstring(odd: Asking) -> None:
    """Code, sentence with its values, details, place and path; and nothing in the log."""
    with capture_logs() as lines:
        error = await odd.refused("{ hot }")
    assert error == {
        "message": "It is 40 degrees. Wait until evening.",
        "locations": [{"line": 1, "column": 3}],
        "path": ["hot"],
        "extensions": {"code": "TOO_HOT", "degrees": 40},
    }
    assert lines == []


async def test_what_takes_too_long_is_stopped(odd: Asking) -> None:
    """After one second, by code."""
    error = await odd.refused("{ slow }")
    assert error["extensions"] == {"code": "TOOK_TOO_LONG", "seconds": 1.0}


async def test_a_mutation_that_fails_stores_nothing(odd: Asking) -> None:
    """It wrote before it failed; the addresses are as they were."""
    assert await odd.code("mutation { writeAndFail }") == "TOO_HOT"
    data = await odd('{ households(filter: { text: "nowhere" }) { totalCount } }')
    assert data == {"households": {"totalCount": 0}}


async def test_one_error_a_kind(odd: Asking) -> None:
    """Three unknown fields and two unknown arguments are two kinds."""
    response = await odd.send("{ one two three viewer(a: 1) { name } v: viewer(b: 2) { name } }")
    found: list[dict[str, Any]] = response.json()["errors"]
    assert [error["message"].split(" '")[0] for error in found] == ["Cannot query field", "Unknown argument"]


async def test_a_lost_database_is_said_so(town: Town, odd: Asking) -> None:
    """Nobody answers at that address: 503, by code, and not masked as a fault of ours."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    async with asking(nowhere) as lost:
        response = await lost.as_(town.manager).send("{ viewer { name } }")
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"] == {"code": "STORE_UNAVAILABLE"}
