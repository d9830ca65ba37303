"""The ledger: a case's rows as values and back. A line is written with what it changed, and the rows follow it.

`write` is the only place where the state of a case reaches the store; the engine alone calls it, with the row locked.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.cases import states, terms
from services.cases.states import ROW_COLUMNS, CaseState, MemberPart, TermState, UnitPart
from services.errors import NotFound
from services.many_rows import inserting
from services.models.base import new_id
from services.models.cases import Case, CaseEvent, CaseMember, CaseTerm, CaseUnit, locked, terms_of, timeline
from services.sealing import Keyring

WORDS = "cases.words"
EVENT_WORDS = "case_events.words"
MOVED = "MOVED"
ANSWER = "answer"
"""Marks in a line's detail that its note was written to whoever raised the matter; no other note leaves the house."""
TERM_COLUMNS = tuple(TermState.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline as values. `words` is what was said in own words: sealed before it is stored."""

    kind: str
    at: datetime
    account_id: uuid.UUID | None = None
    worker_id: uuid.UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alike:
    """Cases that take the same step: their ids and versions, one of their states before and after it, and its line."""

    cases: Sequence[tuple[uuid.UUID, int]]
    before: CaseState
    after: CaseState
    line: Line


async def lock(session: AsyncSession, case_id: uuid.UUID, skip: bool = False) -> Case | None:
    """The case, held against every other writer until the transaction ends; with `skip`, None if another holds it."""
    case = await session.scalar(locked(case_id, skip))
    if case is None and not skip:
        raise NotFound(case_id)
    return case


async def state_of(session: AsyncSession, case: Case) -> CaseState:
    """The state in a case's rows."""
    columns = {name: getattr(case, name) for name in ROW_COLUMNS}
    columns["pauses"] = states.pauses_of(case.pauses)
    columns["reopened_rungs"] = tuple(case.reopened_rungs)
    running = (await session.scalars(terms_of(case.id))).all()
    units = (await session.scalars(sa.select(CaseUnit).where(CaseUnit.case_id == case.id))).all()
    members = (await session.scalars(sa.select(CaseMember).where(CaseMember.case_id == case.id))).all()
    return CaseState(
        **columns,
        terms=tuple(TermState(**{name: getattr(row, name) for name in TERM_COLUMNS}) for row in running),
        units=tuple(UnitPart(row.unit_id, row.part, row.joined_at, row.done_at) for row in units),
        members=tuple(MemberPart(row.account_id, row.part, row.since, row.until) for row in members),
    )


async def from_timeline(session: AsyncSession, case_id: uuid.UUID) -> CaseState:
    """The state that a case's lines add up to. Raises TimelineBroken."""
    return states.rebuilt((line.changes for line in await session.scalars(timeline(case_id))), case_id)


async def write(
    session: AsyncSession, keyring: Keyring | None, case: Case, before: CaseState | None, after: CaseState, line: Line
) -> None:
    """Write a line and let the rows follow; all in the caller's transaction. A line without words needs no keyring."""
    _copy(case, after)
    session.add(case)
    await session.flush()
    await _write_terms(session, case.id, before, after)
    await _write_parts(session, case.id, before, after)
    event = CaseEvent(
        id=new_id(),
        case_id=case.id,
        number=after.version,
        at=line.at,
        kind=line.kind,
        actor_id=line.account_id,
        worker_id=line.worker_id,
        state=after.state,
        rung=after.rung,
        detail=dict(line.detail),
        changes=states.changes_between(before, after),
        words_sealed=_sealed(keyring, case, line),
    )
    session.add(event)
    await session.flush()


async def write_many(session: AsyncSession, steps: Sequence[Alike], at: Mapping[str, Any]) -> None:
    """Lines without words on locked cases whose clocks, offices and teams stay, and their rows: few statements for all.

    `at` are the columns that become the same for each of them and are no part of the state, such as where they lie.
    """
    for step in steps:
        differing = (name for name in ROW_COLUMNS if getattr(step.before, name) != getattr(step.after, name))
        changed = {name: getattr(step.after, name) for name in differing if name != "version"}
        ids = [case_id for case_id, _ in step.cases]
        these = sa.update(Case).where(Case.id == sa.any_(sa.literal(ids, sa.ARRAY(sa.Uuid))))
        follow = these.values(version=Case.version + 1, **changed, **at)
        await session.execute(follow, execution_options={"synchronize_session": False})
    events = [event for step in steps for event in _events(step)]
    if events:
        await session.execute(inserting(CaseEvent, events))


def _events(step: Alike) -> Iterator[dict[str, Any]]:
    line, after = step.line, step.after
    assert not line.words, "words are sealed one by one"
    by = {"at": line.at, "kind": line.kind, "actor_id": line.account_id, "worker_id": line.worker_id}
    same = {**by, "state": after.state, "rung": after.rung, "detail": dict(line.detail)}
    changes = states.changes_between(step.before, after)
    for case_id, version in step.cases:
        own = {"id": new_id(), "case_id": case_id, "number": version + 1}
        yield {**own, **same, "changes": {**changes, "version": version + 1}}


def words_of(keyring: Keyring, case: Case) -> dict[str, Any]:
    """What was said at the opening: `description`; of a sealed case also `subject` and `details`."""
    return _read(keyring.open(case.data_key, WORDS, case.words_sealed))


def words_of_line(keyring: Keyring, case: Case, line: CaseEvent) -> dict[str, Any]:
    """What was said with a line: `note`; of a sealed case also `fields`."""
    return _read(keyring.open(case.data_key, EVENT_WORDS, line.words_sealed))


def answer_of_line(keyring: Keyring, case: Case, line: CaseEvent) -> str | None:
    """What was answered to whoever raised the matter; None for every other line, whatever was said with it."""
    return words_of_line(keyring, case, line).get("note") if line.detail.get(ANSWER) is True else None


def sealed_words(keyring: Keyring, data_key: bytes, words: Mapping[str, Any]) -> bytes | None:
    """Words for a case's row."""
    return keyring.seal(data_key, WORDS, _text(words))


def _sealed(keyring: Keyring | None, case: Case, line: Line) -> bytes | None:
    if not line.words:
        return None
    assert keyring is not None, "words are sealed, or not written"
    return keyring.seal(case.data_key, EVENT_WORDS, _text(line.words))


def _text(words: Mapping[str, Any]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _read(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def _copy(case: Case, state: CaseState) -> None:
    for name in ROW_COLUMNS:
        setattr(case, name, getattr(state, name))
    case.pauses = states.plain(state.pauses)
    case.reopened_rungs = list(state.reopened_rungs)
    case.sort_due_at = terms.sort_due(state) or case.sort_due_at or case.opened_at


async def _write_terms(session: AsyncSession, case_id: uuid.UUID, before: CaseState | None, after: CaseState) -> None:
    known = set(before.terms) if before else set()
    rows = [{"case_id": case_id, **asdict(term)} for term in after.terms if term not in known]
    if rows:
        statement = insert(CaseTerm)
        changed = {name: statement.excluded[name] for name in TERM_COLUMNS if name != "id"}
        await session.execute(statement.on_conflict_do_update(index_elements=[CaseTerm.id], set_=changed), rows)


async def _write_parts(session: AsyncSession, case_id: uuid.UUID, before: CaseState | None, after: CaseState) -> None:
    for unit in _new(before.units if before else (), after.units):
        await _upsert(session, CaseUnit, "unit_id", case_id, asdict(unit))
    for member in _new(before.members if before else (), after.members):
        await _upsert(session, CaseMember, "account_id", case_id, asdict(member))


def _new(before: tuple[Any, ...], after: tuple[Any, ...]) -> list[Any]:
    return [each for each in after if each not in before]


async def _upsert(
    session: AsyncSession,
    table: type[CaseUnit] | type[CaseMember],
    key: str,
    case_id: uuid.UUID,
    values: dict[str, Any],
) -> None:
    statement = insert(table).values(id=new_id(), case_id=case_id, **values)
    changed = {name: value for name, value in values.items() if name != key}
    await session.execute(statement.on_conflict_do_update(index_elements=["case_id", key], set_=changed))
