"""The latest coverage audits as layers of the map, on the drawn town (see `tests.schema.town`).

The clinic at x = 250 reaches the six homes of grid 001 and the one at 550 in ten minutes; beyond the river stand the
homes at 750 (grid 002) and 1250 (grid 003), which nobody reaches (see `tests.schema.test_coverage`).
"""

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from fixtures import makers
from schema.tiles import REMEMBERED
from services import coverage_layers
from services.coverage_results import HomeSeconds
from services.models import Account, Role
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.mapping import Mapping, mapping, path_of, tile_of
from tests.schema.test_coverage import AUDIT, at
from tests.schema.town import HOMES, Town

WHOLE = tile_of(1000, 500, 13)


@pytest_asyncio.fixture
async def audited(changing: tuple[Asking, Town]) -> AsyncIterator[tuple[Mapping, Asking, Town]]:
    """The map of a town whose community was audited for its clinic, signed in as its manager."""
    ask, town = changing
    await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC")
    async with mapping(ask.api, town.manager) as maps:
        yield maps, ask, town


async def account(ask: Asking, role: Role, *areas: object) -> Account:
    """Somebody who holds a role there."""
    async with ask.database.write({"everywhere": True}) as session:
        return await makers.make_account(session, role, *areas)  # type: ignore[arg-type]


def plain(value: object) -> object:
    """A field as it was sent: GDAL says NaN where a feature does not tell a number."""
    return None if value != value else value


async def test_from_afar_each_grid_has_its_share(audited: tuple[Mapping, Asking, Town]) -> None:
    """Grid 001: six of six. 002 and 003 have two people and one: withheld. 004 has no home, and no share."""
    maps, _, town = audited
    rows = {row["code"][-3:]: row for row in (await maps.tile("coverage", WHOLE))["coverage"]}
    told = ("households", "covered", "twice", "covered_share", "suppressed")
    assert {code: tuple(plain(row.get(name)) for name in told) for code, row in rows.items()} == {
        "001": (6, 6, 0, 1.0, 0),
        "002": (None, None, None, None, 1),
        "003": (None, None, None, None, 1),
        "004": (0, 0, 0, None, 0),
    }
    numbers = {grid.code[-3:]: (grid.feature_id, str(grid.id)) for grid in town.grids}
    assert {code: (row["mvt_id"], row["id"]) for code, row in rows.items()} == numbers
    assert {(row["minutes"], row["supply"]) for row in rows.values()} == {(10.0, "CLINIC")}


async def test_close_up_each_home_is_covered_or_not(audited: tuple[Mapping, Asking, Town]) -> None:
    """Home x is 10 + |x - 250| + 10 m away, at 1.3 m/s: 250 - 210 = 40, so 60 m, which are 46.2 s, told as 47."""
    maps, _, _ = audited
    found: dict[str, dict[str, object]] = {}
    for where in {tile_of(x, 500, 16) for places in HOMES.values() for x in places}:
        found |= {row["code"]: row for row in (await maps.tile("coverage", where)).get("coverage", ())}
    assert {code for code, row in found.items() if row["state"] == "NOT"} == {"H0750", "H1250"}
    assert {row["state"] for code, row in found.items() if code not in ("H0750", "H1250")} == {"ONCE"}
    assert len(found) == 9
    assert (found["H0210"]["seconds"], plain(found["H0750"].get("seconds"))) == (47, None)


async def test_a_what_if_is_shown_only_when_it_is_asked_for(audited: tuple[Mapping, Asking, Town]) -> None:
    """A second clinic at 250 reaches H0210, too; one at 750 fills the gap there; none at all reaches nobody.

    The layers tell of the audit before, of how things are; by its id each what-if is told, to whom audits are told.
    """
    maps, ask, town = audited
    near = tile_of(210, 500, 16)
    what_ifs = ({"add": [at(250)]}, "TWICE"), ({"add": [at(750)]}, "ONCE"), ({"remove": [str(town.clinic.id)]}, "NOT")
    for changed, state in what_ifs:
        audit = (await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC", **changed))["auditCoverage"]
        told = (f"?audit={audit['id']}", state, len(audit["gaps"]))
        for query, expected, gaps in ("", "ONCE", 2), told:
            rows = (await maps.tile("coverage", near, query))["coverage"]
            assert {row["state"] for row in rows if row["code"] == "H0210"} == {expected}
            assert len(await maps.items("gaps", query)) == gaps
    west = maps.as_(await account(ask, Role.DISPATCHER, town.grids[0]))
    for other, query in (west, f"?audit={audit['id']}"), (maps, f"?audit={town.community.id}"), (maps, "?audit=none"):
        answer = await other.get(path_of("coverage", near) + query)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("role", [Role.PLANNER, Role.AUDITOR])
async def test_who_may_not_find_a_home_sees_shares_close_up_too(
    audited: tuple[Mapping, Asking, Town], role: Role
) -> None:
    maps, ask, town = audited
    planner = maps.as_(await account(ask, role, town.community))
    rows = (await planner.tile("coverage", tile_of(250, 500, 16)))["coverage"]
    assert {row["code"] for row in rows} == {grid.code for grid in town.grids[:1]}
    items = await planner.items("coverage")
    assert [row["code"] for row in items] == [grid.code for grid in town.grids]
    assert all("state" not in row for row in items)


async def test_gaps_are_drawn_where_nobody_comes(audited: tuple[Mapping, Asking, Town]) -> None:
    """Two gaps of one home with one person each: no number is told; none comes within an hour."""
    maps, _, _ = audited
    rows = (await maps.tile("gaps", WHOLE))["gaps"]
    assert [(row.get("households"), row.get("nearest_seconds")) for row in rows] == [(None, None)] * 2
    items = await maps.items("gaps")
    assert sorted(row["id"].rpartition("/")[2] for row in items) == ["gap-1", "gap-2"]
    west, south = makers.degrees(700, 400)
    east, north = makers.degrees(800, 600)
    (first,) = await maps.items("gaps", f"?bbox={west},{south},{east},{north}")  # only the one around x = 750
    assert first["id"] in {row["id"] for row in items}


async def test_the_newest_audit_of_each_grid_counts(audited: tuple[Mapping, Asking, Town]) -> None:
    """A later audit of grid 002 alone tells of its gap; the gap of grid 003 is that of the community's audit."""
    maps, ask, town = audited
    await ask(AUDIT, areaId=str(town.grids[1].id), supply="CLINIC")
    audits = {row["code"][-3:]: row["audit"] for row in (await maps.tile("coverage", WHOLE))["coverage"]}
    assert audits["002"] != audits["001"] == audits["003"]
    assert sorted(row["audit"] for row in await maps.items("gaps")) == sorted([audits["002"], audits["003"]])


async def test_audits_of_areas_that_are_not_ones_own_are_not_shown(audited: tuple[Mapping, Asking, Town]) -> None:
    """A dispatcher of grid 001 sees no audit of the community, as the API tells none; of his grid he does."""
    maps, ask, town = audited
    west = maps.as_(await account(ask, Role.DISPATCHER, town.grids[0]))
    assert await west.tile("coverage,gaps", WHOLE) == {}
    await ask(AUDIT, areaId=str(town.grids[0].id), supply="CLINIC")
    assert [row["code"] for row in (await west.tile("coverage", WHOLE))["coverage"]] == [town.grids[0].code]
    for layer in ("coverage", "gaps"):
        answer = await maps.as_(town.grid_worker).get(path_of(layer, WHOLE))
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


async def test_a_new_audit_ends_kept_tiles(
    standing_clock: StandingClock, audited: tuple[Mapping, Asking, Town]
) -> None:
    maps, ask, town = audited
    standing_clock.forward(seconds=REMEMBERED.total_seconds())
    marks = {layer: (await maps.get(path_of(layer, WHOLE))).headers["etag"] for layer in ("coverage", "gaps", "grids")}
    for layer, mark in marks.items():
        assert (await maps.get(path_of(layer, WHOLE), If_None_Match=mark)).status_code == 304
    await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC")
    standing_clock.forward(seconds=REMEMBERED.total_seconds())
    again = {layer: await maps.get(path_of(layer, WHOLE), If_None_Match=mark) for layer, mark in marks.items()}
    assert {layer: answer.status_code for layer, answer in again.items()} == {
        "coverage": 200,
        "gaps": 200,
        "grids": 304,
    }


async def test_pages_of_homes_follow_one_another(audited: tuple[Mapping, Asking, Town]) -> None:
    """Nine homes by fours: the third page has the last one; a single one is found by its number."""
    maps, _, town = audited
    page = (await maps.get("/collections/coverage/items?limit=4")).json()
    sizes = [page["numberReturned"]]
    while path := next((one["href"] for one in page["links"] if one["rel"] == "next"), None):
        page = (await maps.get(path.removeprefix("http://linli.test"))).json()
        sizes.append(page["numberReturned"])
    assert sizes == [4, 4, 1]
    home = town.households[-1]
    found = (await maps.get(f"/collections/coverage/items/{home.feature_id}")).json()
    assert (found["properties"]["code"], found["properties"]["state"]) == ("H1250", "NOT")


async def test_the_descriptions_tell_of_both_forms(audited: tuple[Mapping, Asking, Town]) -> None:
    maps, _, _ = audited
    fields = (await maps.get("/tiles/coverage.json")).json()["vector_layers"][0]["fields"]
    assert (fields["state"], fields["covered_share"], fields["suppressed"]) == ("String", "Number", "Boolean")
    style = (await maps.get("/style.json")).json()
    drawn = {one["id"] for one in style["layers"] if one.get("source") in ("coverage", "gaps")}
    assert drawn == {"coverage", "coverage-homes", "gaps-found", "gaps-found-line"}


def test_a_home_that_the_audit_did_not_know_is_unknown() -> None:
    """Of homes 3 and 5: 3 is reached by two in 600 s, 5 by one in 601, which is too late; 4 and 9 are new."""
    audit = HomeSeconds(np.array([3, 5]), np.array([600, 601], np.int32), np.array([2, 1], np.uint8))
    assert list(coverage_layers.states(np.array([3, 4, 5, 9]), audit, 600.0)) == [
        ("TWICE", 600),
        ("UNKNOWN", None),
        ("NOT", 601),
        ("UNKNOWN", None),
    ]
