"""The schema itself, walked: described, bounded, and printed as committed."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    is_list_type,
    is_non_null_type,
)

from schema import build
from schema.cost import at_most
from schema.print import main

SCHEMA = build()._schema
OWN = [kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")]
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}


def every_field() -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    """Every field of every object type: where a rule a field is checked."""
    for kind in OWN:
        if isinstance(kind, GraphQLObjectType):
            for name, told in kind.fields.items():
                yield kind, name, told


FIELDS = list(every_field())


def is_list(told: GraphQLField) -> bool:
    """Whether a field gives a list."""
    kind = told.type.of_type if is_non_null_type(told.type) else told.type
    return is_list_type(kind)


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.name)
def test_every_type_and_field_is_described(kind: GraphQLNamedType) -> None:
    """Types, fields and inputs carry a sentence."""
    assert kind.description
    if isinstance(kind, (GraphQLObjectType, GraphQLInputObjectType)):
        assert [name for name, told in kind.fields.items() if not told.description] == []


def test_every_list_is_bounded() -> None:
    """A list is the edges of a connection, has its own `first`, or states its bound; a mutation names its own rows."""
    unbounded = [
        f"{kind.name}.{name}"
        for kind, name, told in FIELDS
        if is_list(told)
        and not (kind.name.endswith("Connection") and name == "edges")
        and "first" not in told.args
        and at_most(told) is None
        and kind.name != "Mutation"
    ]
    assert unbounded == []


def test_connections_have_pages() -> None:
    """Whatever gives a connection takes `first` with a default, and `after`."""
    for kind, name, told in FIELDS:
        given = told.type.of_type if is_non_null_type(told.type) else told.type
        if getattr(given, "name", "").endswith("Connection"):
            assert 1 <= told.args["first"].default_value <= 200, f"{kind.name}.{name}"
            assert "after" in told.args


def test_own_scalars_say_where_they_are_specified() -> None:
    """GeoJSON by RFC 7946, moments and dates by their specifications."""
    own = {kind.name: kind.specified_by_url for kind in OWN if isinstance(kind, GraphQLScalarType)}
    assert {name for name, url in own.items() if not url} <= BUILT_IN
    assert own["GeoJSON"] == "https://datatracker.ietf.org/doc/html/rfc7946"


def test_enum_words_are_capitals() -> None:
    """As clients of every language expect them."""
    for kind in OWN:
        if isinstance(kind, GraphQLEnumType):
            assert all(name.isupper() for name in kind.values)


def test_root_fields_fail_alone() -> None:
    """Queries and mutations are nullable at the root: a refusal of one leaves the answers beside it.

    (`viewer` cannot be refused: who has no token gets no answer at all.)
    """
    roots = [SCHEMA.query_type, SCHEMA.mutation_type]
    fields = {name: told for root in roots if root for name, told in root.fields.items()}
    assert [name for name, told in fields.items() if is_non_null_type(told.type)] == ["viewer"]


def test_the_printed_schema_is_the_committed_one(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m schema.print --check` agrees."""
    assert main(["--check"]) == 0, capsys.readouterr().err
