"""Homes from a table: grid, link, events, all or nothing, the same file twice."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from gis.coordinates import CoordinateSystem, from_wgs84
from gis.errors import GisError
from services.imports import problems
from services.imports.crs import CrsUnknown
from tests import drawing
from tests.services.county import EAST, HOMES, WEST, County
from tests.services.test_imports_files import workbook

GRIDS = "SELECT h.code, a.code FROM households h JOIN areas a ON a.id = h.grid_id ORDER BY h.code"


def test_a_home_with_its_grid_and_its_creation(housed: County) -> None:
    """The grid follows from the place; the event holds the plain columns and the grid's version."""
    assert housed.ask(GRIDS) == [("H1", WEST), ("H2", EAST)]
    home = "SELECT address, floor, has_lift, version, declared_system FROM households WHERE code = 'H1'"
    assert housed.ask(home) == [("Willow Lane 1", 5, True, 1, "WGS84")]
    event = (
        "SELECT e.kind, e.before, e.after->>'address', e.after->'location', v.code FROM household_events e"
        " JOIN households h ON h.id = e.household_id JOIN area_versions v ON v.id = e.grid_version_id"
        " WHERE h.code = 'H1'"
    )
    assert housed.ask(event) == [("CREATED", None, "Willow Lane 1", [106.002, 26.005], WEST)]


def test_the_same_file_again_changes_nothing(housed: County) -> None:
    """No version, no event, and the content's version stays."""
    content = housed.one("SELECT version FROM content_versions WHERE name = 'HOMES'")
    counts = housed.bring("households", HOMES).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 0, 2)
    assert housed.ask("SELECT DISTINCT version FROM households") == [(1,)]
    assert housed.one("SELECT count(*) FROM household_events") == 2
    assert housed.one("SELECT version FROM content_versions WHERE name = 'HOMES'") == content


def test_changes_and_moves_are_events_with_both_states(housed: County) -> None:
    """H1 gets another address, H2 moves into the west grid."""
    text = "code,address,longitude,latitude\nH1,Willow Lane 9,106.002,26.005\nH2,Willow Lane 2,106.003,26.005\n"
    counts = housed.bring("households", text).counts
    assert (counts.added, counts.changed, counts.unchanged) == (0, 2, 0)
    events = (
        "SELECT h.code, e.kind, e.before->>'address', e.after->>'address', e.before->'location'->0,"
        " e.after->'location'->0 FROM household_events e JOIN households h ON h.id = e.household_id"
        " WHERE e.kind <> 'CREATED' ORDER BY h.code"
    )
    assert housed.ask(events) == [
        ("H1", "CHANGED", "Willow Lane 1", "Willow Lane 9", 106.002, 106.002),
        ("H2", "MOVED", "Willow Lane 2", "Willow Lane 2", 106.012, 106.003),
    ]
    assert housed.ask(GRIDS) == [("H1", WEST), ("H2", WEST)]
    # A column that the file does not have is left as it was.
    assert housed.ask("SELECT floor, has_lift, version FROM households WHERE code = 'H1'") == [(5, True, 2)]


def test_on_the_border_the_lower_code_wins(gridded: County) -> None:
    """106.01 is the border of both grids."""
    gridded.bring("households", "户号,地址,经度,纬度\nH3,柳巷3号,106.01,26.005\n")
    assert gridded.ask(GRIDS) == [("H3", WEST)]


@pytest.mark.parametrize("system", list(CoordinateSystem))
def test_declared_coordinates_are_kept_and_turned(gridded: County, system: CoordinateSystem) -> None:
    """What was declared stays as it was; stored is WGS 84, within a centimetre (1e-7 degrees)."""
    lon, lat = from_wgs84(106.002, 26.005, system)
    text = f"code,address,longitude,latitude\nH1,x,{float(lon)!r},{float(lat)!r}\n"
    assert gridded.bring("households", text, crs=system.value).counts.added == 1
    query = (
        "SELECT declared_system, declared_longitude, declared_latitude, ST_X(location), ST_Y(location) FROM households"
    )
    ((declared, declared_lon, declared_lat, x, y),) = gridded.ask(query)
    assert (declared, declared_lon, declared_lat) == (system.value, float(lon), float(lat))
    assert (x, y) == pytest.approx((106.002, 26.005), abs=1e-7)
    assert gridded.bring("households", text, crs=system.value).counts.unchanged == 1


def test_a_projection_is_nothing_for_a_table(gridded: County) -> None:
    """Tables hold degrees."""
    with pytest.raises(CrsUnknown, match="tables hold longitudes and latitudes, not metres"):
        gridded.bring("households", HOMES, crs="EPSG:4545")


BAD = """code,address,floor,longitude,latitude
H1,Willow Lane 1,5,106.002,26.005
H2,Willow Lane 2,fifth,106.003,26.005
H3,Willow Lane 3,1,107.000,26.005
H1,Willow Lane 4,1,106.004,26.005
H5,Willow Lane 5
H6,Willow Lane 6,2,106.006,26.005
"""
FAULTS = [
    (3, "floor", "NUMBER_FORM"),
    (4, "longitude", "OUTSIDE_EVERY_GRID"),
    (5, "code", "DUPLICATE_IN_FILE"),
    (6, "", "FIELD_COUNT"),
]


def test_one_bad_row_and_nothing_is_stored(gridded: County) -> None:
    """All faults are told at once; the run is kept as refused, without any cell's value."""
    outcome = gridded.bring("households", BAD)
    assert outcome.refused
    assert outcome.bad_rows is None
    assert [(p.row, p.column, p.code) for p in outcome.problems] == FAULTS
    assert "say with --crs" in outcome.problems[1].reason
    assert "in row 2" in outcome.problems[2].reason
    for table in ("households", "household_events", "street_links"):
        assert gridded.one(f"SELECT count(*) FROM {table}") == 0
    runs = "SELECT state, rows_total, rows_bad, problems::text FROM import_runs WHERE kind = 'households'"
    ((state, total, bad, kept),) = gridded.ask(runs)
    assert (state, total, bad) == ("REFUSED", 6, 4)
    assert "Willow" not in kept
    assert "fifth" not in kept


@pytest.mark.parametrize("xlsx", [False, True])
def test_good_rows_are_kept_and_bad_ones_written_beside(gridded: County, xlsx: bool) -> None:
    """With row number, column, code and reason, and the row as it was written; memory holds two rows at a time."""
    path = gridded.write("homes.csv", BAD)
    if xlsx:
        rows = [tuple(row) for row in csv.reader(BAD.splitlines())]
        path = gridded.write("homes.xlsx", workbook(*rows))
    outcome = gridded.bring("households", path, skip_bad=True, rows_at_a_time=2)
    expected = 5 if xlsx else 4  # a spreadsheet's short row lacks its place, twice: longitude and latitude
    assert (outcome.counts.added, outcome.counts.bad) == (2, 4)
    assert outcome.bad_rows == path.with_name(path.name + ".bad.csv")
    with outcome.bad_rows.open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["row", "column", "code", "reason", "code", "address", "floor", "longitude", "latitude"]
    assert len(written) == expected + 1
    assert written[1][:3] == ["3", "floor", "NUMBER_FORM"]
    assert written[1][4:] == ["H2", "Willow Lane 2", "fifth", "106.003", "26.005"]
    assert gridded.ask(GRIDS) == [("H1", WEST), ("H6", WEST)]


def test_a_dry_run_changes_nothing_but_says_what_would_be(housed: County) -> None:
    """The counts are those of the real run; the run itself is recorded as a dry one."""
    text = HOMES.replace("Lane 1", "Lane 7") + "H3,Willow Lane 3,1,no,106.003,26.005\n"
    counts = housed.bring("households", text, dry_run=True).counts
    assert (counts.added, counts.changed, counts.unchanged) == (1, 1, 1)
    assert housed.ask("SELECT address, version FROM households ORDER BY code") == [
        ("Willow Lane 1", 1),
        ("Willow Lane 2", 1),
    ]
    assert housed.one("SELECT count(*) FROM household_events") == 2
    runs = "SELECT dry_run, state, rows_added, rows_changed FROM import_runs ORDER BY id DESC LIMIT 1"
    assert housed.ask(runs) == [(True, "DONE", 1, 1)]


def test_a_closed_home_s_code_is_not_used_again(housed: County) -> None:
    """It says when it was closed."""
    with psycopg.connect(housed.url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"system\": \"tests\"}', true)")
        connection.execute("UPDATE households SET closed_at = '2026-01-02' WHERE code = 'H1'")
    outcome = housed.bring("households", HOMES)
    assert [(p.row, p.code) for p in outcome.problems] == [(2, "HOUSEHOLD_CLOSED")]


def test_grids_come_first(county: County) -> None:
    """Without areas no home can be placed."""
    with pytest.raises(problems.NoGrids, match="Import the areas first"):
        county.bring("households", HOMES)
    assert county.ask("SELECT state, problems->0->>'code' FROM import_runs") == [("REFUSED", "NO_GRIDS")]


def test_a_run_that_was_cut_off_is_told_at_the_next(gridded: County) -> None:
    """Nothing of it was stored, and no run stays open for ever."""
    with psycopg.connect(gridded.url) as connection:
        connection.execute("UPDATE import_runs SET state = 'RUNNING', finished_at = NULL")
    gridded.bring("households", HOMES)
    states = "SELECT kind, state, problems->0->>'code', finished_at IS NULL FROM import_runs ORDER BY id"
    assert gridded.ask(states) == [("areas", "REFUSED", "CUT_OFF", False), ("households", "DONE", None, False)]


def test_two_imports_at_once_wait_for_each_other(gridded: County) -> None:
    """The same file from two threads: one adds, the other finds all there."""
    path = gridded.write("homes.csv", HOMES)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: gridded.bring("households", path), range(2)))
    assert sorted((o.counts.added, o.counts.unchanged) for o in outcomes) == [(0, 2), (2, 0)]


def test_only_headings_are_not_enough(gridded: County) -> None:
    """A file without rows is empty."""
    with pytest.raises(problems.FileEmpty):
        gridded.bring("households", "code,address,longitude,latitude\n")


def streets(folder: Path, block: float = 500.0) -> Path:
    """One street through the west grid, from 106.000 to 106.010 at 26.005."""
    plan = drawing.town("A---B", block=block)
    plan.projection = drawing.LocalProjection(106.002, 26.005)
    return plan.save(folder / "streets.osm.pbf")


def test_streets_and_homes_are_linked_whichever_comes_first(gridded: County) -> None:
    """The street begins at H1's door; H2 is a kilometre from its end (x = 500 m), farther than 300 m."""
    gridded.bring("households", HOMES)
    assert gridded.one("SELECT count(*) FROM street_links") == 0
    path = streets(gridded.folder)
    assert gridded.bring("streets", path).counts.added == 1
    links = (
        "SELECT h.code, l.foot_edge >= 0, round(l.foot_door_meters::numeric, 1)::float, l.reason FROM street_links l"
        " JOIN households h ON h.id = l.owner_id ORDER BY h.code"
    )
    first = gridded.ask(links)
    assert first[0] == ("H1", True, 0.0, None)
    assert first[1][:2] == ("H2", False)
    assert gridded.bring("streets", path).counts.unchanged == 1
    gridded.bring("households", "code,address,longitude,latitude\nH2,x,106.003,26.0051\nH4,y,106.004,26.005\n")
    # 0.0001 degrees of latitude are 11.1 m.
    assert gridded.ask(links) == [("H1", True, 0.0, None), ("H2", True, 11.1, None), ("H4", True, 0.0, None)]


def test_streets_that_are_none(county: County) -> None:
    """The sentence comes from the street reader."""
    with pytest.raises(GisError, match="cannot be read"):
        county.bring("streets", county.write("streets.osm.pbf", b"not a street file"))
    assert county.one("SELECT state FROM import_runs") == "REFUSED"
