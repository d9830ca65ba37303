"""The actions that most kinds share: the ladder by hand, hands changed, units called, longer terms, pauses, links."""

import uuid
from collections.abc import Sequence

from pydantic import Field

from services.cases.kind import Action, Effect, Form, Party, action


class ToUnit(Form):
    """An office, and its own part of the matter."""

    unit_id: uuid.UUID
    part: str = Field(min_length=1, max_length=200)


class OfUnit(Form):
    """An office."""

    unit_id: uuid.UUID


class ToWorker(Form):
    """Who is to have it in hand; `agent`: as the one agent who stays with it through all rungs."""

    worker_id: uuid.UUID
    agent: bool = False


class Returned(Form):
    """Whose it is, if that is known."""

    unit_id: uuid.UUID | None = None


class Linked(Form):
    """Another case, and what it is to this one."""

    case_id: uuid.UUID
    relation: str = Field(default="DUPLICATE", pattern="^[A-Z_]{2,40}$")


class Member(Form):
    """Somebody of the case's team, with a part."""

    account_id: uuid.UUID
    part: str = Field(min_length=1, max_length=40)


class NotMember(Form):
    """Somebody who leaves the case's team."""

    account_id: uuid.UUID


class Paused(Form):
    """Why the clock may stand still."""

    reason: str = Field(min_length=2, max_length=200)


class Longer(Form):
    """Why the matter is complex: the decision that gives it the longer term."""

    reason: str = Field(min_length=2, max_length=200)


HANDLERS = (Party.ASSIGNEE, Party.AGENT, Party.RUNG)


def ladder_actions(states: str, handlers: Sequence[Party] = HANDLERS) -> tuple[Action, ...]:
    """Up, down, returned, given to somebody: from any of `states` back to the kind's first state on the other rung."""
    return (
        action("WHISTLE_UP", f"{states} >", handlers, effect=Effect.CLIMB, needs_note=True, told="已上报上一级处理"),
        action("COME_DOWN", f"{states} >", (Party.RUNG,), effect=Effect.DESCEND, needs_note=True),
        action("RETURN", f"{states} >", handlers, effect=Effect.RETURN, fields=Returned, needs_note=True),
        action("ASSIGN", f"{states} >", (Party.RUNG, Party.OVERSEER), effect=Effect.ASSIGN, fields=ToWorker),
    )


def clock_actions(states: str) -> tuple[Action, ...]:
    """A longer term, a pause and its end; allowed by an overseer, recorded with the reason."""
    overseer = (Party.OVERSEER,)
    return (
        action("EXTEND", f"{states} >", overseer, effect=Effect.EXTEND, fields=Longer, told="事项复杂，办理期限已延长"),
        action("PAUSE", f"{states} >", overseer, effect=Effect.PAUSE, fields=Paused, told="已暂停计时"),
        action("RESUME", f"{states} >", overseer, effect=Effect.RESUME, while_paused=True, told="已恢复计时"),
    )


def joint_actions(states: str, handlers: Sequence[Party] = HANDLERS) -> tuple[Action, ...]:
    """Offices called to the spot, cases linked, a note kept."""
    everyone = (*handlers, Party.OVERSEER, Party.UNIT)
    return (
        action("JOIN_UNIT", f"{states} >", handlers, effect=Effect.JOIN_UNIT, fields=ToUnit, told="已联合相关部门"),
        action("UNIT_DONE", f"{states} >", (Party.UNIT,), effect=Effect.UNIT_DONE, fields=OfUnit, needs_note=True),
        action("LINK", f"{states} >", everyone, effect=Effect.LINK, fields=Linked, while_paused=True),
        action("NOTE", f"{states} >", everyone, needs_note=True, while_paused=True),
    )


def team_actions(states: str, by: Sequence[Party] = (Party.TEAM,)) -> tuple[Action, ...]:
    """Who belongs to the case's own team."""
    return (
        action("JOIN_MEMBER", f"{states} >", by, effect=Effect.JOIN_MEMBER, fields=Member),
        action("LEAVE_MEMBER", f"{states} >", by, effect=Effect.LEAVE_MEMBER, fields=NotMember),
    )


def common(states: str, handlers: Sequence[Party] = HANDLERS) -> tuple[Action, ...]:
    """All that a matter on a ladder can have done to it while it is open."""
    return (*ladder_actions(states, handlers), *clock_actions(states), *joint_actions(states, handlers))
