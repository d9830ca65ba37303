"""Kinds of case: what opening asks, what may be done in which state by whom, and which clocks run."""

from typing import Any

from strawberry import Parent
from strawberry.scalars import JSON

from schema.context import Info
from schema.lens import field, lens, listing, shown
from services.cases import kinds
from services.cases.kind import Action, Kind, Rung, Term
from services.models import AreaLevel

MOST_KINDS = 60
MOST_ACTIONS = 60
MOST_STATES = 30
MOST_RUNGS = 10
MOST_TERMS = 30
MOST_PARTIES = 8


@lens
class CaseKindAction:
    """Something that may be done to a case of a kind."""

    name: str = shown("Send it as `action`.")
    told: str = shown("What a resident without an account reads of it; empty: nothing.")
    needs_note: bool = shown("True when own words must go with it.")
    answers: bool = shown(
        "True when whoever raised the matter reads the note, without an account, too: write it to them."
    )

    @listing(graphql_type=list[str], at_most=MOST_STATES, name="from")
    def from_(self, row: Parent[Action]) -> list[str]:
        """The states in which it may be done."""
        return list(row.source)

    @field()
    def to(self, row: Parent[Action]) -> str | None:
        """The state after it; null: the state stays, or the case goes where the action says."""
        return row.target

    @listing(graphql_type=list[str], at_most=MOST_PARTIES)
    def by(self, row: Parent[Action]) -> list[str]:
        """Who may do it: OPENER, AGENT, ASSIGNEE, RUNG, OVERSEER, UNIT, TEAM, or SYSTEM (by itself)."""
        return sorted(row.by)

    @field(graphql_type=JSON)
    def fields_schema(self, row: Parent[Action]) -> dict[str, Any]:
        """What it asks, as JSON Schema."""
        return row.fields.model_json_schema()


@lens
class CaseKindTerm:
    """A clock of a kind."""

    name: str = shown("Its name.")
    working_days: int | None = shown("How long, when it is counted in working days.")
    seconds: int | None = shown("How long, when it is counted in seconds.")
    longer: int | None = shown("How long for a complex matter, by decision; null when there is no such form.")
    missed: str = shown("When it is missed: CLIMB, STAY (reminders go on), or the action that is then done by itself.")
    rung: str | None = shown("The only rung on which it runs; null: on each.")

    @field()
    def starts(self, row: Parent[Term]) -> str:
        """From when it runs: ENTERED (it came to the rung), ACCEPTED (there), or ACTION."""
        return row.starts.value

    @listing(graphql_type=list[str], at_most=MOST_ACTIONS)
    def met_by(self, row: Parent[Term]) -> list[str]:
        """The actions that meet it."""
        return list(row.met_by)


@lens
class CaseKindRung:
    """A place on the ladder of a kind."""

    code: str = shown("Its name.")
    level: AreaLevel = shown("The area of which level answers on it.")


@lens
class CaseKind:
    """A kind of case."""

    code: str = shown("Send it as `kind`.")
    name: str = shown("Name in Chinese.")
    name_en: str = shown("Name in English.")
    initial: str = shown("The state in which a case begins on every rung.")
    sealed: bool = shown("True when only the case's own team sees it.")
    residents: bool = shown("True when people without an account may open it.")
    needs_consent: bool = shown("True when it is taken on with consent only.")

    @field(graphql_type=JSON)
    def details_schema(self, row: Parent[Kind]) -> dict[str, Any]:
        """What opening asks, as JSON Schema."""
        return row.details.model_json_schema()

    @field(graphql_type=JSON)
    def states(self, row: Parent[Kind]) -> dict[str, str]:
        """The states by code, in words."""
        return dict(row.states)

    @listing(graphql_type=list[str], at_most=MOST_STATES)
    def ends(self, row: Parent[Kind]) -> list[str]:
        """The states in which it is over."""
        return sorted(row.ends)

    @listing(graphql_type=list[CaseKindAction], at_most=MOST_ACTIONS)
    def actions(self, row: Parent[Kind]) -> list[Action]:
        """What may be done."""
        return list(row.actions)

    @listing(graphql_type=list[CaseKindTerm], at_most=MOST_TERMS)
    def terms(self, row: Parent[Kind]) -> list[Term]:
        """Its clocks."""
        return list(row.terms)

    @listing(graphql_type=list[CaseKindRung], at_most=MOST_RUNGS)
    def rungs(self, row: Parent[Kind]) -> list[Rung]:
        """Its ladder, from the lowest."""
        return list(row.rungs)


@lens
class CaseKindQuery:
    """What can be asked of kinds."""

    @listing(graphql_type=list[CaseKind] | None, at_most=MOST_KINDS)
    async def case_kinds(self, info: Info) -> list[Kind]:
        """All kinds of case."""
        return list(kinds.ALL)
