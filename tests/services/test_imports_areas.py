"""Areas from a layer: tiers by code, grids that tile, versions, and the homes that follow a border."""

import csv
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from gis.coordinates import CoordinateSystem, geometry_from_wgs84
from services.imports import problems
from services.imports.crs import CrsUnknown
from services.imports.regridding import HomesWithoutGrid
from tests.services.county import AREAS, COMMUNITY, EAST, STREET, WEST, WHOLE, County, geojson, ring


def test_areas_with_their_parents_and_first_versions(county: County) -> None:
    """Five areas in one file, in any order; each has a version in force."""
    outcome = county.bring_areas(list(reversed(AREAS)))
    assert (outcome.counts.total, outcome.counts.added) == (5, 5)
    assert county.ask(
        "SELECT a.level, a.code, p.code, a.version, v.version, v.reason FROM areas a LEFT JOIN areas p"
        " ON p.id = a.parent_id JOIN area_versions v ON v.area_id = a.id AND v.valid_to IS NULL ORDER BY a.code"
    ) == [
        ("DISTRICT", "529901000000", None, 1, 1, "IMPORT"),
        ("STREET", STREET, "529901000000", 1, 1, "IMPORT"),
        ("COMMUNITY", COMMUNITY, STREET, 1, 1, "IMPORT"),
        ("GRID", WEST, COMMUNITY, 1, 1, "IMPORT"),
        ("GRID", EAST, COMMUNITY, 1, 1, "IMPORT"),
    ]


def test_the_same_areas_again_change_nothing(gridded: County) -> None:
    """No version, no event."""
    counts = gridded.bring_areas().counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 5)
    assert gridded.one("SELECT count(*) FROM area_versions") == 5


MOVED = [*AREAS[:3], (WEST, (106.00, 26.00, 106.015, 26.01)), (EAST, (106.015, 26.00, 106.02, 26.01))]


def test_a_moved_border_is_a_new_version_and_homes_follow(housed: County) -> None:
    """The border goes from 106.01 to 106.015: H2 at 106.012 is in the west grid now, H1 was all along."""
    counts = housed.bring_areas(MOVED).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 2, 3)
    versions = (
        "SELECT code, version, valid_to IS NULL FROM area_versions WHERE length(code) = 15 ORDER BY code, version"
    )
    assert housed.ask(versions) == [(WEST, 1, False), (WEST, 2, True), (EAST, 1, False), (EAST, 2, True)]
    homes = "SELECT h.code, a.code, h.version FROM households h JOIN areas a ON a.id = h.grid_id ORDER BY h.code"
    assert housed.ask(homes) == [("H1", WEST, 1), ("H2", WEST, 2)]
    events = (
        "SELECT e.before, e.after, v.code, v.version FROM household_events e JOIN area_versions v"
        " ON v.id = e.grid_version_id WHERE e.kind = 'REGRIDDED'"
    )
    assert housed.ask(events) == [({"grid": EAST}, {"grid": WEST}, WEST, 2)]


@pytest.mark.parametrize(
    ("west", "code", "sentence"),
    [
        ((106.00, 26.00, 106.011, 26.01), "GRIDS_OVERLAP", "001 and .*002 overlap by 1[0-9]{5}"),
        ((106.00, 26.00, 106.009, 26.01), "GRIDS_GAP", "belong to none, near 106.0095"),
        ((106.00, 25.99, 106.01, 26.01), "GRIDS_OUTSIDE", "reaches .* out of its parent near 106.005"),
    ],
)
def test_grids_must_tile_their_community(county: County, west: object, code: str, sentence: str) -> None:
    """The fault is told with its size and place, and kept as GeoJSON with the run; nothing is stored.

    0.001 degrees are 100.1 m in longitude at 26.005 N and 0.01 degrees 1108 m in latitude: about 110,900 m².
    """
    outcome = county.bring_areas([*AREAS[:3], (WEST, west), AREAS[4]])
    assert outcome.refused
    assert code in {problem.code for problem in outcome.problems}
    told = next(problem for problem in outcome.problems if problem.code == code)
    assert re.search(sentence, told.reason)
    assert told.area is not None
    assert told.area["type"] == "MultiPolygon"
    kept = county.one("SELECT problems FROM import_runs")
    assert next(problem for problem in kept if problem["code"] == code)["area"] == told.area
    assert county.one("SELECT count(*) FROM areas") == 0


def test_communities_may_leave_gaps_but_not_overlap(county: County) -> None:
    """A street with one of its communities is no fault; two that overlap are, and so is one outside."""
    half, other = (106.00, 26.00, 106.01, 26.01), (106.005, 26.00, 106.02, 26.01)
    assert not county.bring_areas([*AREAS[:2], (COMMUNITY, half)]).refused
    for shape, code in ((other, "AREAS_OVERLAP"), ((106.01, 26.00, 106.03, 26.01), "AREAS_OUTSIDE")):
        outcome = county.bring_areas([("529901001002", shape)])
        assert [problem.code for problem in outcome.problems] == [code]
    assert not county.bring_areas([("529901001002", (106.01, 26.00, 106.02, 26.01))]).refused


def test_half_a_metre_is_tolerated(county: County) -> None:
    """A gap of 0.000004 degrees, 0.4 m, passes; one of 0.7 m does not."""
    assert not county.bring_areas([*AREAS[:3], (WEST, (106.00, 26.00, 106.009996, 26.01)), AREAS[4]]).refused
    assert county.bring_areas([*AREAS[:3], (WEST, (106.00, 26.00, 106.009993, 26.01)), AREAS[4]]).refused


def test_a_polygon_that_crosses_itself_is_refused_with_the_place(county: County) -> None:
    """The bow tie crosses itself in the middle."""
    tie = [[106.00, 26.00], [106.01, 26.01], [106.01, 26.00], [106.00, 26.01], [106.00, 26.00]]
    outcome = county.bring_areas([*AREAS[:3], (WEST, tie), AREAS[4]])
    fault = next(problem for problem in outcome.problems if problem.row == 4)
    assert (fault.column, fault.code) == ("boundary", "SHAPE_CROSSES_ITSELF")
    assert "crosses itself at 106.0050000, 26.0050000" in fault.reason


def test_codes_must_have_a_parent_and_come_once(county: County) -> None:
    """An orphan, a code twice, a code of the wrong form: each by its feature."""
    outcome = county.bring_areas([AREAS[0], AREAS[0], (COMMUNITY, WHOLE), ("5299", WHOLE)])
    found = [(problem.row, problem.code) for problem in outcome.problems]
    assert found == [(2, "DUPLICATE_IN_FILE"), (3, "PARENT_MISSING"), (4, "AREA_CODE_FORM")]


def test_bad_communities_are_left_out_whole(county: County) -> None:
    """With skip_bad the district and street stay, the community with the overlap goes to the file beside."""
    outcome = county.bring_areas([*AREAS[:3], (WEST, (106.00, 26.00, 106.011, 26.01)), AREAS[4]], skip_bad=True)
    assert (outcome.counts.added, outcome.counts.bad) == (2, 3)
    assert outcome.bad_rows is not None
    with outcome.bad_rows.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == ["3", "4", "5"]


def test_a_home_may_not_lose_its_grid(housed: County) -> None:
    """A community that ends at 106.01 would leave H2, at 106.012, outside."""
    small = [
        *AREAS[:2],
        (COMMUNITY, (106.00, 26.00, 106.01, 26.01)),
        (WEST, (106.00, 26.00, 106.005, 26.01)),
        (EAST, (106.005, 26.00, 106.01, 26.01)),
    ]
    with pytest.raises(HomesWithoutGrid, match="H2") as refused:
        housed.bring_areas(small)
    assert refused.value.details["count"] == 1
    assert housed.one("SELECT state FROM import_runs ORDER BY id DESC LIMIT 1") == "REFUSED"


def layer(path: Path, crs: str | None, turn: object = None) -> Path:
    """The five areas as a GeoPackage in another system."""
    shapes = np.array([shapely.Polygon(ring(shape)) for _, shape in AREAS], dtype=object)
    if callable(turn):
        shapes = turn(shapes)
    names = np.array([f"Area {code}" for code, _ in AREAS], dtype=object)
    codes = np.array([code for code, _ in AREAS], dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a layer without a projection, which is what we want
        pyogrio.raw.write(
            path, shapely.to_wkb(shapes), [codes, names], ["编号", "名称"], geometry_type="Polygon", crs=crs
        )
    return path


def test_a_projected_layer_is_turned(county: County) -> None:
    """EPSG:4545, 3-degree zone at 108 E: back within a millimetre, so the same in degrees changes nothing."""
    turn = Transformer.from_crs("EPSG:4326", "EPSG:4545", always_xy=True).transform
    path = layer(
        county.folder / "areas.gpkg", "EPSG:4545", lambda shapes: shapely.transform(shapes, turn, interleaved=False)
    )
    assert county.bring("areas", path).counts.added == 5
    corner = county.one(
        "SELECT ST_AsText(ST_PointN(ST_Boundary(ST_Envelope(boundary)), 1)) FROM areas WHERE code = %s", WEST
    )
    lon, lat = (float(part) for part in corner[6:-1].split())
    assert (lon, lat) == pytest.approx((106.00, 26.00), abs=1e-8)


def test_a_layer_in_gcj02_is_turned_by_its_declared_system(county: County) -> None:
    """What --crs says comes before what the file says."""
    path = layer(
        county.folder / "areas.gpkg", "EPSG:4326", lambda shapes: geometry_from_wgs84(shapes, CoordinateSystem.GCJ02)
    )
    assert county.bring("areas", path, crs="GCJ02").counts.added == 5
    assert county.one("SELECT ST_XMin(boundary) FROM areas WHERE code = %s", WEST) == pytest.approx(106.00, abs=1e-9)


def test_an_unknown_projection(county: County) -> None:
    """A layer without one, and a --crs that PROJ does not know: both say what to write."""
    path = layer(county.folder / "areas.shp", None)
    with pytest.raises(problems.ProjectionUnknown, match="--crs EPSG:4545"):
        county.bring("areas", path)
    with pytest.raises(CrsUnknown, match="EPSG:999999 is no coordinate system"):
        county.bring("areas", path, crs="EPSG:999999")
    assert county.bring("areas", path, crs="WGS84").counts.added == 5


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_shapefile_without_a_word_on_its_encoding(county: County, encoding: str) -> None:
    """Chinese headings and names are read whichever it is."""
    shapes = np.array([shapely.Polygon(ring(WHOLE))], dtype=object)
    path = county.folder / "区县.shp"
    fields = [np.array([word], dtype=object) for word in ("529901000000", "云溪县")]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        fields,
        ["编号", "名称"],
        geometry_type="Polygon",
        crs="EPSG:4490",
        encoding=encoding,
    )
    path.with_suffix(".cpg").unlink()
    assert county.bring("areas", path).counts.added == 1
    assert county.one("SELECT name FROM areas") == "云溪县"


@pytest.mark.parametrize(
    ("name", "content", "refusal", "sentence"),
    [
        ("areas.gpkg", b"", problems.FileEmpty, "empty"),
        ("areas.gpkg", b"code,name\n", problems.FileBroken, "Use GeoPackage, Shapefile"),
        ("areas.geojson", b'{"type":"FeatureCollection","features":[]}', problems.FileEmpty, "is empty"),
        (
            "areas.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
                    ],
                }
            ).encode(),
            problems.LayerUnfit,
            "no polygons",
        ),
        (
            "areas.geojson",
            geojson(AREAS).replace('"name"', '"title"').encode(),
            problems.HeadingsWrong,
            "missing: name",
        ),
    ],
)
def test_layers_that_cannot_be_used(
    county: County, name: str, content: bytes, refusal: type[Exception], sentence: str
) -> None:
    """Each with a sentence."""
    with pytest.raises(refusal, match=sentence):
        county.bring("areas", county.write(name, content))
