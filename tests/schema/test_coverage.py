"""Coverage asked over HTTP, on the drawn town (see `tests.schema.town`), with minutes worked out by hand.

The clinic stands at x = 250. From door to door a home at x is 10 + |x - 250| + 10 m away, if no river is between:

    x        50   130  210  290  370  450  550 | river | 750   1250
    metres  220   140   60   60  140  220  320 |       |  no way

At 1.3 m/s ten minutes are 780 m, so the seven homes west of the river are reached. The circle of 780 m claims the home
at 750, too (500 m away in a straight line), but not the one at 1250 (1,000 m).
"""

import json

import pytest

from fixtures import makers
from services import contents, coverage, links, networks
from services.contents import Content
from services.models import CoverageAudit, Household
from tests.schema.asking import Asking, storing
from tests.schema.test_contract import OPERATIONS
from tests.schema.town import Town

AUDIT = OPERATIONS["plan", "AuditCoverage"]
CIRCLE = OPERATIONS["plan", "ServiceCircle"]
COMPARE = OPERATIONS["plan", "CompareAudits"]
SUGGEST = OPERATIONS["plan", "SuggestSites"]


def at(x: float, y: float = 500) -> dict[str, float]:
    """A place in metres as a PointInput."""
    lon, lat = makers.degrees(x, y)
    return {"longitude": lon, "latitude": lat}


async def test_an_audit_of_the_clinic(ask: Asking, town: Town) -> None:
    """Seven of nine; sorted seconds of the seven: 46.2 46.2 107.7 107.7 169.2 169.2 246.2, the fourth is the median."""
    found = (await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]

    assert (found["householdCount"], found["coveredCount"], found["coveredShare"]) == (9, 7, 7 / 9)
    assert (found["twiceCoveredCount"], found["unreachableCount"], found["supplyCount"]) == (0, 2, 1)
    assert (found["medianSeconds"], found["p90Seconds"]) == (107.7, 246.2)
    assert found["straightLine"] == {"coveredCount": 8, "falselyCovered": 1}
    assert found["residentCount"] == 9
    assert found["coveredResidentCount"] is None  # two are left over, and two would be somebody
    assert (found["minutes"], found["travelMode"], found["supply"]) == (10, "WALK", "CLINIC")
    assert found["networkVersion"] == networks.current().version


async def test_grids_with_few_people_are_withheld(ask: Asking, town: Town) -> None:
    """Grid 001 has six people; 002 two and 003 one, which is told of nobody; 004 has none."""
    found = (await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]["byGrid"]

    assert [(one["grid"]["code"][-3:], one["suppressed"]) for one in found] == [
        ("001", False),
        ("002", True),
        ("003", True),
        ("004", False),
    ]
    assert [(one["householdCount"], one["coveredCount"], one["coveredShare"]) for one in found] == [
        (6, 6, 1.0),
        (None, None, None),
        (None, None, None),
        (0, 0, None),
    ]
    assert found[0]["medianSeconds"] == 107.7  # the third of 46.2 46.2 107.7 107.7 169.2 169.2
    assert found[1]["medianSeconds"] is None


async def test_gaps_are_told_with_the_way_to_them(ask: Asking, town: Town) -> None:
    """Homes 750 and 1250 are 500 m apart: two gaps, nobody comes to either; one person in each is not told."""
    gaps = (await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]["gaps"]

    assert len(gaps) == 2
    assert {tuple(grid["code"][-3:] for grid in gap["grids"]) for gap in gaps} == {("002",), ("003",)}
    assert all(gap["nearestSeconds"] is None and gap["residentCount"] is None for gap in gaps)
    assert all(gap["area"]["type"] == "MultiPolygon" for gap in gaps)


async def test_what_if_a_second_clinic_stood_beyond_the_river(ask: Asking, town: Town) -> None:
    """At x = 750 it reaches the homes at 750 (20 m) and 1250 (520 m): all nine, none of them twice."""
    found = await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC", add=[at(750)])
    assert [found["auditCoverage"][name] for name in ("coveredCount", "twiceCoveredCount", "gaps")] == [9, 0, []]
    assert found["auditCoverage"]["supplyCount"] == 2


async def test_what_if_the_clinic_closed(ask: Asking, town: Town) -> None:
    """Without it nobody is reached, and nobody is counted as reached falsely."""
    found = await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC", remove=[str(town.clinic.id)])
    audit = found["auditCoverage"]
    assert (audit["supplyCount"], audit["coveredCount"], audit["unreachableCount"]) == (0, 0, 9)
    assert (audit["medianSeconds"], audit["straightLine"]["falselyCovered"]) == (None, 0)


async def test_an_elders_pace(ask: Asking, town: Town) -> None:
    """0.83 m/s for 10 minutes are 498 m: the seven are still reached; for 4 minutes 199.2 m: 140, 60, 60, 140."""
    slow = await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC", travelMode="WALK_SLOW")
    four = await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC", travelMode="WALK_SLOW", minutes=4)
    assert (slow["auditCoverage"]["coveredCount"], four["auditCoverage"]["coveredCount"]) == (7, 4)


async def test_service_points_count_while_they_are_open(ask: Asking, town: Town) -> None:
    """The clinic is open Monday to Wednesday, 09:00 to 17:00: not on a Thursday."""
    asked = {"areaId": str(town.community.id), "supply": "CLINIC"}
    wednesday = await ask(AUDIT, at="2026-05-20T10:00:00+08:00", **asked)
    thursday = await ask(AUDIT, at="2026-05-21T10:00:00+08:00", **asked)
    assert [one["auditCoverage"]["supplyCount"] for one in (wednesday, thursday)] == [1, 0]


async def test_the_circle_of_any_place(ask: Asking) -> None:
    """On the street at x = 250 there is no door walk at the start: home x is |x - 250| + 10 m away."""
    found = (await ask(CIRCLE, center=at(250, 490), minutes=3))["serviceCircle"]

    # 3 min are 234 m: |x - 250| <= 224 holds for 50, 130, 210, 290, 370, 450; the circle claims the same six.
    assert (found["householdCount"], found["residentCount"]) == (6, 6)
    assert found["straightLine"] == {"householdCount": 6, "falselyCovered": 0}
    assert found["speedMetersPerSecond"] == 1.3
    assert found["careCounts"] == [
        {"category": {"code": "LIVES_ALONE", "name": "类别LIVES_ALONE"}, "count": 6, "suppressed": False},
    ]  # the sealed category is in no figure, not even as a withheld one
    assert found["area"]["type"] == "MultiPolygon"
    assert found["areaSquareMeters"] > 10_000


async def test_two_audits_compared(ask: Asking, town: Town) -> None:
    """The second clinic gained the homes at 750 and 1250, nothing was lost; two and one are few in a grid."""
    before, after = map(str, town.audits)
    found = (await ask(COMPARE, before=before, after=after))["compareAudits"]
    back = (await ask(COMPARE, before=after, after=before))["compareAudits"]

    assert (found["gained"]["householdCount"], found["lost"]["householdCount"]) == (2, 0)
    assert (back["gained"]["householdCount"], back["lost"]["householdCount"]) == (0, 2)
    assert [(one["grid"]["code"][-3:], one["coveredBefore"], one["coveredAfter"]) for one in found["byGrid"]] == [
        ("001", 6, 6),
        ("002", None, None),
        ("003", None, None),
        ("004", 0, 0),
    ]


async def test_sites_are_suggested_where_nobody_comes(ask: Asking, town: Town) -> None:
    """One place beyond the river reaches both homes there (they are 500 m apart): proven best, all nine covered."""
    found = (await ask(SUGGEST, areaId=str(town.community.id), count=3, supply="CLINIC"))["suggestSites"]

    assert [(one["newlyCoveredHouseholds"], one["coveredShareAfter"]) for one in found["sites"]] == [(2, 1.0)]
    assert found["optimalityGap"] == 0.0
    lon = found["sites"][0]["location"]["coordinates"][0]
    assert makers.degrees(700, 490)[0] <= lon <= makers.degrees(1530, 490)[0]  # within 760 m of 750 and of 1250


async def test_an_audit_is_asked_for_again_and_listed(ask: Asking, town: Town) -> None:
    """The latest first; a page ends exactly."""
    again = await ask(OPERATIONS["plan", "CoverageAudit"], id=str(town.audits[0]))
    assert again["coverageAudit"]["coveredCount"] == 7
    listed = await ask(OPERATIONS["plan", "CoverageAudits"], areaId=str(town.community.id), first=200)
    ids = [edge["node"]["id"] for edge in listed["coverageAudits"]["edges"]]
    assert ids == sorted(ids, reverse=True)
    assert set(map(str, town.audits)) <= set(ids)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"minutes": 0}, "MINUTES_OUT_OF_RANGE"),
        ({"minutes": -5}, "MINUTES_OUT_OF_RANGE"),
        ({"minutes": 100_000}, "MINUTES_OUT_OF_RANGE"),
        ({"add": [{"longitude": 200.0, "latitude": 26.0}]}, "COORDINATES_OUT_OF_RANGE"),
        ({"areaId": "not-an-id"}, "NOT_FOUND"),
        ({"remove": ["not-an-id"]}, "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_audited_is_refused(
    ask: Asking, town: Town, changed: dict[str, object], code: str
) -> None:
    """By code, and no audit is stored."""
    count = "query($a: ID!) { coverageAudits(filter: {areaId: $a}) { totalCount } }"
    before = await ask(count, a=str(town.community.id))
    assert await ask.code(AUDIT, **{"areaId": str(town.community.id), "supply": "CLINIC"} | changed) == code
    assert await ask(count, a=str(town.community.id)) == before


async def test_a_supplier_in_the_sea_reaches_nobody_and_is_counted(ask: Asking, town: Town) -> None:
    """Ten kilometres off every street: not an error of the audit, but said."""
    document = AUDIT.replace("supplyCount", "supplyCount unlinkedSupplyCount")
    found = await ask(
        document, areaId=str(town.community.id), supply="CLINIC", add=[at(10_000, 10_000)], remove=[str(town.clinic.id)]
    )
    audit = found["auditCoverage"]
    assert (audit["supplyCount"], audit["unlinkedSupplyCount"], audit["coveredCount"]) == (1, 1, 0)


async def test_a_circle_in_the_sea_is_refused(ask: Asking) -> None:
    """The sentence says what to do."""
    error = await ask.refused(CIRCLE, center=at(10_000, 10_000))
    assert error["extensions"]["code"] == "PLACE_UNLINKED"
    assert "Choose a place by a street" in error["message"]


async def test_without_a_network(ask: Asking, town: Town) -> None:
    """Before the first import of streets there is a code and a sentence for it."""
    network = networks.current()
    networks.CURRENT.forget()
    try:
        assert await ask.code(CIRCLE, center=at(250)) == "NO_NETWORK"
        assert await ask.code(AUDIT, areaId=str(town.community.id), supply="CLINIC") == "NO_NETWORK"
    finally:
        networks.CURRENT.take(network)


async def test_who_only_works_there_may_not_audit(ask: Asking, town: Town) -> None:
    """A grid worker orders no audit, and does not find one by its id either."""
    worker = ask.as_(town.grid_worker)
    assert await worker.code(AUDIT, areaId=str(town.grids[0].id), supply="CLINIC") == "NOT_ALLOWED"
    assert await worker.code(OPERATIONS["plan", "CoverageAudit"], id=str(town.audits[0])) == "NOT_ALLOWED"


async def test_a_large_audit_shows_progress_and_ends(
    changing: tuple[Asking, Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the bound at no homes every audit is a large one: RUNNING first, DONE when asked again."""
    ask, town = changing
    monkeypatch.setattr(coverage, "LARGE_HOMES", 0)
    document = AUDIT.replace("supplyCount", "supplyCount state progress")
    begun = (await ask(document, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]
    assert begun["state"] == "RUNNING"

    await ask.api.jobs.settle()
    document = OPERATIONS["plan", "CoverageAudit"].replace("supplyCount", "supplyCount state progress")
    ended = (await ask(document, id=begun["id"]))["coverageAudit"]
    assert (ended["state"], ended["progress"], ended["coveredCount"]) == ("DONE", 1.0, 7)


async def test_a_cancelled_audit_stays_cancelled(
    changing: tuple[Asking, Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled before its thread comes to an end: the result is thrown away."""
    ask, town = changing
    monkeypatch.setattr(coverage, "LARGE_HOMES", 0)
    begun = (await ask(AUDIT, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]
    async with storing(str(ask.database.engine.url.render_as_string(hide_password=False))) as session:
        audit = await session.get_one(CoverageAudit, begun["id"], with_for_update=True)
        audit.state = coverage.AuditState.CANCELLED
    await ask.api.jobs.settle()

    cancelled = await ask("mutation($id: ID!) { cancelAudit(id: $id) { state } }", id=begun["id"])
    assert cancelled["cancelAudit"]["state"] in ("CANCELLED", "DONE")


@pytest.mark.parametrize(
    ("form", "kind"), [("csv", "text/csv"), ("geojson", "application/geo+json"), ("html", "text/html")]
)
async def test_an_audit_to_take_along(ask: Asking, town: Town, form: str, kind: str) -> None:
    """Each form for who may see it, nothing without a token or for somebody else."""
    from starlette.applications import Starlette  # a server of the export's routes alone

    from schema import exports

    path = f"/audits/{town.audits[0]}.{form}"
    ask.app.router.routes.extend(exports.routes(ask.api))
    assert isinstance(ask.app, Starlette)
    answer = await ask.http.get(path, headers=ask.headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert (await ask.http.get(path)).status_code == 401
    assert (await ask.http.get(path, headers=ask.as_(town.grid_worker).headers)).status_code == 403
    if form == "csv":
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("code,name,households,covered")
        assert lines[1].split(",")[2:5] == ["6", "6", "1.0"]
        assert lines[2].split(",")[2:5] == ["", "", ""]  # two people: withheld
    elif form == "geojson":
        layers = [one["properties"]["layer"] for one in json.loads(answer.content)["features"]]
        assert layers.count("grid") == 4
        assert layers.count("gap") == 2
    else:
        assert "<svg" in answer.text
        assert "withheld" in answer.text


async def test_homes_without_a_street_are_listed(changing: tuple[Asking, Town]) -> None:
    """A home moved 5 km north of every street counts as not covered, and whoever keeps files finds it."""
    ask, town = changing
    listed = "{ households(filter: {unlinked: true}) { totalCount edges { node { code } } } }"
    assert (await ask(listed))["households"]["totalCount"] == 0
    async with storing(str(ask.database.engine.url.render_as_string(hide_password=False))) as session:
        home = await session.get_one(Household, town.households[0].id)
        home.location = makers.point(250, 5_500)
        await links.link_owner(session, home.id, *makers.degrees(250, 5_500))
        await contents.changed(session, Content.HOMES)

    found = (await ask(listed))["households"]
    assert [edge["node"]["code"] for edge in found["edges"]] == [town.households[0].code]
    document = AUDIT.replace("supplyCount", "supplyCount unlinkedCount")
    audit = (await ask(document, areaId=str(town.community.id), supply="CLINIC"))["auditCoverage"]
    assert (audit["unlinkedCount"], audit["coveredCount"], audit["unreachableCount"]) == (1, 6, 3)


async def test_a_home_that_moves_is_linked_anew(changing: tuple[Asking, Town]) -> None:
    """From x = 50 to x = 1400, beyond the river: the next audit reaches six of nine."""
    ask, town = changing
    asked = {"areaId": str(town.community.id), "supply": "CLINIC"}
    assert (await ask(AUDIT, **asked))["auditCoverage"]["coveredCount"] == 7
    await ask(OPERATIONS["care", "MoveHousehold"], id=str(town.households[0].id), address="Elm Lane 1", point=at(1400))
    assert (await ask(AUDIT, **asked))["auditCoverage"]["coveredCount"] == 6
