"""Tiles over HTTP: what they hold for whom, and how copies of them are kept."""

import gzip
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from fixtures import makers
from gis.tiles import tile_at
from schema.tiles import REMEMBERED
from services import clock, contents, layers, tiles
from services.contents import Content
from services.models import Position, Role, Street, Worker, WorkerStatus
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.mapping import Mapping, mapping, path_of, tile_of
from tests.schema.town import HOMES, Town

WHOLE = tile_of(1000, 500, 13)
"""A tile of about 4.4 km that holds the town of 2 km by 1 km (checked below)."""


@pytest_asyncio.fixture
async def maps(ask: Asking, town: Town) -> AsyncIterator[Mapping]:
    """The map of the town, signed in as its manager."""
    async with mapping(ask.api, town.manager) as found:
        yield found


async def test_grids_come_with_numbers_ids_and_labels(maps: Mapping, town: Town) -> None:
    """The tile holds the four grids of the town, each with its point for the name."""
    corners = [makers.degrees(x, y) for x in (0, 2000) for y in (0, 1000)]
    assert {tile_at(*corner, 13) for corner in corners} == {WHOLE}
    found = await maps.tile("grids", WHOLE)
    numbers = {str(grid.id): (grid.feature_id, grid.code, grid.name) for grid in town.grids}
    for name in ("grids", "grids-labels"):
        assert {row["id"]: (row["mvt_id"], row["code"], row["name"]) for row in found[name]} == numbers


async def test_several_layers_come_in_one_tile_by_one_statement(maps: Mapping, town: Town) -> None:
    """Three layers, two of them with names: five sheets, each encoded once in the one statement."""
    found = await maps.tile("communities,grids,service-points", WHOLE)
    assert set(found) == {"communities", "communities-labels", "grids", "grids-labels", "service-points"}
    drawn = tuple(layers.BY_ID[one] for one in ("communities", "grids", "service-points"))
    asked = str(tiles.statement(drawn, layers.view(await maps.api.actors.of(town.manager.id), 13)))
    assert asked.count("ST_AsMVT(") == 5


async def homes_in_tiles(maps: Mapping) -> set[str]:
    """The codes of the homes in the tiles of zoom 16 around all homes of the town."""
    found = set()
    for where in {tile_of(x, 500, 16) for places in HOMES.values() for x in places}:
        found |= {row["code"] for row in (await maps.tile("households", where)).get("households", ())}
    return found


async def test_homes_close_up_are_those_of_the_own_areas(maps: Mapping, town: Town) -> None:
    """The manager of the community finds all nine; the worker of grid 001 the six of that grid."""
    assert await homes_in_tiles(maps) == {home.code for home in town.households}
    assert await homes_in_tiles(maps.as_(town.grid_worker)) == {f"H{x:04}" for x in HOMES[0]}


async def test_planners_and_auditors_find_no_home_but_rounded_numbers(changing: tuple[Asking, Town]) -> None:
    """Also close up: cells of counted homes, without code or id, where few stand without number."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        counters = [await makers.make_account(session, role, town.community) for role in (Role.PLANNER, Role.AUDITOR)]
    for counter in counters:
        async with mapping(ask.api, counter) as maps:
            (cells,) = (await maps.tile("households", tile_of(250, 500, 16))).values()
            assert all(set(row) <= {"mvt_id", "homes", "suppressed"} for row in cells)
            # A cell is a tile's eighth, 68 m on the ground, and the homes stand 80 m apart: never five in one.
            assert cells
            assert all(row["suppressed"] for row in cells)
            assert [(row["homes"], row["suppressed"]) for row in await maps.items("households")] == [(None, True)] * 9


async def test_homes_from_afar_are_counted_in_cells(maps: Mapping) -> None:
    """At zoom 11 the nine homes stand in one or two cells of 2.2 km; seven and more are told, rounded to 10 or 5."""
    cells = (await maps.tile("households", tile_of(1000, 500, 11)))["households"]
    assert {"code", "id"}.isdisjoint(cells[0])
    assert [row["homes"] for row in cells] == [10]  # nine, rounded to fives


async def test_care_load_withholds_small_numbers(maps: Mapping, town: Town) -> None:
    """Six live alone in grid 001, two in grid 002, nobody in the other two. Two are too few; 8 - 6 would tell them."""
    load = {row["code"][-3:]: row for row in await maps.items("care")}
    assert {code: (row["people"], row["suppressed"]) for code, row in load.items()} == {
        "001": (None, True),
        "002": (None, True),
        "003": (0, False),
        "004": (0, False),
    }
    assert [bool(row["suppressed"]) for row in (await maps.tile("care", WHOLE))["care"]].count(True) == 2


async def test_terminals_stand_in_the_own_homes_only(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    where = tile_of(50, 500, 16)
    async with ask.database.write({"everywhere": True}) as session:
        elsewhere = await makers.make_account(session, Role.GRID_WORKER, town.grids[2])
    async with mapping(ask.api, town.manager) as maps:
        (row,) = (await maps.tile("terminals", where))["terminals"]
        assert (row["serial"], row["status"], row["id"]) == ("T-1", "NEVER_SEEN", str(town.terminal.id))
        assert await maps.as_(elsewhere).tile("terminals", where) == {}


async def test_workers_are_seen_on_duty_by_who_sends_help(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        for worker, status in zip(town.workers, ("AVAILABLE", "OFF_DUTY", "COMMITTED", "AVAILABLE"), strict=True):
            await session.execute(sa.update(Worker).where(Worker.id == worker.id).values(status=WorkerStatus[status]))
            session.add(
                Position(worker_id=worker.id, location=worker.post, fixed_at=clock.now(), received_at=clock.now())
            )
        west = await makers.make_account(session, Role.DISPATCHER, *town.grids[:2])
        planner = await makers.make_account(session, Role.PLANNER, town.community)
    async with mapping(ask.api, town.manager) as maps:
        rows = (await maps.tile("workers", WHOLE))["workers"]
        assert {row["id"]: row["status"] for row in rows} == {
            str(town.workers[0].id): "AVAILABLE",
            str(town.workers[2].id): "COMMITTED",
            str(town.workers[3].id): "AVAILABLE",
        }
        (row,) = (await maps.as_(west).tile("workers", WHOLE))["workers"]
        assert row["id"] == str(town.workers[0].id)  # the second serves there, too, but is off duty
        for other in (planner, town.grid_worker):
            assert (await maps.as_(other).get(path_of("workers", WHOLE))).status_code == 403


async def test_nobody_without_a_token_and_no_device_has_a_map(
    maps: Mapping, town: Town, changing: tuple[Asking, Town]
) -> None:
    answer = await maps.as_(None).get(path_of("streets", WHOLE))
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
    assert answer.headers["www-authenticate"] == "Bearer"
    ask, other = changing
    async with ask.database.write({"everywhere": True}) as session:
        device = await makers.make_account(session, Role.TERMINAL, other.grids[0], terminal_id=other.terminal.id)
    async with mapping(ask.api, device) as own:
        answer = await own.get(path_of("streets", WHOLE))
        assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/grids/3/8/0.mvt", 400, "TILE_OUTSIDE"),
        ("/tiles/grids/23/0/0.mvt", 400, "TILE_OUTSIDE"),
        ("/tiles/grids/3/-1/0.mvt", 400, "TILE_OUTSIDE"),
        ("/tiles/grids/99999999999/0/0.mvt", 400, "TILE_OUTSIDE"),
        ("/tiles/nothing/3/0/0.mvt", 404, "NOT_FOUND"),
        ("/tiles/grids,nothing/3/0/0.mvt", 404, "NOT_FOUND"),
        ("/tiles/nothing.json", 404, "NOT_FOUND"),
        (f"/tiles/{','.join(['grids'] * 21)}/3/0/0.mvt", 400, "LAYERS_TOO_MANY"),
    ],
)
async def test_what_is_not_there_is_refused_by_code(maps: Mapping, path: str, status: int, code: str) -> None:
    answer = await maps.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_empty_tile_has_no_content(maps: Mapping) -> None:
    answer = await maps.get("/tiles/grids/13/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_kept_tile_is_asked_about_not_sent_again(maps: Mapping) -> None:
    path = path_of("grids", WHOLE)
    first = await maps.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in first.headers["vary"]
    again = await maps.get(path, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    weak = await maps.get(path, If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert weak.status_code == 304
    assert (await maps.get(path, If_None_Match='"other"')).status_code == 200


async def test_a_change_of_content_ends_kept_tiles(
    standing_clock: StandingClock, changing: tuple[Asking, Town]
) -> None:
    """A second after the change at the latest; what is not of that content stays."""
    ask, town = changing
    async with mapping(ask.api, town.manager) as maps:
        grids, points = path_of("grids", WHOLE), path_of("service-points", WHOLE)
        marks = [(await maps.get(path)).headers["etag"] for path in (grids, points)]
        async with ask.database.write({"everywhere": True}) as session:
            await contents.changed(session, Content.AREAS)
        standing_clock.forward(seconds=REMEMBERED.total_seconds())
        assert (await maps.get(grids, If_None_Match=marks[0])).status_code == 200
        assert (await maps.get(points, If_None_Match=marks[1])).status_code == 304


async def test_a_copy_never_serves_another_person(maps: Mapping, town: Town) -> None:
    """The manager's mark of homes is nothing to the grid worker; grids are the same to both."""
    where = tile_of(50, 500, 16)
    for layer, status in (("households", 200), ("terminals", 304), ("grids", 304)):
        mark = (await maps.get(path_of(layer, where))).headers["etag"]
        other = await maps.as_(town.grid_worker).get(path_of(layer, where), If_None_Match=mark)
        assert other.status_code == status, layer  # both see the same terminal: its mark is the content's own


async def test_tiles_are_compressed_for_who_takes_it(maps: Mapping) -> None:
    path = path_of("grids", WHOLE)
    plain = await maps.get(path, Accept_Encoding="identity")
    assert "content-encoding" not in plain.headers
    async with maps.http.stream(
        "GET", path, headers={**makers.authorization(maps.account), "Accept-Encoding": "gzip"}
    ) as sent:  # type: ignore[arg-type]
        raw = b"".join([part async for part in sent.aiter_raw()])
    assert sent.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content


async def test_streets_are_drawn_by_class_and_zoom(changing: tuple[Asking, Town]) -> None:
    """At zoom 10 the main road only, at 12 the side street too, at 14 the footway."""
    ask, town = changing
    async with ask.database.write({"everywhere": True}) as session:
        for number, road_class in enumerate(("primary", "residential", "footway"), start=1001):
            session.add(_street(number, road_class))
    async with mapping(ask.api, town.manager) as maps:
        for zoom, classes in (
            (10, {"primary"}),
            (12, {"primary", "residential"}),
            (14, {"primary", "residential", "footway"}),
        ):
            rows = (await maps.tile("streets", tile_of(1000, 500, zoom)))["streets"]
            assert {row["road_class"] for row in rows if row["name"] == "柳巷"} == classes


def _street(number: int, road_class: str) -> Street:
    places = [makers.degrees(900, 0.7 * number), makers.degrees(1100, 0.7 * number)]
    line = "LINESTRING(" + ", ".join(f"{lon} {lat}" for lon, lat in places) + ")"
    numbers = {"source": number, "target": -number, "from_node": number, "to_node": -number, "way": number}
    told = {"road_class": road_class, "name": "柳巷", "flags": 63, "layer": 0}
    costs = {"cost": 1.0, "reverse_cost": 1.0, "length_meters": 200.0}
    return Street(id=number, **numbers, **told, **costs, geom=f"SRID=4326;{line}")


async def test_the_description_names_sheets_and_fields(maps: Mapping, town: Town) -> None:
    told = (await maps.get("/tiles/grids.json")).json()
    assert told["tilejson"] == "3.0.0"
    assert told["tiles"] == ["http://linli.test/tiles/grids/{z}/{x}/{y}.mvt"]
    assert (told["minzoom"], told["maxzoom"]) == (10, 16)
    assert [one["id"] for one in told["vector_layers"]] == ["grids", "grids-labels"]
    assert told["vector_layers"][0]["fields"] == {
        "id": "String",
        "name": "String",
        "name_en": "String",
        "code": "String",
    }
    west, south = makers.degrees(0, 0)
    assert told["bounds"][:2] == pytest.approx([west, south], abs=1e-5)
