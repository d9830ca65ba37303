"""The operations that front ends send: each runs exactly as written, on real rows, or is listed as not served yet."""

from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast, validate
from graphql.utilities import separate_operations

from fixtures import makers
from schema import build
from tests.schema.asking import Asking
from tests.schema.town import Town

FOLDER = Path(__file__).parent.parent / "contract"

# Shrinks as the nouns land; an operation that is served must leave this list and get its variables below.
NOT_YET = {
    "care": {"HouseholdFile", "VisitsDue", "RecordVisit", "OpenSealedHousehold", "ReadLog"},
    "case": "all",
    "dispatch": "all",
    "map": {"WorkerPositions"},
}


def operations() -> dict[tuple[str, str], str]:
    """(file, operation) and its text with the fragments that it uses."""
    found = {}
    for file in sorted(FOLDER.glob("*.graphql")):
        for name, document in separate_operations(parse(file.read_text(encoding="utf-8"))).items():
            found[file.stem, name] = print_ast(document)
    return found


OPERATIONS = operations()


def is_waiting(file: str, name: str) -> bool:
    """Whether the operation is on the list."""
    listed = NOT_YET.get(file, set())
    return listed == "all" or name in listed


def variables(town: Town) -> dict[str, dict[str, Any]]:
    """What each served operation is sent here."""
    lon, lat = makers.degrees(250, 500)
    here = {"longitude": lon, "latitude": lat}
    grids = [str(grid.id) for grid in town.grids]
    line = {"type": "LineString", "coordinates": [makers.degrees(-10, 600), makers.degrees(510, 600)]}
    return {
        "Viewer": {},
        "GridsInView": {"bbox": {"west": lon - 0.1, "south": lat - 0.1, "east": lon + 0.1, "north": lat + 0.1}},
        "GridAt": {"point": here},
        "GridForGaodeMap": {"id": grids[0]},
        "MapLayers": {},
        "HouseholdsNear": {"point": here, "meters": 100.0},
        "ServicePoints": {"areaId": str(town.community.id)},
        "FindHouseholds": {"text": "Willow"},
        "MoveHousehold": {"id": str(town.households[0].id), "address": "Elm Lane 1", "point": here},
        "SplitGrid": {"id": grids[0], "line": line, "code": "990001001001011", "name": "North"},
        "ServiceCircle": {"center": here},
        "AuditCoverage": {"areaId": str(town.community.id), "supply": "CLINIC"},
        "CoverageAudit": {"id": str(town.audits[0])},
        "CoverageAudits": {"areaId": str(town.community.id)},
        "SuggestSites": {"areaId": str(town.community.id), "count": 2, "supply": "CLINIC"},
        "CompareAudits": {"before": str(town.audits[0]), "after": str(town.audits[1])},
        "MergeGrids": {"ids": grids[:2], "code": "990001001001012", "name": "Both"},
    }


SERVED = [key for key in OPERATIONS if not is_waiting(*key)]


def test_all_operations_are_known() -> None:
    """The five files hold the 53 operations that front ends send."""
    assert sorted({file for file, _ in OPERATIONS}) == ["care", "case", "dispatch", "map", "plan"]
    assert len(OPERATIONS) == 53


@pytest.mark.parametrize(("file", "name"), [key for key in OPERATIONS if is_waiting(*key)])
def test_what_is_not_served_yet_is_really_not(file: str, name: str) -> None:
    """An operation that would run by now has to leave the list."""
    assert validate(build()._schema, parse(OPERATIONS[file, name])), f"{name} is served: take it off the list"


@pytest.mark.parametrize(("file", "name"), SERVED)
async def test_runs_as_written(changing: tuple[Asking, Town], file: str, name: str) -> None:
    """It gives data, no errors, and rows where the town has some."""
    ask, town = changing
    data = await ask(OPERATIONS[file, name], **variables(town)[name])
    (answer,) = data.values()
    assert answer
    if isinstance(answer, dict) and "edges" in answer:
        assert answer["edges"]
