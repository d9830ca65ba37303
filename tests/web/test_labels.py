"""Every code of casework that a page can show has words in both languages; web/test/labels.test.ts sees to enums."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from services.cases import engine, falling_due, kinds, links, moving
from services.cases.kind import Kind
from services.models import AreaLevel
from tests.web.test_stores import WEB, needs_node

Code = tuple[str, str | None]
OF_ITSELF = (engine.OPENED, falling_due.CLIMBED, falling_due.REMINDED, falling_due.RECALCULATED, moving.MOVED)
RELATIONS = (links.SIMILAR, "DUPLICATE", "COMMITMENT", "HEARD", "FOUND_BY_CHECK")


def of_form(schema: Any) -> Iterator[Code]:
    """The names of its fields, with their Chinese titles, and the values that can be chosen."""
    if isinstance(schema, list):
        for one in schema:
            yield from of_form(one)
    if not isinstance(schema, dict):
        return
    for name, one in schema.get("properties", {}).items():
        yield name, one.get("title")
        yield from of_form(one)
    yield from ((value, None) for value in schema.get("enum", ()))
    yield from of_form([one for name, one in schema.items() if name != "properties"])


def of_kind(kind: Kind) -> Iterator[Code]:
    """States, rungs, actions, clocks and forms."""
    yield from kind.states.items()
    yield from ((rung.code, None) for rung in kind.rungs)
    yield from ((term.name, None) for term in kind.terms)
    yield from of_form(kind.details.model_json_schema())
    for action in kind.actions:
        yield action.name, action.told or None
        yield from of_form(action.fields.model_json_schema())


@needs_node
def test_every_code_of_every_kind_is_said_in_words() -> None:
    """A new kind fails here until web/src/cases/labels.ts says its codes."""
    general = [(code, None) for code in (*OF_ITSELF, *RELATIONS, *(level.value for level in AreaLevel))]
    codes = sorted({*general, *(code for kind in kinds.ALL for code in of_kind(kind))}, key=str)
    assert len(codes) > 300
    ran = subprocess.run(
        ["node", "test/labelled.mjs"], cwd=WEB, input=json.dumps(codes), capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == []
