"""The worked example of docs/casework.md runs as it is written there."""

import re
from pathlib import Path

import pytest

from services.cases import kinds
from services.cases.kind import Kind
from tests.caseroom import CaseRoom, local
from tests.conftest import StandingClock


@pytest.fixture
def lost_and_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind of the guide, as if its file were in the folder and its line in NAMES."""
    (example,) = re.findall(r"```python\n(.*?)```", (root / "docs/casework.md").read_text(encoding="utf-8"), re.DOTALL)
    written: dict[str, Kind] = {}
    exec(example, written)
    kind = written["KIND"]
    monkeypatch.setitem(kinds.KINDS, kind.code, kind)  # type: ignore[arg-type]
    return kind


async def test_given_back(caseroom: CaseRoom, lost_and_found: Kind) -> None:
    """Found, kept, given back."""
    case = await caseroom.open(lost_and_found.code, "worker", {"what": "一串钥匙"})
    case = await caseroom.act(case, "staff", "ACCEPT")
    case = await caseroom.act(case, "staff", "GIVE_BACK", "to the owner of flat 301")
    assert (case.state, case.number[:2], case.details["what"]) == ("GIVEN_BACK", "SW", "一串钥匙")


async def test_handed_on(caseroom: CaseRoom, standing_clock: StandingClock, lost_and_found: Kind) -> None:
    """Kept from Wed 20 May; after ten working days, Wed 3 June, it is handed on by itself."""
    case = await caseroom.open(lost_and_found.code, "worker", {"what": "一把雨伞"})
    case = await caseroom.act(case, "staff", "ACCEPT")
    standing_clock.moment = local(4, 0, 1, month=6)
    await caseroom.sweep()
    assert (await caseroom.case(case.id)).state == "HANDED_ON"
