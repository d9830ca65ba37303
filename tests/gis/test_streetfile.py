"""Street files read: OpenStreetMap and line layers, what is kept, what is dropped and why, and files that are bad."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyogrio
import pytest
import shapely

from gis.access_tags import StreetFlag
from gis.errors import GisError
from gis.streetfile import read_streets
from tests.drawing import Town, town
from tests.gis.extracts import streets_of

CENTIMETRE = 0.012  # OSM keeps 7 decimals of a degree


def _plan() -> Town:
    return town("""
        A---B---C
            |
            D
    """)


@pytest.mark.parametrize("ending", ["osm.pbf", "osm", "osm.bz2"])
def test_openstreetmap_files(tmp_path: Path, ending: str) -> None:
    streets = read_streets(_plan().save(tmp_path / f"town.{ending}"))
    assert sorted(zip(streets.from_node.tolist(), streets.to_node.tolist(), strict=True)) == [(1, 2), (2, 3), (2, 4)]
    assert streets.meters == pytest.approx([100, 100, 100], abs=2 * CENTIMETRE)
    assert streets.class_names == ("residential",)


def test_a_way_is_split_where_another_meets_it_and_at_gates(tmp_path: Path) -> None:
    # One way A-B-C-D-E. F-C meets it at C; B is a gate. D is only a bend: A-B, B-C, C-D-E, and F-C.
    plan = town("A---B---C---D---E").place("F", 200, 100).gate("B")
    plan.ways[:] = []
    plan.street("A B C D E", name="长安街", name__en="Chang'an", maxspeed="40", layer="1", bridge="yes").street("F C")
    streets = read_streets(plan.save(tmp_path / "town.osm.pbf"))
    assert streets.way.tolist() == [1, 1, 1, 2]
    assert streets.meters == pytest.approx([100, 100, 200, 100], abs=3 * CENTIMETRE)
    assert np.diff(streets.lines.first).tolist() == [2, 2, 3, 2]
    assert (streets.names[streets.name[0]], streets.name[3]) == (("长安街", "Chang'an"), -1)
    assert (streets.maximum_speed[0], streets.layer[0]) == (40, 1)
    assert streets.having(StreetFlag.BRIDGE).tolist() == [True, True, True, False]
    assert (streets.gates.node.tolist(), streets.gates.kind) == ([2], ("gate",))


def test_a_way_that_meets_itself_is_split_there(tmp_path: Path) -> None:
    # A figure six: A-B, then the loop B-C-D-B.
    plan = town("A---B---C").place("D", 150, 100)
    plan.ways[:] = []
    streets = read_streets(plan.street("A B C D B").save(tmp_path / "town.osm.pbf"))
    assert list(zip(streets.from_node.tolist(), streets.to_node.tolist(), strict=True)) == [(1, 2), (2, 2)]


def test_what_is_dropped_is_counted_with_the_reason(tmp_path: Path) -> None:
    plan = _plan().street("A D", route="ferry").street("A D", highway="construction").street("C D", access="no")
    plan.place("X", 500, 500).gate("X").wall((0, 50), (50, 50))
    report = read_streets(plan.save(tmp_path / "town.osm.pbf")).report
    assert report.kept == {"street ways": 3, "walls and fences": 1, "street edges": 3, "gates on streets": 0}
    assert report.dropped == {
        "barrier points that stand on no street": 1,
        "ferry lines (no street)": 1,
        "ways closed to everybody": 1,
        "ways that are no street (planned, torn down)": 1,
    }
    assert "         1 dropped: ferry lines (no street)" in report.lines()


def test_an_extract_that_cuts_a_way(tmp_path: Path) -> None:
    # The way goes 1-2-9-3-4 and node 9 is not in the file: two pieces remain.
    path = tmp_path / "cut.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2, 3, 4):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(116 + number / 1000, 40)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 9, 3, 4], tags={"highway": "residential"}))
    streets = read_streets(path)
    assert list(zip(streets.from_node.tolist(), streets.to_node.tolist(), strict=True)) == [(1, 2), (3, 4)]
    assert streets.report.dropped == {"nodes that are missing from the file": 1}


def test_map_features_and_walls(tmp_path: Path) -> None:
    plan = _plan().place("E", 200, 50).place("F", 300, 50).place("G", 300, 150)
    for tags in (
        {"building": "apartments", "building:levels": "6", "name": "3号楼"},
        {"natural": "water"},
        {"leisure": "park"},
        {"barrier": "fence"},
        {"landuse": "industrial"},
    ):
        plan.ways.append((["E", "F", "G", "E"], tags))
    plan.ways.append((["E", "F"], {"waterway": "river", "name": "清河"}))
    plan.ways.append((["E", "G"], {"railway": "rail"}))
    streets = read_streets(plan.save(tmp_path / "town.osm.pbf"))
    features = streets.features
    assert sorted(features.kind) == ["building", "green", "railway", "river", "water"]
    building = features.kind.index("building")
    assert (features.name[building], features.levels[building]) == ("3号楼", 6)
    # Half of 100 m by 100 m, at 40 degrees north: degrees squared times metres a degree both ways.
    assert features.geometry[building].area * 111_035 * 85_394 == pytest.approx(5_000, rel=1e-3)
    assert (streets.walls.kind, np.diff(streets.walls.lines.first).tolist()) == (("fence",), [4])


def _write(path: Path, lines: list[Any], crs: str | None, **columns: list[str]) -> Path:
    fields = {name: np.array(values, object) for name, values in columns.items()}
    wkb = shapely.to_wkb(np.array(lines, object))
    pyogrio.raw.write(
        path, wkb, list(fields.values()), list(fields), geometry_type="LineString", crs=crs, encoding="UTF-8"
    )
    return path


def _line(plan: Town, *points: tuple[float, float]) -> Any:
    return shapely.LineString(np.column_stack(plan.degrees(*points)))


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson"])
def test_a_line_layer_without_columns_is_all_walkable(tmp_path: Path, ending: str) -> None:
    plan = Town()
    lines = [_line(plan, (0, 0), (100, 0), (200, 0)), _line(plan, (100, 0), (100, 100))]
    streets = read_streets(_write(tmp_path / f"town.{ending}", lines, "EPSG:4326", 备注=["x", "y"]))
    assert streets.way.tolist() == [1, 1, 2]
    assert streets.meters == pytest.approx([100, 100, 100], abs=2 * CENTIMETRE)
    assert (streets.flags & 63).tolist() == [63, 63, 63]


def test_a_projected_layer(tmp_path: Path) -> None:
    # CGCS2000 / 3-degree Gauss-Kruger CM 117E: 100 m east are 100 m, for the scale on the meridian is 1.
    lines = [shapely.LineString([(500_000, 4_429_000), (500_100, 4_429_000)])]
    streets = read_streets(_write(tmp_path / "town.gpkg", lines, "EPSG:4548"))
    assert streets.meters == pytest.approx([100], abs=2 * CENTIMETRE)
    assert streets.lines.x[0] == pytest.approx(117, abs=1e-7)


def test_columns_are_used_where_present(tmp_path: Path) -> None:
    # Geofabrik's shapefile: oneway F is along the line; bridges T or F.
    plan = Town()
    lines = [_line(plan, (0, 0), (100, 0)), _line(plan, (100, 0), (200, 0)), _line(plan, (200, 0), (300, 0))]
    columns = {
        "fclass": ["primary", "motorway", "footway"],
        "name": ["中山路", None, ""],
        "oneway": ["F", "T", "B"],
        "maxspeed": ["60", "0", None],
        "bridge": ["T", "F", "F"],
    }
    streets = read_streets(_write(tmp_path / "town.gpkg", lines, "EPSG:4326", **columns))
    flag = StreetFlag
    on_foot = flag.FOOT_FORWARD | flag.FOOT_BACKWARD
    expected = [on_foot | flag.EBIKE_FORWARD | flag.CAR_FORWARD | flag.BRIDGE, flag.CAR_BACKWARD, on_foot]
    assert streets.flags.tolist() == [int(flags) for flags in expected]
    assert streets.names == (("中山路", None),)
    assert streets.maximum_speed[0] == 60
    assert np.isnan(streets.maximum_speed[1:]).all()


def test_a_bridge_through_a_vertex_of_the_road_below_is_no_junction(tmp_path: Path) -> None:
    # Both lines have a vertex at (100, 0). On one layer they meet; on two they do not, but their ends always would.
    plan = Town()
    lines = [_line(plan, (0, 0), (100, 0), (200, 0)), _line(plan, (100, -100), (100, 0), (100, 100))]
    level = read_streets(_write(tmp_path / "level.gpkg", lines, "EPSG:4326", layer=["0", "0"]))
    above = read_streets(_write(tmp_path / "above.gpkg", lines, "EPSG:4326", layer=["0", "1"]))
    assert (len(level), len(above)) == (4, 2)
    ramp = [*lines, _line(plan, (200, 0), (300, 0))]
    assert len(read_streets(_write(tmp_path / "ramp.gpkg", ramp, "EPSG:4326", layer=["0", "0", "1"]))) == 5


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("ending", ["gpkg", "shp"])
def test_an_unknown_projection_is_asked_for(tmp_path: Path, ending: str) -> None:
    path = _write(tmp_path / f"town.{ending}", [_line(Town(), (0, 0), (100, 0))], None)
    with pytest.raises(GisError, match="--crs") as refused:
        read_streets(path)
    assert refused.value.code == "PROJECTION_UNKNOWN"
    assert len(read_streets(path, crs="EPSG:4490")) == 1
    with pytest.raises(GisError, match="EPSG:999999"):
        read_streets(path, crs="EPSG:999999")


def _refusal(path: Path) -> str:
    with pytest.raises(GisError) as refused:
        read_streets(path)
    assert path.name.split("/")[-1] in str(refused.value)
    return refused.value.code


def test_bad_files(tmp_path: Path) -> None:
    good = _plan().save(tmp_path / "town.osm.pbf").read_bytes()
    with zipfile.ZipFile(tmp_path / "zipped.osm.pbf", "w") as archive:
        archive.writestr("town.osm", "<osm/>")
    for name, content in {
        "empty.osm.pbf": b"",
        "xml.osm.pbf": b'<?xml version="1.0"?><osm version="0.6"></osm>',
        "cut.osm.pbf": good[: len(good) // 2],
        "text.osm": b"streets, streets, streets",
        "text.gpkg": b"streets, streets, streets",
        "text.shp": b"streets",
        "empty.geojson": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
    assert _refusal(tmp_path / "missing.osm.pbf") == "STREET_FILE_MISSING"
    assert _refusal(tmp_path / "empty.osm.pbf") == "STREET_FILE_EMPTY"
    assert _refusal(tmp_path / "empty.geojson") == "STREET_FILE_EMPTY"
    assert _refusal(tmp_path / "xml.osm.pbf") == "STREET_FILE_UNREADABLE"
    assert _refusal(tmp_path / "zipped.osm.pbf") == "STREET_FILE_UNREADABLE"
    assert _refusal(tmp_path / "cut.osm.pbf") == "STREET_FILE_TRUNCATED"
    for name in ("text.osm", "text.gpkg", "text.shp"):
        assert _refusal(tmp_path / name) == "STREET_FILE_UNREADABLE"


def test_files_without_streets(tmp_path: Path) -> None:
    only_water = Town().place("A", 0, 0).place("B", 9, 9)
    only_water.ways.append((["A", "B"], {"waterway": "river"}))
    assert _refusal(only_water.save(tmp_path / "water.osm.pbf")) == "STREET_FILE_EMPTY"
    points = shapely.to_wkb(np.array([shapely.Point(116, 40)], object))
    pyogrio.raw.write(tmp_path / "points.gpkg", points, [], [], geometry_type="Point", crs="EPSG:4326")
    assert _refusal(tmp_path / "points.gpkg") == "STREET_FILE_NOT_LINES"


def test_progress_counts_objects(tmp_path: Path) -> None:
    plan = Town()
    for number in range(101):
        plan.place(f"P{number}", number % 10 * 10.0, number // 10 * 10.0)
    plan.ways[:] = [([f"P{n % 101}", f"P{(n + 1) % 101}"], {"highway": "service"}) for n in range(20_000)]
    seen: list[int] = []
    read_streets(plan.save(tmp_path / "town.osm.pbf"), progress=seen.append)
    assert seen == [10_000, 20_000]


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "ways", "edges", "gates", "buildings", "walls"),
    [
        ("porto-metro", 50_407, 104_767, 579, 11, 0),
        ("monaco", 2_855, 5_318, 41, 23_327, 24),
        ("beijing-haidian-tsinghua", 683, 1_513, 75, 521, 10),
    ],
)
def test_real_extracts(name: str, ways: int, edges: int, gates: int, buildings: int, walls: int) -> None:
    streets = streets_of(name)
    assert len(np.unique(streets.way)) == ways
    assert len(streets) == edges
    assert len(streets.gates) == gates
    assert streets.features.kind.count("building") == buildings
    assert len(streets.walls) == walls
