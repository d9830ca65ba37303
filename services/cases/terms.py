"""The clocks of a case: started, met, ended, lengthened, paused, and when each is looked at next. Pure.

A quarter of a term before its end whoever has the case is reminded; at the end it climbs, or it stays and everybody
above is reminded when it is overdue by once, twice, four times its own length, and so on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from services.cases.kind import Kind, Start, Term
from services.cases.states import CaseState, PausedSpan, TermState
from services.ladder import TimeUnit
from services.models.base import new_id
from services.workdays import WorkCalendar, law

BEFORE = 0.25
AT_DUE = 1
MOST_MULTIPLE = 64
A_MOMENT = timedelta(microseconds=1)
FROM_OPENING = "OPENED"
FIXED = "FIXED"


def entered(
    kind: Kind, state: CaseState, at: datetime, details: Mapping[str, Any], calendar: WorkCalendar
) -> CaseState:
    """The case came to its rung: start what runs from there; what runs already goes on."""
    wanted = [
        term
        for term in kind.terms_on(state.rung)
        if term.starts is Start.ENTERED or (term.starts is Start.ACCEPTED and state.close_starts == FROM_OPENING)
    ]
    return _started(state, wanted, at, details, calendar)


def accepted(
    kind: Kind, state: CaseState, at: datetime, details: Mapping[str, Any], calendar: WorkCalendar
) -> CaseState:
    """The case was accepted on its rung."""
    wanted = [term for term in kind.terms_on(state.rung) if term.starts is Start.ACCEPTED]
    return _started(state, wanted, at, details, calendar)


def started_by(
    kind: Kind, state: CaseState, action: str, at: datetime, details: Mapping[str, Any], calendar: WorkCalendar
) -> CaseState:
    """An action starts its terms, anew when they run already."""
    wanted = [term for term in kind.terms_on(state.rung) if action in term.started_by]
    names = {term.name for term in wanted}
    ended = tuple(
        replace(term, ended_at=at, next_look_at=None) if term.is_running and term.name in names else term
        for term in state.terms
    )
    return _started(replace(state, terms=ended), wanted, at, details, calendar)


def met(kind: Kind, state: CaseState, action: str, at: datetime) -> CaseState:
    """An action meets the terms that waited for it."""
    names = {term.name for term in kind.terms_on(state.rung) if action in term.met_by}
    told = tuple(
        replace(term, met_at=at, next_look_at=None) if term.is_running and term.name in names else term
        for term in state.terms
    )
    return replace(state, terms=told)


def all_ended(state: CaseState, at: datetime) -> CaseState:
    """The case left its rung, or has ended: no clock of it runs on."""
    told = tuple(replace(term, ended_at=at, next_look_at=None) if term.is_running else term for term in state.terms)
    return replace(state, terms=told)


def lengthened(kind: Kind, state: CaseState, calendar: WorkCalendar) -> CaseState:
    """A complex matter: what runs gets its longer form, from the same start."""
    longer = {term.name: term.longer for term in kind.terms_on(state.rung) if term.longer is not None}
    told = tuple(
        due_anew(replace(term, amount=longer[term.name]), state.pauses, calendar)
        if term.is_running and term.name in longer
        else term
        for term in state.terms
    )
    return replace(state, terms=told)


def told_anew(state: CaseState, now: datetime, calendar: WorkCalendar) -> CaseState:
    """A pause began or ended: every running clock stands, or goes on by what is left of it."""
    told = (due_anew(term, state.pauses, calendar) if term.is_running else term for term in state.terms)
    return replace(state, terms=tuple(_with_paused_days(term, state.pauses, now, calendar) for term in told))


def due_anew(term: TermState, pauses: Sequence[PausedSpan], calendar: WorkCalendar) -> TermState:
    """The same term with its due time by the calendar and the pauses as they are known now."""
    if term.starts == FIXED:
        return term
    due_at, provisional = _due(term.started_at, term.amount, term.unit, pauses, calendar)
    moved = replace(term, due_at=due_at, provisional=provisional)
    return replace(moved, next_look_at=next_look(moved, pauses, calendar))


def looked(term: TermState, pauses: Sequence[PausedSpan], now: datetime, calendar: WorkCalendar) -> TermState:
    """One look is done, and with it all whose time has passed meanwhile: after an outage nobody is reminded twice."""
    counted = replace(term, looks=term.looks + 1)
    following = next_look(counted, pauses, calendar)
    if following is not None and following <= now:
        return looked(counted, pauses, now, calendar)
    return replace(counted, next_look_at=following)


def next_look(term: TermState, pauses: Sequence[PausedSpan], calendar: WorkCalendar) -> datetime | None:
    """When the term wants to be looked at: before its end, just after it, at multiples of the overrun."""
    if term.due_at is None or not term.is_running:
        return None
    if term.looks == 0:
        before: datetime = term.due_at - (term.due_at - term.started_at) * BEFORE
        return before
    if term.looks == AT_DUE:
        return term.due_at + A_MOMENT
    multiple: int = 2 ** (term.looks - AT_DUE - 1)
    if multiple > MOST_MULTIPLE:
        return None
    if term.starts == FIXED:
        length: timedelta = term.due_at - term.started_at
        return term.due_at + length * multiple
    return _due(term.started_at, term.amount * (1 + multiple), term.unit, pauses, calendar)[0]


def overrun_multiple(term: TermState, now: datetime, calendar: WorkCalendar) -> float:
    """By how many times its own length a term is overdue; 0 while it is in time."""
    end = term.met_at or term.ended_at or now
    if term.due_at is None or end <= term.due_at:
        return 0.0
    if term.unit == TimeUnit.WORKING_DAYS and term.starts != FIXED:
        return calendar.overdue(term.due_at, end) / max(term.amount, 1)
    return (end - term.due_at) / (term.due_at - term.started_at)


def sort_due(state: CaseState) -> datetime | None:
    """The due time that comes first; what boards are ordered by."""
    return min((term.due_at for term in state.running if term.due_at is not None), default=None)


def _started(
    state: CaseState, wanted: Iterable[Term], at: datetime, details: Mapping[str, Any], calendar: WorkCalendar
) -> CaseState:
    known = {term.name for term in state.running}
    fresh = [_fresh(term, state, at, details, calendar) for term in wanted if term.name not in known]
    return replace(state, terms=(*state.terms, *fresh))


def _fresh(term: Term, state: CaseState, at: datetime, details: Mapping[str, Any], calendar: WorkCalendar) -> TermState:
    amount = term.longer if state.is_complex and term.longer is not None else term.amount
    if term.amount_field and details.get(term.amount_field) is not None:
        amount = int(details[term.amount_field])
    begun = TermState(
        id=new_id(),
        name=term.name,
        rung=state.rung,
        round=state.round,
        amount=amount,
        unit=term.unit.value,
        starts=term.starts.value,
        started_at=at,
        due_at=None,
    )
    if term.due_field and details.get(term.due_field):
        return _on_a_date(begun, date.fromisoformat(str(details[term.due_field])), state.pauses, calendar)
    return due_anew(begun, state.pauses, calendar)


def _on_a_date(term: TermState, day: date, pauses: Sequence[PausedSpan], calendar: WorkCalendar) -> TermState:
    """Due at the end of an agreed day; a pause does not move what was agreed."""
    fixed = replace(term, starts=FIXED, due_at=law.end_of(day, calendar.zone, calendar.hours))
    return replace(fixed, next_look_at=next_look(fixed, pauses, calendar))


def _due(
    started_at: datetime, amount: int, unit: str, pauses: Sequence[PausedSpan], calendar: WorkCalendar
) -> tuple[datetime | None, bool]:
    if unit == TimeUnit.WORKING_DAYS:
        found = calendar.deadline(started_at, amount, [each.pause for each in pauses])
        return (found.at, found.provisional) if found else (None, False)
    if pauses and pauses[-1].until is None:
        return None, False
    return started_at + timedelta(seconds=amount) + _stood_still(started_at, pauses), False


def _stood_still(started_at: datetime, pauses: Sequence[PausedSpan]) -> timedelta:
    spans = [(max(each.since, started_at), each.until or each.since) for each in pauses]
    return sum((until - since for since, until in spans if until > since), timedelta())


def _with_paused_days(
    term: TermState, pauses: Sequence[PausedSpan], now: datetime, calendar: WorkCalendar
) -> TermState:
    if not term.is_running:
        return term
    return replace(
        term, paused_working_days=calendar.paused_days(term.started_at, [each.pause for each in pauses], now)
    )
