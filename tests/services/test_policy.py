"""The table of rights: whole, read as it is written, and never more open than the rules that stand above it."""

import uuid

import pytest

from services import policy_page
from services.access import Held, Reach, reach
from services.models import AreaLevel, Role
from services.policy import TABLE, FieldClass, Relation, Right, Thing, cells, relation_of, right

BY_AREA = (Relation.OWN_GRID, Relation.OWN_COMMUNITY, Relation.ABOVE)
HERE, THERE = uuid.UUID(int=1), uuid.UUID(int=2)


def test_the_table_is_read_letter_by_letter() -> None:
    """A line worked out, a dispatcher in the own community: `resident  AM--  AM--  AM--  C---  AAA-  AAA-`."""
    told = [right([Role.DISPATCHER], Thing.RESIDENT, Relation.OWN_COMMUNITY, field) for field in FieldClass]
    assert told == [Right.ALLOW, Right.MASK, Right.DENY, Right.DENY]
    assert right([Role.DISPATCHER], Thing.RESIDENT, Relation.ELSEWHERE, FieldClass.PUBLIC) is Right.COUNT
    assert right([Role.DISPATCHER], Thing.RESIDENT, Relation.IN_HAND, FieldClass.SENSITIVE) is Right.ALLOW


def test_each_line_stands_once_and_whole() -> None:
    """Six cells a line, four letters a cell; no role and thing twice."""
    lines = [line.split() for line in TABLE.strip().splitlines()[1:] if line]
    assert {len(line) for line in lines} == {2 + len(Relation)}
    assert {len(cell) for line in lines for cell in line[2:]} == {len(FieldClass)}
    assert len({(role, thing) for role, thing, *_ in lines}) == len(lines)
    assert len(cells()) == len(lines) * len(Relation) * len(FieldClass)


@pytest.mark.parametrize("role", Role)
def test_what_has_no_line_is_denied(role: Role) -> None:
    """A device has no line at all; whatever the roles, none of them is nothing."""
    written = {(one, thing) for one, thing, _, _ in cells()}
    for thing in Thing:
        if (role, thing) not in written:
            assert all(right([role], thing, where, what) is Right.DENY for where in Relation for what in FieldClass)
    assert right([], Thing.RESIDENT, Relation.OWN_GRID, FieldClass.PUBLIC) is Right.DENY
    assert (Role.TERMINAL, Thing.HOUSEHOLD) not in written


def test_rules_above_the_table() -> None:
    """Sealed things open to their team alone; nobody reads people elsewhere; a planner and an auditor see no name."""
    for (role, thing, relation, field), given in cells().items():
        if field is FieldClass.SEALED and given is not Right.DENY:
            assert (thing, relation) == (Thing.CARE, Relation.TEAM)
        if relation is Relation.ELSEWHERE and thing in (Thing.HOUSEHOLD, Thing.RESIDENT, Thing.CARE, Thing.CALL):
            assert given <= Right.COUNT
        if role is Role.PLANNER and thing is not Thing.WORKER:
            assert given <= Right.COUNT
        if role is Role.AUDITOR and thing in (Thing.HOUSEHOLD, Thing.RESIDENT) and field is not FieldClass.PUBLIC:
            assert given <= Right.MASK


def test_more_sensitive_is_never_more_open() -> None:
    """From left to right in a cell rights only fall."""
    for (role, thing, relation, field), given in cells().items():
        following = list(FieldClass)[list(FieldClass).index(field) + 1 :]
        if relation is not Relation.TEAM:
            assert all(cells()[role, thing, relation, later] <= given for later in following)


def test_a_role_is_as_near_as_its_area() -> None:
    levels = (AreaLevel.GRID, AreaLevel.COMMUNITY, AreaLevel.STREET, AreaLevel.DISTRICT, None)
    assert [relation_of(level) for level in levels] == [
        Relation.OWN_GRID,
        Relation.OWN_COMMUNITY,
        Relation.ABOVE,
        Relation.ABOVE,
        Relation.ABOVE,
    ]


def test_several_roles_reach_as_far_as_each_of_them() -> None:
    """Volunteer here, planner there: finds here, and people's names nowhere."""
    held = (Held(Role.VOLUNTEER, AreaLevel.GRID, (HERE,)), Held(Role.PLANNER, AreaLevel.GRID, (THERE,)))
    assert reach(held, Thing.HOUSEHOLD, FieldClass.PUBLIC, Right.MASK) == Reach(False, (HERE,))
    assert reach(held, Thing.RESIDENT, FieldClass.PERSONAL, Right.MASK) == Reach(False, (HERE,))
    assert reach(held, Thing.RESIDENT, FieldClass.PERSONAL, Right.ALLOW) == Reach()


def test_everywhere_is_for_the_role_that_is_held_everywhere() -> None:
    """A planner of everywhere who is grid worker in one grid finds people in that grid alone."""
    held = (Held(Role.PLANNER, None), Held(Role.GRID_WORKER, AreaLevel.GRID, (HERE,)))
    assert reach(held, Thing.HOUSEHOLD, FieldClass.PUBLIC, Right.MASK) == Reach(False, (HERE,))
    assert reach((Held(Role.ADMIN, None),), Thing.CARE, FieldClass.SENSITIVE, Right.ALLOW) == Reach(True)


def test_the_printed_page_is_the_committed_one(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m services.policy_page --check` agrees, and would not if a cell were another."""
    assert policy_page.main(["--check"]) == 0, capsys.readouterr().err
    text = policy_page.FILE.read_text(encoding="utf-8")
    line = "| PLANNER | resident | `C---` | `C---` | `C---` | `C---` | `----` | `----` |"
    assert line in text
    assert policy_page.page(text.replace(line, line.replace("C", "A"))) == text
