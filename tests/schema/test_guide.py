"""docs/api.md: every example runs in order, and gives the answer that stands below it."""

import json
import re
from pathlib import Path
from typing import Any

from tests.schema.asking import Asking
from tests.schema.town import Town

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
PAIR = re.compile(r"```graphql\n(.*?)```\n```json\n(.*?)\n```", re.DOTALL)


def shortened(answer: Any) -> Any:
    """An answer with its ids and cursors as the guide writes them."""
    if isinstance(answer, dict):
        return {key: "…" if key in ("id", "cursor", "endCursor") else shortened(inner) for key, inner in answer.items()}
    return [shortened(inner) for inner in answer] if isinstance(answer, list) else answer


async def test_the_guide_tells_the_truth(changing: tuple[Asking, Town]) -> None:
    """Nine examples, nine answers."""
    ask, town = changing
    pairs = PAIR.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(pairs) == 9
    for query, answer in pairs:
        variables = {"grid": str(town.grids[0].id)} if "$grid" in query else {}
        response = await ask.send(query, **variables)
        assert shortened(response.json()) == json.loads(answer), query
