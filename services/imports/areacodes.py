"""What an area's statistical code tells: its level, its parent, and what lies within it."""

from services.imports.problems import BadValue
from services.imports.values import Cell, plain
from services.models import AreaLevel

LEVELS = list(AreaLevel)


def area_code(cell: Cell) -> str:
    """A statistical code: 12 digits (6 and 9 are filled up with zeros), or 15 for a grid."""
    digits = plain(cell)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (6, 9, 12, 15)):
        raise BadValue("AREA_CODE_FORM", "An area's code has 12 digits, a grid's 15. Write it as text.")
    return digits if len(digits) == 15 else digits.ljust(12, "0")


def level_of(code: str) -> AreaLevel:
    """The level that a code tells: 15 digits are a grid; of 12, zeros at the end leave out the lower levels."""
    if len(code) == 15:
        return AreaLevel.GRID
    if code.endswith("000000"):
        return AreaLevel.DISTRICT
    return AreaLevel.STREET if code.endswith("000") else AreaLevel.COMMUNITY


def parent_code(code: str) -> str | None:
    """The code of the area that it is part of; None for a district."""
    level = level_of(code)
    if level is AreaLevel.DISTRICT:
        return None
    return code[: LEVELS[LEVELS.index(level) - 1].own_digits].ljust(12, "0")


def is_within(code: str, outer: str) -> bool:
    """Whether an area is the outer one or part of it."""
    return code.startswith(outer[: level_of(outer).own_digits])
