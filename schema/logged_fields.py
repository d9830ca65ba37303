"""Which fields the read log tells of, and how their reading is noticed: whatever a resolver gave is noted by its row.

A field that holds something personal or sensitive of a person belongs into `LOGGED`, in the same commit.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeAlias

from graphql import GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema

from schema.context import Context
from services import masking

Resolving: TypeAlias = "GraphQLResolveInfo[Context]"

LOGGED: dict[str, tuple[str, ...]] = {
    "Household": ("careCategories",),
    "Resident": ("name", "phone", "birthDate", "identityNumber"),
    "CareRecord": ("category", "level", "notes", "diagnosis"),
    "Consent": ("giver",),
    "Visit": ("note",),
    "Opening": ("reason",),
    "TimelineLine": ("note",),
    "EmergencyContact": ("name", "address"),
    "Case": ("subject", "description", "details"),
    "CaseTimelineLine": ("detail",),
    "Attachment": ("name",),
    "SentFile": ("name",),
}

MAY_BE_MASKED = ("name", "phone")

TELLS: dict[tuple[str, str], Callable[[Any, Any], bool]] = {
    ("Case", "subject"): lambda row, _: row.sealed,  # any other title is without names
    ("Case", "details"): lambda row, _: row.sealed,  # any other form holds ids, codes and numbers
    ("CaseTimelineLine", "detail"): lambda row, value: value != row.detail,  # with what was said in own words
}
"""Of fields that are personal in some rows only: whether this value of this row is."""


def attach(schema: GraphQLSchema) -> None:
    """Have every reading of a logged field noted; types that a schema does not have are passed over."""
    for type_name, names in LOGGED.items():
        shape = schema.type_map.get(type_name)
        if isinstance(shape, GraphQLObjectType):
            for name in names:
                if name in shape.fields:
                    tells = TELLS.get((type_name, name), _always)
                    shape.fields[name].resolve = _noted(name, shape.fields[name].resolve, tells)


def _always(row: Any, value: Any) -> bool:
    return True


def _noted(
    name: str, resolve: Callable[..., Any] | None, tells: Callable[[Any, Any], bool] = _always
) -> Callable[..., Any]:
    assert resolve is not None

    def resolved(row: Any, info: Resolving, **arguments: Any) -> Any:
        return noted(resolve(row, info, **arguments), row, info)

    def noted(value: Any, row: Any, info: Resolving) -> Any:
        return _later(value, row, info) if isawaitable(value) else _note(value, row, info)

    async def _later(value: Awaitable[Any], row: Any, info: Resolving) -> Any:
        return _note(await value, row, info)

    def _note(value: Any, row: Any, info: Resolving) -> Any:
        """Nothing is read where nothing is told: null, an empty list, what is left of a masked name or phone."""
        masked = name in MAY_BE_MASKED and isinstance(value, str) and masking.HIDDEN in value
        somebody = info.context.actor.account_id.int != 0  # who opens a case without an account reads the own words
        if value is not None and value != [] and not masked and somebody and tells(row, value):
            info.context.notes.add(row, name)
        return value

    resolved.beneath, resolved.noted = resolve, noted  # type: ignore[attr-defined]  # for schema.selections
    return resolved
