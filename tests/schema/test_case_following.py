"""What a resident reads of the own matter: where it stands and whose office has it, and no person's name."""

from tests.schema.asking import Asking
from tests.schema.casestage import TRACKING, CaseStage
from tests.schema.town import Town

TRACK = """query($number: String!, $code: String!) {
  trackCase(number: $number, code: $code) { kind state rung handledBy publicTimeline { kind text } }
}"""


async def test_who_has_it_is_told_by_area_and_never_by_name(changing: tuple[Asking, Town]) -> None:
    """First the grid, then the community to which it was whistled up; the reason is not for the resident."""
    ask, town = changing
    stage, nobody = await CaseStage.of(ask, town), ask.as_(None)
    case = await stage.opened()
    told = (await nobody(TRACK, number=case.number, code=TRACKING))["trackCase"]
    assert told == {
        "kind": "APPEAL",
        "state": "RECEIVED",
        "rung": "GRID",
        "handledBy": town.grids[0].name,
        "publicTimeline": [{"kind": "OPENED", "text": "已收到"}],
    }
    await stage.act(case, town.grid_worker, "WHISTLE_UP")
    response = await nobody.send(TRACK, number=case.number, code=TRACKING)
    told = response.json()["data"]["trackCase"]
    assert (told["rung"], told["handledBy"]) == ("COMMUNITY", town.community.name)
    assert told["publicTimeline"][-1] == {"kind": "WHISTLE_UP", "text": "已上报上一级处理"}
    assert town.workers[0].name not in response.text
    assert "because" not in response.text
