"""All kinds of case: a new one is one file here and one line in NAMES."""

from collections.abc import Mapping
from importlib import import_module

from services.cases.kind import Kind
from services.errors import Refusal

NAMES = (
    "appeal",
    "petition",
    "visit",
    "pairing",
    "decision",
    "hazard",
    "dispute",
    "claim",
    "detox",
    "meeting",
    "commitment",
    "street",
    "shopfront",
)  # fmt: skip


class KindUnknown(Refusal):
    """There is no kind of case {subject}. Ask `caseKinds` for those that there are."""


ALL: tuple[Kind, ...] = tuple(import_module(f"{__name__}.{name}").KIND for name in NAMES)
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in ALL}


def kind_of(code: str) -> Kind:
    """The kind with this code. Raises KindUnknown."""
    found = KINDS.get(code)
    if found is None:
        raise KindUnknown(code)
    return found
