"""What says that it can wait lets others go first; nothing else does, and it is answered all the same."""

import asyncio
from typing import Any

from graphql import OperationDefinitionNode, parse

from schema import build
from schema.plans import plan_of
from services import clock
from services.lanes import Lane
from tests.schema.asking import Asking
from tests.schema.callstage import CallStage
from tests.schema.town import Town

REPORT = "mutation ($input: PositionInput!) { reportPosition(input: $input) { id } }"


def _can_wait(text: str) -> bool:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    plan = plan_of(build()._schema, document, operation)
    assert plan is not None
    return plan.can_wait


def test_reports_of_positions_can_wait_and_nothing_with_them() -> None:
    point = 'input: {point: {longitude: 1, latitude: 1}, fixedAt: "2026-05-20T09:00:00Z"}'
    report = f"reportPosition({point}) {{ id }}"
    assert _can_wait(REPORT)
    assert _can_wait(f"mutation {{ a: {report} b: {report} }}")
    assert not _can_wait(f"mutation {{ a: {report} startShift {{ id }} }}")
    assert not _can_wait("mutation { startShift { id } }")
    assert not _can_wait("{ viewer { name } }")


async def test_a_report_takes_a_turn_and_a_query_beside_it_none(
    changing: tuple[Asking, Town], monkeypatch: Any
) -> None:
    """Two turns each: one before it is executed, one before it is answered."""
    ask, town = changing
    stage = await CallStage.of(ask.database, town)
    turns = 0
    turn = Lane.turn

    async def counted(self: Lane) -> None:
        nonlocal turns
        turns += 1
        await turn(self)

    monkeypatch.setattr(Lane, "turn", counted)
    worker = ask.as_(stage.workers[0])
    fix = {"point": {"longitude": 106.7, "latitude": 26.57}, "fixedAt": clock.now().isoformat()}
    reports = [worker(REPORT, input=fix) for _ in range(5)]
    *answers, viewer = await asyncio.gather(*reports, worker("{ viewer { name } }"))
    assert {answer["reportPosition"]["id"] for answer in answers} == {str(stage.workers[0].worker_id)}
    assert viewer["viewer"]["name"]
    assert turns == 10
