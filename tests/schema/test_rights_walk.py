"""The schema walked: what has no policy fails here, whoever adds it."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from schema import build, field_classes
from services.policy import FieldClass, Relation, Right, Thing, right

SCHEMA = build()._schema
ROOTS = {"Query", "Mutation", "Subscription"}


def told() -> Iterator[tuple[str, str]]:
    """Every field of every type but the roots and what pages are made of."""
    for name, kind in SCHEMA.type_map.items():
        paging = name.endswith(("Connection", "Edge"))
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__") and name not in ROOTS and not paging:
            yield from ((name, field) for field in kind.fields)


def test_every_field_has_a_class_or_its_type_is_open() -> None:
    known, open_types = field_classes.classes(), field_classes.open_types()
    assert [
        f"{kind}.{field}" for kind, field in told() if f"{kind}.{field}" not in known and kind not in open_types
    ] == []


def test_nothing_is_classed_that_is_not_there() -> None:
    there = {f"{kind}.{field}" for kind, field in told()}
    assert set(field_classes.classes()) - there == set()
    assert field_classes.open_types() - {kind for kind, _ in told()} == set()
    assert {name.partition(".")[0] for name in field_classes.classes()} & field_classes.open_types() == set()


@pytest.mark.parametrize(
    ("root", "known"), [("Mutation", set(field_classes.acts())), ("Subscription", field_classes.followed())]
)
def test_every_act_and_stream_says_by_whom(root: str, known: set[str]) -> None:
    kind = SCHEMA.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    assert set(kind.fields) == known


def test_no_identity_number_comes_in_through_the_api() -> None:
    """The import alone takes them, and checks them (GB 11643); whoever adds another way in checks there, too."""
    named = [
        f"{name}.{field}"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLInputObjectType)
        for field in kind.fields
    ]
    named += [
        f"{name}.{field}({argument})"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType)
        for field, shape in kind.fields.items()
        for argument in shape.args
    ]
    assert len(named) > 100
    signing_in = "Mutation.tieIdentity("  # what a provider calls an account
    assert [one for one in named if "identity" in one.lower() and not one.startswith(signing_in)] == []


def test_a_line_of_the_table_is_there_for_every_class_that_is_used() -> None:
    """A field whose class nobody may read at all would be a mistake of the table."""
    from services.models import Role

    for name, (thing, what) in field_classes.classes().items():
        most = max(right([role], thing, where, what) for role in Role for where in Relation)
        assert most is Right.ALLOW, name
    assert {what for _, what in field_classes.classes().values()} == set(FieldClass) - {FieldClass.SEALED}
    assert {thing for thing, _ in field_classes.classes().values()} == set(Thing)
