"""What holds for every kind: states reached, ends final, terms met, roles kept apart, timelines that rebuild.

A new kind is walked here without a line of its own.
"""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from services import clock
from services.cases import refusals
from services.cases.kind import Action, Effect, Kind, Party, Start
from services.cases.kinds import ALL, KINDS, NAMES, KindUnknown, kind_of
from services.errors import NotFound, Refusal
from services.models import Case
from tests import postgres
from tests.caseforms import Forms, sample
from tests.caseroom import CaseRoom
from tests.caseroom import opened as opened_room
from tests.conftest import StandingClock

BACK_TO_START = (Effect.CLIMB, Effect.DESCEND, Effect.RETURN, Effect.RATE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caseroom(databases: postgres.WorkerDatabases) -> AsyncIterator[CaseRoom]:
    """One district for all kinds: what is done to one case is nothing to another."""
    name = databases.make()
    with clock.frozen(StandingClock()):
        async with opened_room(databases.url(name)) as found:
            yield found
    databases.drop(name)


each_kind = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)


def targets(kind: Kind, action: Action, state: str) -> Iterator[str]:
    """The states that an action may lead to."""
    yield action.target or state
    if action.effect in BACK_TO_START:
        yield kind.initial


def reached(kind: Kind, start: str) -> set[str]:
    """All states that can follow `start`, itself included."""
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        ways = (action for action in kind.actions if state in action.source)
        new = {after for action in ways for after in targets(kind, action, state)} - found
        found |= new
        waiting.extend(new)
    return found


@each_kind
def test_every_state_is_reached_and_an_end_lies_before_each(kind: Kind) -> None:
    """No state is written down in vain, and from each the case can come to an end."""
    assert reached(kind, kind.initial) == set(kind.states)
    for state in kind.states:
        assert reached(kind, state) & kind.ends, state


@each_kind
def test_every_end_is_final(kind: Kind) -> None:
    """Nothing is done to a case that is over, and an end is no beginning."""
    assert kind.ends
    assert kind.initial not in kind.ends
    assert [action.name for action in kind.actions if set(action.source) & kind.ends] == []


@each_kind
def test_every_term_can_be_met_where_it_runs(kind: Kind) -> None:
    """From the state in which a term begins, one of the actions that meet it can be reached."""
    for number, _ in enumerate(kind.rungs):
        for term in kind.terms_on(number):
            for begun in beginnings(kind, term.starts, term.started_by):
                states = reached(kind, begun)
                meeting = [kind.action(name) for name in term.met_by]
                assert all(meeting), term
                assert any(action and set(action.source) & states for action in meeting), (term, begun)


def beginnings(kind: Kind, starts: Start, started_by: tuple[str, ...]) -> Iterator[str]:
    """The states in which a term begins."""
    if starts is Start.ENTERED:
        yield kind.initial
        return
    names = {action.name for action in kind.actions if action.effect is Effect.ACCEPT}
    for name in names if starts is Start.ACCEPTED else started_by:
        action = kind.action(name)
        assert action is not None, name
        yield from (action.target or state for state in action.source)


@each_kind
def test_names_are_used_as_they_are_written(kind: Kind) -> None:
    """Actions have one name each, know their states, and somebody may do them; what is missed names an action."""
    names = [action.name for action in kind.actions]
    assert len(names) == len(set(names))
    for action in kind.actions:
        assert set(action.source) <= set(kind.states), action.name
        assert action.target is None or action.target in kind.states
        assert action.by
    for term in kind.terms:
        system = kind.action(term.missed)
        assert term.missed in ("CLIMB", "STAY") or (system is not None and Party.SYSTEM in system.by)
    assert kind.last_resort is None or kind.last_resort in [rung.code for rung in kind.rungs]
    assert kind.details.model_json_schema()["type"] == "object"


@each_kind
def test_what_is_written_to_residents_is_asked_for_and_told(kind: Kind) -> None:
    """An answer has words, a line that residents read, and is never of a sealed matter or a note kept in the house."""
    for action in (each for each in kind.actions if each.answers):
        assert kind.residents
        assert not kind.sealed
        assert action.needs_note
        assert action.told, action.name


def test_kinds_are_told_apart() -> None:
    """Codes and prefixes are used once; a code that nobody wrote is refused by name."""
    assert len(KINDS) == len(ALL) == len(NAMES)
    assert len({kind.prefix for kind in ALL}) == len(ALL)
    with pytest.raises(KindUnknown):
        kind_of("NO_SUCH_KIND")


@each_kind
async def test_roles_are_kept_apart_and_timelines_rebuild(caseroom: CaseRoom, kind: Kind) -> None:
    """A stranger finds no case; who sees it without a part is refused, and nothing has changed by that.

    Then whatever can be done first is done once: the lines alone tell the case (asserted whenever the room looks).
    """
    case = await opened(caseroom, kind)
    for action in kind.actions:
        with pytest.raises(NotFound):
            await caseroom.act(case, "nobody", action.name)
        if not kind.sealed:
            with pytest.raises(refusals.NotYourPart):
                await caseroom.act(case, "auditor", action.name)
    assert (await caseroom.kinds(case))[0:] == ["OPENED"]
    for first in kind.actions:
        if kind.initial in first.source and first.by != {Party.SYSTEM}:
            case = case if case.state == kind.initial else await opened(caseroom, kind)
            case = await attempt(caseroom, case.id, first)


async def opened(caseroom: CaseRoom, kind: Kind):  # type: ignore[no-untyped-def]
    """A case of the kind, opened by somebody who may."""
    by = next(
        name for name in ("staff", "worker", "street", "leader", "centre") if caseroom.actors[name].roles & kind.roles
    )
    details = sample(kind.details, await forms(caseroom, by))
    return await caseroom.open(kind.code, by, details, consent=True)


async def attempt(caseroom: CaseRoom, case_id: uuid.UUID, action: Action) -> Case:
    """Somebody of the right party tries; a guard may refuse."""
    fields = sample(action.fields, await forms(caseroom, "staff"))
    for name in ("worker", "staff", "street", "centre", "leader", "official"):
        try:
            await caseroom.act(case_id, name, action.name, **fields)
        except Refusal:
            continue
        break
    return await caseroom.case(case_id)


async def forms(caseroom: CaseRoom, by: str) -> Forms:
    """The ids that forms may name."""
    other = await caseroom.open() if not caseroom.other else caseroom.other
    caseroom.other = other
    return Forms(
        worker_id=caseroom.workers[0].id,
        unit_id=caseroom.units["BUREAU"],
        account_id=caseroom.actors["staff"].account_id,
        case_id=other.id,
        household_id=caseroom.home.id,
    )
