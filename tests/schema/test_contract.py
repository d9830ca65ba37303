"""The operations that front ends send: each runs exactly as written, on real rows, or is listed as not served yet."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import parse, validate

from fixtures import makers
from schema import build
from services import clock, workers
from services.models import Account, Role
from tests.contracts import OPERATIONS
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.casestage import CaseStage, on_case_stage
from tests.schema.town import Town

# Shrinks as the nouns land; an operation that is served must leave this list and get its variables below.
NOT_YET: dict[str, set[str] | str] = {}


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
        "CaseKinds": {},
        "HouseholdsNear": {"point": here, "meters": 100.0},
        "ServicePoints": {"areaId": str(town.community.id)},
        "FindHouseholds": {"text": "Willow"},
        "HouseholdFile": {"id": str(town.households[0].id)},
        "VisitsDue": {"areaId": str(town.community.id), "by": (clock.now() + timedelta(days=8)).isoformat()},
        "MoveHousehold": {"id": str(town.households[0].id), "address": "Elm Lane 1", "point": here},
        "SplitGrid": {"id": grids[0], "line": line, "code": "990001001001011", "name": "North"},
        "ServiceCircle": {"center": here},
        "AuditCoverage": {"areaId": str(town.community.id), "supply": "CLINIC"},
        "CoverageAudit": {"id": str(town.audits[0])},
        "CoverageAudits": {"areaId": str(town.community.id)},
        "SuggestSites": {"areaId": str(town.community.id), "count": 2, "supply": "CLINIC"},
        "CompareAudits": {"before": str(town.audits[0]), "after": str(town.audits[1])},
        "Assessment": {"areaId": str(town.community.id), "from": "2026-01-01", "to": "2026-12-31"},
        "WorkingDay": {"areaId": str(town.community.id), "from": "2026-05-20", "workingDays": 5},
        "MergeGrids": {"ids": grids[:2], "code": "990001001001012", "name": "Both"},
    }


async def of_care(ask: Asking, town: Town, name: str) -> tuple[Account, dict[str, Any]]:
    """Who sends an operation of care that is not the manager's, or needs something to have happened."""
    record = str(town.records[0].id)
    home = str(town.households[0].id)
    match name:
        case "RecordVisit":
            seen = {"visitedAt": clock.now().isoformat(), "purpose": "ROUTINE", "note": "All is well"}
            return town.grid_worker, {"careRecordId": record, **seen}
        case "OpenSealedHousehold":
            async with ask.database.write({"everywhere": True}) as session:
                elsewhere = await makers.make_account(session, Role.SOCIAL_WORKER, town.grids[2])
            return elsewhere, {"id": home, "reason": "The neighbour smells gas at her door"}
        case "ReadLog":
            await ask(OPERATIONS["care", "HouseholdFile"], id=home)
            return town.manager, {"householdId": home}
    raise AssertionError(name)


async def on_stage(stage: CallStage, name: str) -> tuple[Account, dict[str, Any]]:
    """Who sends an operation of dispatch, and with what: the call has come as far as it needs."""
    lon, lat = makers.degrees(60, 500)
    point, serial = {"longitude": lon, "latitude": lat}, stage.town.terminal.serial
    area, desk, worker = str(stage.town.community.id), stage.dispatcher, stage.workers[0]
    match name:
        case "PressButton":
            return stage.terminal, {"terminalSerial": serial, "reference": "one", "button": "HELP"}
        case "Heartbeat":
            return stage.terminal, {"terminalSerial": serial, "batteryPercent": 80}
        case "OpenCalls":
            await stage.offered()
            return desk, {"areaId": area}
        case "CallDetail":
            return desk, {"id": str((await stage.accepted()).call_id)}
        case "NearestWorkers":
            return desk, {"to": point}
        case "ClaimCall":
            return desk, {"id": str((await stage.offered()).call_id)}
        case "ReleaseCall":
            return desk, {"id": str(await stage.claimed())}
        case "OfferCall":
            return desk, {"id": str((await stage.press()).id), "workerId": str(stage.worker(1).id)}
        case "EscalateCall" | "CancelCall":
            return desk, {"id": str((await stage.offered()).call_id), "reason": "Spoken to her"}
        case "GoOnDuty" | "GoOffDuty":
            return worker, {}
        case "ReportPosition":
            return worker, {"point": point, "accuracyMeters": 8.0, "fixedAt": clock.now().isoformat()}
        case "AcceptOffer":
            return worker, {"id": str((await stage.offered()).id)}
        case "DeclineOffer":
            return worker, {"id": str((await stage.offered()).id), "reason": "Ill"}
        case "Arrive":
            return worker, {"callId": str((await stage.accepted()).call_id)}
        case "ResolveCall":
            how = {"outcome": "HELP_GIVEN", "serviceMode": "COMMITTEE", "note": "Carried her up"}
            return worker, {"callId": str((await stage.arrived()).call_id), **how}
        case "FollowUpCall":
            return worker, {"callId": str((await stage.resolved()).call_id), "satisfied": True}
        case "CallEvents":
            await stage.offered()
            return desk, {"areaId": area, "afterSequence": 0}
        case "MyOffers":
            await stage.offered()
            return worker, {}
        case "WorkerPositions":
            async with stage.database.write() as session:
                await workers.report_position(session, stage.worker(0).id, lon, lat, clock.now())
            return desk, {"areaId": area}
    raise AssertionError(name)


SERVED = [key for key in OPERATIONS if not is_waiting(*key)]
OF_CARE = [("care", "RecordVisit"), ("care", "OpenSealedHousehold"), ("care", "ReadLog")]
OF_CASES = [
    (file, name) for file, name in SERVED if file == "case" and name not in ("WorkingDay", "Assessment", "CaseKinds")
]
OF_CALLS = [(file, name) for file, name in SERVED if file == "dispatch" or name == "WorkerPositions"]
FOLLOWED = {"CallEvents", "MyOffers", "WorkerPositions"}


def test_all_operations_are_known() -> None:
    """The five files hold the 53 operations that front ends send."""
    assert sorted({file for file, _ in OPERATIONS}) == ["care", "case", "dispatch", "map", "plan"]
    assert len(OPERATIONS) == 53


@pytest.mark.parametrize(("file", "name"), [key for key in OPERATIONS if is_waiting(*key)])
def test_what_is_not_served_yet_is_really_not(file: str, name: str) -> None:
    """An operation that would run by now has to leave the list."""
    assert validate(build()._schema, parse(OPERATIONS[file, name])), f"{name} is served: take it off the list"


@pytest.mark.parametrize(("file", "name"), [key for key in SERVED if key not in (*OF_CALLS, *OF_CARE, *OF_CASES)])
async def test_runs_as_written(changing: tuple[Asking, Town], file: str, name: str) -> None:
    """It gives data, no errors, and rows where the town has some."""
    ask, town = changing
    data = await ask(OPERATIONS[file, name], **variables(town)[name])
    (answer,) = data.values()
    assert answer
    if isinstance(answer, dict) and "edges" in answer:
        assert answer["edges"]


@pytest.mark.parametrize(("file", "name"), OF_CARE)
async def test_care_runs_as_written(changing: tuple[Asking, Town], file: str, name: str) -> None:
    """The same for what those who care do, each operation by whom it is made for."""
    ask, town = changing
    account, given = await of_care(ask, town, name)
    (answer,) = (await ask.as_(account)(OPERATIONS[file, name], **given)).values()
    assert answer
    if "edges" in answer:
        assert answer["edges"]


@pytest.mark.parametrize(("file", "name"), OF_CALLS)
async def test_calls_run_as_written(changing: tuple[Asking, Town], file: str, name: str) -> None:
    """The same for what happens around a call, each operation by whom it is made for."""
    ask, town = changing
    account, given = await on_stage(await CallStage.of(ask.database, town), name)
    asked = ask.as_(account)
    data = await (
        asked.first(OPERATIONS[file, name], **given) if name in FOLLOWED else asked(OPERATIONS[file, name], **given)
    )
    (answer,) = data.values()
    assert answer
    if isinstance(answer, dict) and "edges" in answer:
        assert answer["edges"]


@pytest.mark.parametrize(("file", "name"), OF_CASES)
async def test_cases_run_as_written(changing: tuple[Asking, Town], file: str, name: str) -> None:
    """The same for cases: each operation on a case that has come as far as it needs."""
    ask, town = changing
    account, given = await on_case_stage(await CaseStage.of(ask, town), name)
    data = await ask.as_(account)(OPERATIONS[file, name], **given)
    (answer,) = data.values()
    assert answer
    if isinstance(answer, dict) and "edges" in answer:
        assert answer["edges"]
