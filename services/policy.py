"""The policy: who may see what of people, by role, by how near the role is held, by thing and by class of field.

One table, read at a glance. It drives the access helper (`services.access`), row-level security in PostgreSQL
(`services.row_policies`) and the printed page (`services.policy_page`). What has no line is denied.
"""

import enum
from collections.abc import Iterable
from functools import cache

from services.models import AreaLevel, Role


class Relation(enum.StrEnum):
    """How near the area in which a role is held lies to the thing; the last two open one home or one record."""

    OWN_GRID = "own grid"
    OWN_COMMUNITY = "own community"
    ABOVE = "above"
    ELSEWHERE = "elsewhere"
    IN_HAND = "in hand"
    TEAM = "team"


class Thing(enum.StrEnum):
    """What there is to know."""

    HOUSEHOLD = "household"
    RESIDENT = "resident"
    CARE = "care"
    CALL = "call"
    WORKER = "worker"


class FieldClass(enum.StrEnum):
    """How much a field gives away. The order is that of the letters in the table."""

    PUBLIC = "public"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    SEALED = "sealed"


class Right(enum.IntEnum):
    """What a field gives: nothing, part of a number, a masked value, the value. Several roles: the most of them."""

    DENY = 0
    COUNT = 1
    MASK = 2
    ALLOW = 3


# Four letters a cell, for public, personal, sensitive and sealed fields: A the value, M masked, C counts, - nothing.
# "in hand": the home of an open call that one has taken or claimed, or whose seal one has broken with a reason.
# "team": homes and records for which one stands by name.
TABLE = """
role             thing      own grid  own community  above  elsewhere  in hand  team
GRID_WORKER      household  AAA-      AAA-           AM--   C---       AAA-     AAA-
GRID_WORKER      resident   AAA-      AAA-           AM--   C---       AAA-     AAA-
GRID_WORKER      care       AAA-      AAA-           C---   C---       AAA-     AAAA
GRID_WORKER      call       AAA-      AAA-           AAA-   ----       AAA-     ----
GRID_WORKER      worker     AA--      AA--           AM--   AM--       ----     ----

VOLUNTEER        household  AA--      AA--           C---   C---       AAA-     AAA-
VOLUNTEER        resident   AM--      AM--           C---   C---       AAA-     AAA-
VOLUNTEER        care       C---      C---           C---   C---       AAA-     AAAA
VOLUNTEER        call       ----      ----           ----   ----       AAA-     ----
VOLUNTEER        worker     AM--      AM--           AM--   AM--       ----     ----

SOCIAL_WORKER    household  AAA-      AAA-           AM--   C---       AAA-     AAA-
SOCIAL_WORKER    resident   AAA-      AAA-           AM--   C---       AAA-     AAA-
SOCIAL_WORKER    care       AAA-      AAA-           C---   C---       AAA-     AAAA
SOCIAL_WORKER    call       AAA-      AAA-           AAA-   ----       AAA-     ----
SOCIAL_WORKER    worker     AM--      AM--           AM--   AM--       ----     ----

COMMUNITY_STAFF  household  AAA-      AAA-           AA--   C---       AAA-     AAA-
COMMUNITY_STAFF  resident   AAA-      AAA-           AM--   C---       AAA-     AAA-
COMMUNITY_STAFF  care       AAA-      AAA-           C---   C---       AAA-     AAAA
COMMUNITY_STAFF  call       AAA-      AAA-           AAA-   ----       AAA-     ----
COMMUNITY_STAFF  worker     AA--      AA--           AA--   AM--       ----     ----

DISPATCHER       household  AA--      AA--           AA--   C---       AAA-     AAA-
DISPATCHER       resident   AM--      AM--           AM--   C---       AAA-     AAA-
DISPATCHER       care       C---      C---           C---   C---       AAA-     AAAA
DISPATCHER       call       AAA-      AAA-           AAA-   ----       AAA-     ----
DISPATCHER       worker     AA--      AA--           AA--   AM--       ----     ----

SUPERVISOR       household  AA--      AA--           AA--   C---       AAA-     AAA-
SUPERVISOR       resident   AM--      AM--           AM--   C---       AAA-     AAA-
SUPERVISOR       care       C---      C---           C---   C---       AAA-     AAAA
SUPERVISOR       call       AAA-      AAA-           AAA-   ----       AAA-     ----
SUPERVISOR       worker     AA--      AA--           AA--   AM--       ----     ----

MANAGER          household  AAA-      AAA-           AAA-   C---       AAA-     AAA-
MANAGER          resident   AAA-      AAA-           AAA-   C---       AAA-     AAA-
MANAGER          care       AAA-      AAA-           AAA-   C---       AAA-     AAAA
MANAGER          call       AAA-      AAA-           AAA-   ----       AAA-     ----
MANAGER          worker     AA--      AA--           AA--   AM--       ----     ----

ADMIN            household  AAA-      AAA-           AAA-   C---       AAA-     AAA-
ADMIN            resident   AAA-      AAA-           AAA-   C---       AAA-     AAA-
ADMIN            care       AAA-      AAA-           AAA-   C---       AAA-     AAAA
ADMIN            call       AAA-      AAA-           AAA-   ----       AAA-     ----
ADMIN            worker     AA--      AA--           AA--   AM--       ----     ----

AUDITOR          household  AM--      AM--           AM--   C---       ----     ----
AUDITOR          resident   AM--      AM--           AM--   C---       ----     ----
AUDITOR          care       C---      C---           C---   C---       ----     ----
AUDITOR          call       AAA-      AAA-           AAA-   ----       ----     ----
AUDITOR          worker     AM--      AM--           AM--   AM--       ----     ----

PLANNER          household  C---      C---           C---   C---       ----     ----
PLANNER          resident   C---      C---           C---   C---       ----     ----
PLANNER          care       C---      C---           C---   C---       ----     ----
PLANNER          worker     AM--      AM--           AM--   AM--       ----     ----
"""

CASE_STAFF = frozenset(
    {
        Role.GRID_WORKER,
        Role.SOCIAL_WORKER,
        Role.COMMUNITY_STAFF,
        Role.MANAGER,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.AUDITOR,
    }
)
"""The roles that see the cases of their areas, the sealed ones apart; administrators of the platform do not."""

LETTERS = {"A": Right.ALLOW, "M": Right.MASK, "C": Right.COUNT, "-": Right.DENY}
BY_AREA = {AreaLevel.GRID: Relation.OWN_GRID, AreaLevel.COMMUNITY: Relation.OWN_COMMUNITY}

Cell = tuple[Role, Thing, Relation, FieldClass]


def right(roles: Iterable[Role], thing: Thing, relation: Relation, field: FieldClass) -> Right:
    """The most that any of `roles` gives for this class of field; DENY where the table has no line."""
    return max((cells().get((role, thing, relation, field), Right.DENY) for role in roles), default=Right.DENY)


def relation_of(level: AreaLevel | None) -> Relation:
    """How near a role held in an area of this level (None: everywhere) is to what lies inside that area."""
    return BY_AREA.get(level, Relation.ABOVE) if level else Relation.ABOVE


@cache
def cells() -> dict[Cell, Right]:
    """The table, taken apart."""
    _, *lines = (line.split() for line in TABLE.strip().splitlines() if line)
    found: dict[Cell, Right] = {}
    for role, thing, *given in lines:
        for relation, letters in zip(Relation, given, strict=True):
            for field, letter in zip(FieldClass, letters, strict=True):
                found[Role(role), Thing(thing), relation, field] = LETTERS[letter]
    return found
