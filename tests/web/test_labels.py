"""Every code of casework that a page can show has words in both languages; web/test/labels.test.ts sees to enums."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from gis.errors import GisError
from schema import build
from schema.errors import UNFORESEEN
from services.cases import engine, falling_due, kinds, links, moving
from services.cases.kind import Kind
from services.errors import Refusal
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


def codes_under(family: type) -> set[str]:
    """The codes of all classes that are known by now."""
    found = {getattr(family, "code", "")}
    return found.union(*(codes_under(one) for one in family.__subclasses__()))


def test_what_is_said_in_chinese_is_what_the_server_refuses() -> None:
    """A sentence for a code that nobody sends would go stale unseen; its figures are written as they are sent."""
    build()
    texts = [(WEB / "src" / name).read_text(encoding="utf-8") for name in ("refusals.ts", "cases/caserefusals.ts")]
    said = {code: words for text in texts for code, words in re.findall(r'^  ([A-Z_]+): "(.*)",$', text, re.M)}
    assert len(said) > 70
    assert set(said) - codes_under(Refusal) - codes_under(GisError) == {UNFORESEEN}
    assert {name for words in said.values() for name in re.findall(r"\{(\w+)\}", words)} == {
        "eligible", "expected", "message", "most", "name", "needed", "retrySeconds", "voted"
    }  # fmt: skip
