"""The words in which a kind of case is written: data only, no table, no clock.

A kind is one file in `services/cases/kinds/`: what opening asks (a pydantic model), states, actions, rungs and terms.
The engine runs it; see docs/casework.md for how to add one.
"""

import enum
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.errors import Refusal
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel
from services.models.cases import UnitKind
from services.models.organisations import OrganisationKind


class Form(BaseModel):
    """What opening or an action asks. Unknown fields are refused; its JSON Schema is what a front end draws."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=2000)


class Nothing(Form):
    """No fields."""


class Party(enum.StrEnum):
    """What somebody is to a case; one may be several."""

    OPENER = "OPENER"  # opened it: by an account, or with the tracking code
    AGENT = "AGENT"  # the one agent who stays with it through all rungs
    ASSIGNEE = "ASSIGNEE"  # has it in hand on this rung
    RUNG = "RUNG"  # holds a role of the rung in the case's area, or belongs to the unit in charge
    OVERSEER = "OVERSEER"  # allows pauses and longer terms, and never handles the case meanwhile
    UNIT = "UNIT"  # works for a unit that was called to the spot
    TEAM = "TEAM"  # of the case's own team
    SYSTEM = "SYSTEM"  # nobody: a term has passed


class Effect(enum.StrEnum):
    """What an action does beside changing the state."""

    NONE = "NONE"
    ACCEPT = "ACCEPT"
    ASSIGN = "ASSIGN"
    CLIMB = "CLIMB"
    DESCEND = "DESCEND"
    RETURN = "RETURN"
    JOIN_UNIT = "JOIN_UNIT"
    UNIT_DONE = "UNIT_DONE"
    JOIN_MEMBER = "JOIN_MEMBER"
    LEAVE_MEMBER = "LEAVE_MEMBER"
    EXTEND = "EXTEND"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    LINK = "LINK"
    RATE = "RATE"
    CONSENT = "CONSENT"
    REVOKE = "REVOKE"
    COUNT_VOTES = "COUNT_VOTES"


class Start(enum.StrEnum):
    """From when a term runs: the case came to the rung, was accepted there, or one of the term's actions was done."""

    ENTERED = "ENTERED"
    ACCEPTED = "ACCEPTED"
    ACTION = "ACTION"


@dataclass(frozen=True, slots=True)
class Done:
    """Something done earlier to the case: the action, when, and the fields it was done with."""

    action: str
    at: datetime
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard may look at. `tally` counts ballots by choice, `eligible` the households that may vote."""

    state: str
    rung: str
    details: Mapping[str, Any]
    fields: Mapping[str, Any]
    today: date
    past: Sequence[Done] = ()
    tally: Mapping[str, int] = field(default_factory=dict)
    eligible: int = 0
    has_consent: bool = False
    open_links: Mapping[str, int] = field(default_factory=dict)

    def done(self, action: str) -> list[Done]:
        """The earlier times that an action was done, first to last."""
        return [each for each in self.past if each.action == action]


@dataclass(frozen=True, slots=True)
class Spawn:
    """A case that follows from an action: opened with it, in the same act, and linked by `relation`."""

    kind: str
    subject: str
    details: Mapping[str, Any]
    relation: str
    description: str = ""
    household_id: uuid.UUID | None = None


Guard = Callable[[Situation], Refusal | None]
Follow = Callable[[Situation], Sequence[Spawn]]
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done in some states by some parties.

    `target` None: the state stays (or goes where the effect says). `told` is what a resident without an account reads
    of it; empty: nothing. `answers`: its note is written to that resident, who reads it; no other note leaves
    the house. `guard` gives the refusal, or None. `follows` gives the cases that come of it.
    """

    name: str
    source: tuple[str, ...]
    target: str | None
    by: frozenset[Party]
    fields: type[Form] = Nothing
    effect: Effect = Effect.NONE
    guard: Guard | None = None
    follows: Follow | None = None
    told: str = ""
    needs_note: bool = False
    while_paused: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A place on the ladder: the area of which level, whose roles there act for it, and what office takes charge.

    `teams` of these kinds stand on it by their rosters: whoever is at a post there when the case comes gets it.
    """

    code: str
    level: AreaLevel
    roles: tuple[Role, ...]
    unit: UnitKind | None = None
    teams: tuple[OrganisationKind, ...] = ()


CLIMB = "CLIMB"
STAY = "STAY"


@dataclass(frozen=True, slots=True)
class Term:
    """A clock: so many working days (or seconds) from its start until one of `met_by` is done.

    `rung` None: on every rung. `longer` is the term of a complex matter. `missed`: the case climbs, stays (reminders go
    on), or the system does an action of that name. `started_by` names the actions for Start.ACTION; each starts it
    anew. `due_field` names a date in the details at whose end it is due, instead of an amount; `amount_field` an
    amount there.
    """

    name: str
    amount: int
    met_by: tuple[str, ...]
    starts: Start = Start.ENTERED
    started_by: tuple[str, ...] = ()
    unit: TimeUnit = TimeUnit.WORKING_DAYS
    rung: str | None = None
    longer: int | None = None
    missed: str = CLIMB
    due_field: str | None = None
    amount_field: str | None = None

    @property
    def working_days(self) -> int | None:
        """The amount, when it is counted in working days."""
        return self.amount if self.unit is TimeUnit.WORKING_DAYS else None

    @property
    def seconds(self) -> int | None:
        """The amount, when it is counted in seconds."""
        return self.amount if self.unit is TimeUnit.SECONDS else None


@dataclass(frozen=True, slots=True)
class Ballot:
    """One household, one vote: the state in which votes are cast, and the fields of the details that say how."""

    state: str
    choices_field: str = "choices"
    secret_field: str = "secret"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case. `roles` may open it; `residents`: so may somebody without an account. `sealed`: its team only.

    `told` are the states in the words that residents read. `last_resort` is the rung that cannot return a case.
    `assignee_field` names a worker's id in the details, who gets the case at its opening. `steps` tells by end state
    at which step a case was settled, first step first, so that the share of each is a count.
    """

    code: str
    prefix: str
    name: str
    name_en: str
    details: type[Form]
    states: Words
    initial: str
    ends: frozenset[str]
    rungs: tuple[Rung, ...]
    actions: tuple[Action, ...]
    terms: tuple[Term, ...]
    roles: frozenset[Role]
    residents: bool = False
    sealed: bool = False
    needs_consent: bool = False
    last_resort: str | None = None
    ballot: Ballot | None = None
    overseers: tuple[Role, ...] = (Role.COMMUNITY_STAFF, Role.MANAGER, Role.SUPERVISOR)
    follows: Follow | None = None
    assignee_field: str | None = None
    steps: Words = field(default_factory=dict)

    def action(self, name: str) -> Action | None:
        """The action with this name."""
        return next((each for each in self.actions if each.name == name), None)

    def rung_number(self, code: str) -> int:
        """The place of a rung on the ladder."""
        return next(i for i, rung in enumerate(self.rungs) if rung.code == code)

    def terms_on(self, rung: int) -> list[Term]:
        """The terms of a rung: what is said for it alone goes before what is said for all."""
        code = self.rungs[rung].code
        own = {term.name for term in self.terms if term.rung == code}
        return [term for term in self.terms if term.rung == code or (term.rung is None and term.name not in own)]


def action(name: str, way: str, by: Sequence[Party], **options: Any) -> Action:
    """An action told as `"RECEIVED ACCEPTED > ANSWERED"`; nothing after `>`: the state stays."""
    source, _, target = way.partition(">")
    return Action(name, tuple(source.split()), target.strip() or None, frozenset(by), **options)
