"""How much one client may ask at once: each bound by its code, just kept and just broken."""

import pytest

from schema import build
from schema.cost import Cost
from schema.documents import _remembered, read
from schema.limits import Limits
from tests.schema.asking import Asking, asking
from tests.schema.town import Town


def nested(depth: int) -> str:
    """A query of so many nested fields: area, parents, and a leaf."""
    return '{ area(id: "x") { ' + "parent { " * (depth - 2) + "id" + " }" * (depth - 2) + " } }"


async def test_depth(ask: Asking) -> None:
    """14 fields deep is taken (and not found), 15 is not."""
    assert await ask.code(nested(14)) == "NOT_FOUND"
    error = await ask.refused(nested(15))
    assert error["extensions"] == {"code": "DOCUMENT_TOO_DEEP", "depth": 15, "most": 14}


async def test_depth_counts_through_fragments(ask: Asking) -> None:
    """Seven fragments, each two deeper: 1 + 7 * 2 + 1 = 16."""
    fragments = "".join(f"fragment F{n} on Area {{ parent {{ parent {{ ...F{n + 1} }} }} }} " for n in range(7))
    query = '{ area(id: "x") { ...F0 } } ' + fragments + "fragment F7 on Area { id }"
    assert (await ask.refused(query))["extensions"] == {"code": "DOCUMENT_TOO_DEEP", "depth": 16, "most": 14}


async def test_a_document_that_overruns_the_parser(ask: Asking) -> None:
    """A thousand levels do not end in a recursion error."""
    assert await ask.code("{ a " * 1000 + "}" * 1000) == "DOCUMENT_TOO_DEEP"


async def test_tokens(ask: Asking) -> None:
    """Five thousand repeated fields are not even parsed."""
    assert await ask.code("{ viewer { " + "name " * 5000 + "} }") == "DOCUMENT_TOO_LONG"


async def test_aliases_also_through_fragments(ask: Asking) -> None:
    """40 aliases are answered, 41 not; a fragment of 21 spread twice is 42."""
    many = " ".join(f"v{n}: viewer {{ name }}" for n in range(40))
    assert len(await ask(f"{{ {many} }}")) == 40
    assert await ask.code(f"{{ {many} v40: viewer {{ name }} }}") == "TOO_MANY_ALIASES"
    twenty = " ".join(f"n{n}: name" for n in range(21))
    query = f"query {{ viewer {{ ...N ... {{ ...N }} }} }} fragment N on Viewer {{ {twenty} }}"
    assert (await ask.refused(query))["extensions"] == {"code": "TOO_MANY_ALIASES", "count": 42, "most": 40}


async def test_directives(ask: Asking) -> None:
    """41 directives are refused before anything is made of them."""
    assert await ask.code("{ viewer { name " + "@include(if: true) " * 41 + "} }") == "TOO_MANY_DIRECTIVES"


async def test_fragments_that_double_are_measured_in_time(ask: Asking) -> None:
    """Forty fragments, each spread twice in the one before, would be 2^40 fields: measured once each."""
    doubling = "".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }} " for n in range(40))
    query = "{ viewer { ...F0 } } " + doubling + "fragment F40 on Viewer { name everywhere roles }"
    error = await ask.refused(query)
    assert error["extensions"]["code"] == "TOO_COSTLY"
    assert error["extensions"]["cost"] == 1 + 3 * 2**40


async def test_fragments_in_a_circle_are_refused(ask: Asking) -> None:
    """Two fragments that hold each other."""
    query = "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }"
    assert await ask.code(query) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        # viewer 1 + name 1
        ("{ viewer { name } }", {}, 2),
        # grids 1 + totalCount 1
        ("{ grids(first: 200) { totalCount } }", {}, 2),
        # grids 1 + edges 1 + 20 * (node 1 + code 1)
        ("query ($n: Int = 20) { grids(first: $n) { edges { node { code } } } }", {}, 42),
        # the same with n = 7: 2 + 7 * 2
        ("query ($n: Int = 20) { grids(first: $n) { edges { node { code } } } }", {"n": 7}, 16),
        # by default 50: 2 + 50 * 2
        ("{ grids { edges { node { code } } } }", {}, 102),
        # 2 + 10 * (node 1 + workers 1 + 30 * (id 1 + areas 1 + 30 * 1)) = 2 + 10 * (2 + 30 * 32)
        ("{ grids(first: 10) { edges { node { workers { id areas { id } } } } } }", {}, 9622),
    ],
)
async def test_cost_is_what_the_answer_could_hold(
    ask: Asking, query: str, variables: dict[str, int], cost: int
) -> None:
    """Told with the answer, as worked out above each line."""
    body = (await ask.send(query, **variables)).json()
    assert body["extensions"] == {"cost": {"requested": cost, "most": 100_000}}


async def test_an_answer_that_could_be_too_large_is_refused(ask: Asking) -> None:
    """2 + 200 * (2 + 30 * 32) = 192,402 values: refused before a statement is sent."""
    query = "{ grids(first: 200) { edges { node { workers { id areas { id } } } } } }"
    async with ask.counting() as statements:
        assert (await ask.refused(query))["extensions"] == {"code": "TOO_COSTLY", "cost": 192_402, "most": 100_000}
    assert statements == []


async def test_page_sizes(ask: Asking) -> None:
    """1 to 200; the sentence says so."""
    for first in (0, -1, 201, 2_000_000):
        error = await ask.refused("query ($n: Int!) { grids(first: $n) { edges { node { code } } } }", n=first)
        assert error["extensions"] == {"code": "PAGE_OUT_OF_RANGE", "first": first, "most": 200}
        assert "1 to 200" in error["message"]


async def test_the_same_text_is_read_once(ask: Asking) -> None:
    """The second reading comes from memory, although another request asked."""
    query = "{ viewer { name everywhere } }"
    await ask(query)
    before = _remembered.cache_info()
    await ask(query)
    after = _remembered.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 0)


def test_introspection_of_a_developer_fits_the_limits() -> None:
    """The query that tools send is not refused for its depth, tokens or cost."""
    from graphql import get_introspection_query

    schema, limits = build()._schema, Limits()
    document = read(schema, get_introspection_query(), limits, developer=True)
    assert document.problems == ()
    assert Cost(schema, document.fragments, {}, limits).of(document.operation(None)) < limits.cost


async def test_limits_can_be_set(town: Town, town_url: str) -> None:
    """Another server, another bound."""
    async with asking(town_url, limits=Limits(cost=1)) as strict:
        assert await strict.as_(town.manager).code("{ viewer { name } }") == "TOO_COSTLY"
