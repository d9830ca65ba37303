"""Every role at every place, field by field over the wire, against what the table of rights says."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLScalarType
from graphql import is_list_type as is_list
from graphql import is_non_null_type as is_required

from fixtures import makers
from schema import build, field_classes
from schema.errors import UNFORESEEN
from services.models import Role
from services.policy import FieldClass, Right, Thing, right
from tests import postgres
from tests.schema.siege import BORN, MARK, PLACES, Siege, besieged

HOME = """query ($id: ID!) { household(id: $id) { id address room location history { kind } careCategories { code }
  residents { sex name phone birthDate birthYear careRecords { category { code } } } } }"""
UUID = "01900000-0000-7000-8000-000000000000"


@pytest_asyncio.fixture(scope="module")
async def siege(databases: postgres.WorkerDatabases) -> AsyncIterator[Siege]:
    """One town for all these tests; nothing here may change it."""
    name = databases.make()
    async with besieged(databases.url(name)) as found:
        yield found
    databases.drop(name)


@pytest.mark.parametrize("role", Role)
async def test_fields_are_told_as_the_table_says(siege: Siege, role: Role) -> None:
    """Inside and outside: the value, what masking leaves of it, or nothing; and a home outside is not found."""
    for place, near in PLACES.items():
        client = siege.as_(role, place)

        def given(thing: Thing, field: FieldClass, near: Any = near) -> Right:
            return right([role], thing, near, field)

        if given(Thing.HOUSEHOLD, FieldClass.PUBLIC) < Right.MASK:
            assert await client.code(HOME, id=siege.home) == "NOT_FOUND", place
            continue
        home = (await client(HOME, id=siege.home))["household"]
        _check_home(home, given(Thing.HOUSEHOLD, FieldClass.PERSONAL))
        (person,) = home["residents"]
        _check_person(person, given(Thing.RESIDENT, FieldClass.PERSONAL))
        cares = given(Thing.CARE, FieldClass.SENSITIVE) is Right.ALLOW
        assert home["careCategories"] == ([{"code": "LIVES_ALONE"}] if cares else []), place
        assert person["careRecords"] == ([{"category": {"code": "LIVES_ALONE"}}] if cares else []), place


def _check_home(home: dict[str, Any], personal: Right) -> None:
    """Whole, or without door, history and true place."""
    true_place = [round(one, 7) for one in makers.degrees(50, 500)]
    if personal is Right.ALLOW:
        assert (home["address"], home["room"], home["history"]) == ("Willow Lane 50", "302", [{"kind": "CREATED"}])
        assert home["location"]["coordinates"] == pytest.approx(true_place, abs=2e-7)
        return
    assert personal is Right.MASK
    assert (home["address"], home["room"], home["history"]) == ("Willow Lane **", None, [])
    # At least 80 m away; a degree is never longer than 111.4 km.
    east, north = (one - two for one, two in zip(home["location"]["coordinates"], true_place, strict=True))
    assert (east * 111_400) ** 2 + (north * 111_400) ** 2 > 79**2


def _check_person(person: dict[str, Any], personal: Right) -> None:
    told = person["name"], person["phone"], person["birthDate"], person["birthYear"]
    if personal is Right.ALLOW:
        assert told == (MARK, "13800000050", BORN.isoformat(), 1950)
    else:
        assert personal is Right.MASK
        assert told == ("马**", "138****0050", None, 1950)


async def test_a_masked_place_is_the_same_at_each_reading(siege: Siege) -> None:
    """Two readings, two accounts: nothing is learnt by asking again."""
    places = []
    for place in ("grid", "community", "grid"):
        client = siege.as_(Role.AUDITOR, place)
        places.append((await client(HOME, id=siege.home))["household"]["location"]["coordinates"])
    assert places[0] == places[1] == places[2]


async def test_a_worker_s_phone_is_masked_for_who_does_not_send_help(siege: Siege) -> None:
    """The dispatcher of the community reads it, a planner and a dispatcher of another grid see its ends."""
    query = "query ($id: ID!) { worker(id: $id) { name phone } }"
    async with siege.ask.database.write() as session:
        worker = await makers.make_worker(session, siege.town.grids[0], phone="13900001111")
    told = {}
    for role, place in ((Role.DISPATCHER, "community"), (Role.PLANNER, "community"), (Role.DISPATCHER, "elsewhere")):
        told[role, place] = (await siege.as_(role, place)(query, id=str(worker.id)))["worker"]["phone"]
    assert list(told.values()) == ["13900001111", "139****1111", "139****1111"]


# -- what may be done ----------------------------------------------------------------------------------------------

SCHEMA = build()._schema
OWN = {"anybody", "oneself"}
NOBODY_S = {"AUDITOR": {"PLANNER"}, "VOLUNTEER": {"STAFF"}, "PLANNER": {"PLANNER"}}
"""Acts that are tried elsewhere: auditors look at audits, volunteers record visits."""


def acts() -> list[str]:
    """The mutations that are somebody's alone."""
    return sorted(name for name, who in field_classes.acts().items() if who not in OWN)


def _example(kind: Any) -> Any:
    """Some value of an input type, as a client might send it."""
    if is_required(kind):
        return _example(kind.of_type)
    if is_list(kind):
        return [_example(kind.of_type)]
    if isinstance(kind, GraphQLInputObjectType):
        return {name: _example(one.type) for name, one in kind.fields.items() if is_required(one.type)}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    assert isinstance(kind, GraphQLScalarType)
    return {"ID": UUID, "Int": 1, "Float": 1.0, "Boolean": True, "Date": "2026-05-20"}.get(kind.name) or {
        "DateTime": "2026-05-20T10:00:00+08:00",
        "GeoJSON": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        "JSON": {},
    }.get(kind.name, "word")


def _document(name: str) -> tuple[str, dict[str, Any]]:
    root = SCHEMA.type_map["Mutation"]
    assert isinstance(root, GraphQLObjectType)
    told = root.fields[name]
    needed = {one: given for one, given in told.args.items() if is_required(given.type)}
    names = ", ".join(f"${one}: {given.type}" for one, given in needed.items())
    passed = ", ".join(f"{one}: ${one}" for one in needed)
    kind = told.type
    while is_required(kind) or is_list(kind):
        kind = kind.of_type
    inner = " { __typename }" if isinstance(kind, GraphQLObjectType) else ""
    head, call = (f"({names})", f"({passed})") if needed else ("", "")
    return f"mutation {head} {{ {name}{call}{inner} }}", {one: _example(given.type) for one, given in needed.items()}


@pytest.mark.parametrize("name", acts())
async def test_who_has_no_such_act_changes_nothing(siege: Siege, name: str) -> None:
    """Planner, auditor and volunteer without a worker, everywhere: refused by name, never unforeseen, never done."""
    query, variables = _document(name)
    for role in (Role.PLANNER, Role.AUDITOR, Role.VOLUNTEER):
        if field_classes.acts()[name] in NOBODY_S.get(role, set()):
            continue
        body = (await siege.as_(role, "everywhere").send(query, **variables)).json()
        assert body.get("data") in (None, {name: None}), (role, body)
        assert body["errors"][0]["extensions"]["code"] != UNFORESEEN, (role, body)
