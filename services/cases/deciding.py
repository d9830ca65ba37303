"""What an action makes of a case. Pure: case, deed and calendar go in, the new case comes out, or a refusal."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.cases import refusals, terms
from services.cases.kind import Action, Effect, Form, Kind, Nothing
from services.cases.states import CaseState, MemberPart, PausedSpan, UnitPart
from services.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Owner:
    """Who gets a case on a rung by itself: the worker of the place, the office in charge; either may be missing."""

    worker_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None


NOBODY = Owner()


@dataclass(frozen=True, slots=True)
class Deed:
    """An action about to be done: by whom, when, with which fields, and who owns each rung."""

    action: Action
    at: datetime
    account_id: uuid.UUID | None = None
    worker_id: uuid.UUID | None = None
    fields: Form = field(default_factory=Nothing)
    owners: Mapping[int, Owner] = field(default_factory=dict)
    unit_ids: frozenset[uuid.UUID] = frozenset()
    details: Mapping[str, Any] = field(default_factory=dict)

    def owner(self, rung: int) -> Owner:
        """Who gets the case on a rung."""
        return self.owners.get(rung, NOBODY)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a case begins: when, on which rung, with whom, by which rules, with whose consent."""

    at: datetime
    owner: Owner
    close_starts: str
    details: Mapping[str, Any]
    consent: bool = False
    opener_id: uuid.UUID | None = None


def first_owner(kind: Kind, details: Mapping[str, Any], of_rung: Owner) -> Owner:
    """Whom the form names, else who owns the first rung; a sealed case falls to nobody but its team."""
    named = details.get(kind.assignee_field) if kind.assignee_field else None
    if kind.sealed:
        return NOBODY
    return replace(of_rung, worker_id=uuid.UUID(named)) if named else of_rung


def begun(kind: Kind, how: Beginning, calendar: WorkCalendar) -> CaseState:
    """A new case on its first rung, with the terms that run from there; the opener of a sealed one is of its team."""
    team = (MemberPart(how.opener_id, "OPENER", how.at),) if kind.sealed and how.opener_id else ()
    state = CaseState(
        state=kind.initial,
        rung=0,
        close_starts=how.close_starts,
        assignee_id=how.owner.worker_id,
        unit_id=how.owner.unit_id,
        lead_unit_id=how.owner.unit_id,
        consent_at=how.at if how.consent else None,
        members=team,
    )
    return terms.entered(kind, state, how.at, how.details, calendar)


def done(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    """The case after the deed. Raises CaseNotNow, CaseIsPaused and what the effect refuses."""
    if state.state not in deed.action.source:
        raise refusals.CaseNotNow(state=state.state, action=deed.action.name, current=state.state)
    if state.is_paused and not deed.action.while_paused:
        raise refusals.CaseIsPaused(reason=state.pauses[-1].reason)
    after = replace(state, state=deed.action.target or state.state)
    after = terms.met(kind, after, deed.action.name, deed.at)
    after = EFFECTS[deed.action.effect](kind, after, deed, calendar)
    after = terms.started_by(kind, after, deed.action.name, deed.at, deed.details, calendar)
    if after.state in kind.ends:
        after = terms.all_ended(replace(after, ended_at=deed.at), deed.at)
    return replace(after, version=state.version + 1)


def reminded(state: CaseState, term_id: uuid.UUID, now: datetime, calendar: WorkCalendar) -> CaseState:
    """The case after a look at one of its terms: one more look done, the next one set."""
    looked = tuple(
        terms.looked(each, state.pauses, now, calendar) if each.id == term_id else each for each in state.terms
    )
    return replace(state, terms=looked, version=state.version + 1)


def recalculated(state: CaseState, calendar: WorkCalendar) -> CaseState:
    """The case with its provisional terms told anew by a calendar that knows more; the same when nothing moves."""
    told = tuple(
        terms.due_anew(term, state.pauses, calendar) if term.is_running and term.provisional else term
        for term in state.terms
    )
    return state if told == state.terms else replace(state, terms=told, version=state.version + 1)


def to_rung(kind: Kind, state: CaseState, rung: int, deed: Deed, calendar: WorkCalendar) -> CaseState:
    """On another rung the case begins anew; its agent stays, the first unit in charge stays responsible."""
    owner = NOBODY if kind.sealed else deed.owner(rung)
    left = terms.all_ended(state, deed.at)
    fresh = replace(
        left,
        state=kind.initial,
        rung=rung,
        assignee_id=owner.worker_id,
        officer_id=None,
        unit_id=owner.unit_id,
        lead_unit_id=state.lead_unit_id or owner.unit_id,
        accepted_at=None,
    )
    return terms.entered(kind, fresh, deed.at, deed.details, calendar)


def _nothing(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    return state


def _accept(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    if kind.needs_consent and state.consent_at is None:
        raise refusals.ConsentNeeded
    by_worker = deed.worker_id is not None
    taken = replace(
        state,
        assignee_id=deed.worker_id,
        officer_id=None if by_worker else deed.account_id,
        agent_id=state.agent_id or deed.worker_id,
        accepted_at=deed.at,
    )
    return terms.accepted(kind, taken, deed.at, deed.details, calendar)


def _assign(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    told = deed.fields.model_dump()
    agent = told["worker_id"] if told["agent"] else state.agent_id
    return replace(state, assignee_id=told["worker_id"], officer_id=None, agent_id=agent)


def _climb(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    if state.rung + 1 >= len(kind.rungs):
        raise refusals.TopOfLadder
    return to_rung(kind, state, state.rung + 1, deed, calendar)


def _descend(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    if state.rung == 0:
        raise refusals.BottomOfLadder
    return to_rung(kind, state, state.rung - 1, deed, calendar)


def _return(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    """Shuffling buys no time: the clocks of the rung go on. The second time the case goes to its last resort."""
    last = kind.rung_number(kind.last_resort) if kind.last_resort else state.rung
    if kind.last_resort is None or state.returns >= 2 or state.rung >= last:
        raise refusals.NotReturnable
    given_back = replace(state, returns=state.returns + 1, agent_id=None, assignee_id=None, officer_id=None)
    if given_back.returns == 2:
        return to_rung(kind, given_back, last, deed, calendar)
    unit_id = deed.fields.model_dump().get("unit_id")
    waiting = replace(given_back, state=kind.initial, unit_id=unit_id, accepted_at=None)
    return terms.entered(kind, waiting, deed.at, deed.details, calendar)


def _join_unit(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    told = deed.fields.model_dump()
    if any(each.unit_id == told["unit_id"] for each in state.units):
        raise refusals.AlreadyJoined(told["unit_id"])
    lead = state.lead_unit_id or told["unit_id"]
    return replace(state, lead_unit_id=lead, units=(*state.units, UnitPart(**told, joined_at=deed.at)))


def _unit_done(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    unit_id = deed.fields.model_dump()["unit_id"]
    open_parts = [each for each in state.units if each.unit_id == unit_id and each.done_at is None]
    if not open_parts or unit_id not in deed.unit_ids:
        raise refusals.NotJoined(unit_id)
    units = tuple(replace(each, done_at=deed.at) if each in open_parts else each for each in state.units)
    return replace(state, units=units)


def _join_member(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    told = deed.fields.model_dump()
    others = tuple(each for each in state.members if each.account_id != told["account_id"])
    return replace(state, members=(*others, MemberPart(**told, since=deed.at)))


def _leave_member(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    account_id = deed.fields.model_dump()["account_id"]
    staying = [each for each in state.members if each.until is None and each.account_id != account_id]
    if kind.sealed and not staying:
        raise refusals.NotMet(
            reason="A sealed case needs somebody in its team: let another join before this one leaves."
        )
    members = tuple(
        replace(each, until=deed.at) if each.account_id == account_id and each.until is None else each
        for each in state.members
    )
    return replace(state, members=members)


def _extend(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    if state.is_complex:
        raise refusals.AlreadyComplex
    if all(term.longer is None for term in kind.terms_on(state.rung)):
        raise refusals.NoLongerTerm
    return terms.lengthened(kind, replace(state, is_complex=True), calendar)


def _pause(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    span = PausedSpan(deed.at, deed.fields.model_dump()["reason"], deed.account_id)
    return terms.told_anew(replace(state, pauses=(*state.pauses, span)), deed.at, calendar)


def _resume(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    if not state.is_paused:
        raise refusals.CaseNotPaused
    ended = replace(state.pauses[-1], until=deed.at)
    return terms.told_anew(replace(state, pauses=(*state.pauses[:-1], ended)), deed.at, calendar)


def _rate(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    """Not satisfied opens the same case again, once a rung; then it climbs; at the top its end is told as it is."""
    satisfied = deed.fields.model_dump()["satisfied"]
    rated = replace(state, satisfied=satisfied, rated_at=deed.at)
    if satisfied:
        return rated
    if state.rung not in state.reopened_rungs:
        again = replace(
            rated,
            state=kind.initial,
            round=state.round + 1,
            reopened_rungs=(*state.reopened_rungs, state.rung),
            accepted_at=None,
        )
        return terms.entered(kind, terms.all_ended(again, deed.at), deed.at, deed.details, calendar)
    if state.rung + 1 < len(kind.rungs):
        return to_rung(kind, replace(rated, round=state.round + 1), state.rung + 1, deed, calendar)
    return rated


def _consent(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    return replace(state, consent_at=state.consent_at or deed.at)


def _revoke(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    return replace(state, consent_at=None)


Change = Callable[[Kind, CaseState, Deed, WorkCalendar], CaseState]
EFFECTS: Mapping[Effect, Change] = {
    Effect.NONE: _nothing,
    Effect.LINK: _nothing,
    Effect.COUNT_VOTES: _nothing,
    Effect.ACCEPT: _accept,
    Effect.ASSIGN: _assign,
    Effect.CLIMB: _climb,
    Effect.DESCEND: _descend,
    Effect.RETURN: _return,
    Effect.JOIN_UNIT: _join_unit,
    Effect.UNIT_DONE: _unit_done,
    Effect.JOIN_MEMBER: _join_member,
    Effect.LEAVE_MEMBER: _leave_member,
    Effect.EXTEND: _extend,
    Effect.PAUSE: _pause,
    Effect.RESUME: _resume,
    Effect.RATE: _rate,
    Effect.CONSENT: _consent,
    Effect.REVOKE: _revoke,
}


def climbing(at: datetime, owners: Mapping[int, Owner], details: Mapping[str, Any]) -> Deed:
    """The deed of a term that has passed."""
    return Deed(action=CLIMBS, at=at, owners=owners, details=details)


def climbed(kind: Kind, state: CaseState, deed: Deed, calendar: WorkCalendar) -> CaseState:
    """The case on the next rung, because a term has passed. Raises TopOfLadder."""
    return replace(_climb(kind, state, deed, calendar), version=state.version + 1)


CLIMBS = Action("CLIMBED", (), None, frozenset(), effect=Effect.CLIMB)
