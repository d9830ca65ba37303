"""The engine of casework: `open_case` and `act` alone write what a case is. Each is one act, stored whole or refused.

The row is locked, the version compared, the deed decided on values, the line appended, whoever is concerned told by the
outbox: all in the caller's transaction.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.cases import deciding, guards, ledger, links, places, refusals, rights, tidings
from services.cases.deciding import Beginning, Deed
from services.cases.kind import Action, Effect, Form, Kind, Party
from services.cases.kinds import kind_of
from services.cases.ledger import Line
from services.cases.opening import Opening, new_row
from services.cases.states import CaseState
from services.errors import NotFound, StaleVersion
from services.models.cases import Case, CaseEvent, timeline
from services.sealing import Keyring
from services.workdays import calendar_for

NEEDS_OWNERS = (Effect.CLIMB, Effect.DESCEND, Effect.RETURN, Effect.RATE)
OPENED = "OPENED"


class CaseChanged(StaleVersion):
    """Somebody was quicker: the case is now version {current}, {state}, by {action}. Load it and look again."""

    code = "STALE_VERSION"


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do: the action, in own words if any, with the form's fields, on the version seen."""

    case_id: uuid.UUID
    action: str
    note: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A locked case with its kind, its state and what the asker is to it."""

    case: Case
    kind: Kind
    state: CaseState
    parties: frozenset[Party]
    unit_ids: frozenset[uuid.UUID] = frozenset()


async def open_case(session: AsyncSession, keyring: Keyring, actor: Actor | None, opening: Opening) -> Case:
    """A new case, with the one who gets it by itself, its clocks running. `actor` None: opened with a proven phone.

    Raises KindUnknown, KindNotYours, FieldsInvalid, PlaceNeeded, ConsentNeeded.
    """
    kind = kind_of(opening.kind)
    _refuse_unless_may_open(kind, actor, opening)
    details = read_form(kind.details, opening.details)
    place = await places.of_opening(session, actor, opening)
    case = await new_row(session, keyring, kind, opening, details, place, actor)
    owners = await places.owners(session, kind, place)
    calendar = await calendar_for(session, place.smallest)
    how = Beginning(
        at=case.opened_at,
        owner=deciding.first_owner(kind, details, owners[0]),
        close_starts=await places.close_starts(session, kind, place),
        details=details,
        consent=opening.consent,
        opener_id=actor.account_id if actor else None,
    )
    state = deciding.begun(kind, how, calendar)
    line = Line(OPENED, case.opened_at, case.opener_id, actor.worker_id if actor else None, {"kind": kind.code})
    await ledger.write(session, keyring, case, None, state, line)
    await tidings.tell_owner(session, case, state, kind, "CASE_OPENED")
    await _open_followers(session, keyring, actor, case, kind.follows, guards.at_opening(kind, state, details))
    return case


async def act(session: AsyncSession, keyring: Keyring, actor: Actor, wanted: Act) -> Case:
    """Do an action on a case. Raises NotFound, CaseChanged, ActionUnknown, NotYourPart and what the deed refuses."""
    standing = await _standing(session, wanted.case_id, actor)
    return await _do(session, keyring, standing, wanted, actor.account_id, actor.worker_id, actor)


async def act_as_opener(session: AsyncSession, keyring: Keyring, case_id: uuid.UUID, wanted: Act) -> Case:
    """The same for the opener who has no account and has proven the tracking code."""
    standing = await _standing(session, case_id, None)
    return await _do(session, keyring, standing, wanted, None, None, None)


async def act_as_system(session: AsyncSession, keyring: Keyring, case: Case, action: str, **detail: Any) -> Case:
    """What happens by itself because a term has passed; the case is locked already."""
    kind = kind_of(case.kind)
    state = await ledger.state_of(session, case)
    chosen = kind.action(action)
    if chosen is None:
        raise refusals.ActionUnknown(action)
    standing = Standing(case, kind, state, frozenset({Party.SYSTEM}))
    deed = await _deed(session, keyring, standing, chosen, chosen.fields(), None, None)
    return await _store(session, keyring, standing, deed, Line(action, deed.at, detail=detail))


def read_form(form: type[Form], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields checked against their form, as JSON holds them. Raises FieldsInvalid with each wrong field's name."""
    return _read(form, given).model_dump(mode="json")


def allowed(standing: Standing) -> list[Action]:
    """What may be done next by whoever asks; empty when nothing."""
    return [
        each
        for each in standing.kind.actions
        if standing.state.state in each.source
        and each.by & standing.parties
        and (each.while_paused or not standing.state.is_paused)
        and (each.effect is not Effect.RESUME or standing.state.is_paused)
    ]


async def standing_of(session: AsyncSession, case: Case, actor: Actor | None) -> Standing:
    """A case as it stands for the asker, without a lock: for looking."""
    kind = kind_of(case.kind)
    state = await ledger.state_of(session, case)
    unit_ids = await rights.unit_ids_of(session, actor)
    return Standing(case, kind, state, rights.parties(kind, case, state, actor, unit_ids), unit_ids)


async def _standing(session: AsyncSession, case_id: uuid.UUID, actor: Actor | None) -> Standing:
    case = await ledger.lock(session, case_id)
    assert case is not None
    standing = await standing_of(session, case, actor)
    if actor is not None and not rights.may_see(case, actor, standing.state, standing.unit_ids):
        raise NotFound(case_id)
    return standing


async def _do(
    session: AsyncSession,
    keyring: Keyring,
    standing: Standing,
    wanted: Act,
    account_id: uuid.UUID | None,
    worker_id: uuid.UUID | None,
    actor: Actor | None,
) -> Case:
    chosen = standing.kind.action(wanted.action)
    if chosen is None:
        raise refusals.ActionUnknown(wanted.action)
    if not chosen.by & standing.parties:
        raise refusals.NotYourPart(action=chosen.name, by=", ".join(sorted(chosen.by)))
    if wanted.version is not None and wanted.version != standing.case.version:
        raise await _changed(session, standing.case)
    if chosen.needs_note and not (wanted.note or "").strip():
        raise refusals.NoteNeeded(action=chosen.name)
    fields = _read(chosen.fields, wanted.fields)
    deed = await _deed(session, keyring, standing, chosen, fields, account_id, worker_id)
    line = _line(standing.kind, deed, wanted.note)
    case = await _store(session, keyring, standing, deed, line)
    if chosen.effect is Effect.LINK:
        await links.link(session, case, actor, **fields.model_dump())
    return case


async def _deed(
    session: AsyncSession,
    keyring: Keyring,
    standing: Standing,
    chosen: Action,
    fields: Form,
    account_id: uuid.UUID | None,
    worker_id: uuid.UUID | None,
) -> Deed:
    case = standing.case
    needs = chosen.effect in NEEDS_OWNERS
    place = places.of_case(case)
    return Deed(
        action=chosen,
        at=clock.now(),
        account_id=account_id,
        worker_id=worker_id,
        fields=fields,
        owners=await places.owners(session, standing.kind, place) if needs else {},
        unit_ids=standing.unit_ids,
        details=guards.details_of(keyring, case),
    )


async def _store(session: AsyncSession, keyring: Keyring, standing: Standing, deed: Deed, line: Line) -> Case:
    """Ask the guard, decide, write, tell; then open what follows."""
    case, kind = standing.case, standing.kind
    situation = await guards.situation(session, keyring, kind, case, standing.state, deed)
    if deed.action.guard is not None and (refusal := deed.action.guard(situation)) is not None:
        raise refusal
    calendar = await calendar_for(session, places.of_case(case).smallest)
    after = deciding.done(kind, standing.state, deed, calendar)
    if deed.action.effect is Effect.COUNT_VOTES:
        line = Line(line.kind, line.at, line.account_id, line.worker_id, _counted(line, situation), line.words)
    await ledger.write(session, keyring, case, standing.state, after, line)
    await tidings.tell(session, case, kind, standing.state, after, deed)
    await _open_followers(session, keyring, None, case, deed.action.follows, situation)
    return case


def _counted(line: Line, situation: Any) -> dict[str, Any]:
    return {**line.detail, "tally": dict(situation.tally), "eligible": situation.eligible}


async def _open_followers(
    session: AsyncSession, keyring: Keyring, actor: Actor | None, case: Case, follows: Any, situation: Any
) -> None:
    """The cases that come of this one, in the same act."""
    spawned: Sequence[Any] = follows(situation) if follows else ()
    for spawn in spawned:
        opening = Opening(
            kind=spawn.kind,
            subject=spawn.subject,
            description=spawn.description,
            details=spawn.details,
            area_id=places.of_case(case).smallest,
            household_id=spawn.household_id or case.household_id,
            parent=case,
        )
        child = await open_case(session, keyring, None, opening)
        await links.relate(session, case.id, child.id, spawn.relation)


def _line(kind: Kind, deed: Deed, note: str | None) -> Line:
    fields = deed.fields.model_dump(mode="json")
    words: dict[str, Any] = {"note": note.strip()} if note and note.strip() else {}
    detail: dict[str, Any] = {}
    if fields and kind.sealed:
        words["fields"] = fields
    elif fields:
        detail["fields"] = fields
    if deed.action.answers and words and not kind.sealed:
        detail[ledger.ANSWER] = True
    return Line(deed.action.name, deed.at, deed.account_id, deed.worker_id, detail, words)


async def _changed(session: AsyncSession, case: Case) -> CaseChanged:
    last: CaseEvent | None = await session.scalar(
        timeline(case.id).order_by(None).order_by(CaseEvent.number.desc()).limit(1)
    )
    by = str(last.actor_id) if last and last.actor_id else None
    return CaseChanged(
        case.number, current=case.version, state=case.state, action=last.kind if last else OPENED, actor=by
    )


def _read(form: type[Form], given: Mapping[str, Any]) -> Form:
    try:
        return form.model_validate(dict(given))
    except ValidationError as wrong:
        told = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'fields'}: {each['msg']}" for each in wrong.errors())
        raise refusals.FieldsInvalid(reason=told) from None


def _refuse_unless_may_open(kind: Kind, actor: Actor | None, opening: Opening) -> None:
    if opening.parent is not None:
        return
    by_roles = actor is not None and bool(actor.roles & kind.roles) and actor.terminal_id is None
    by_phone = actor is None and kind.residents and opening.contact_id is not None
    if not by_roles and not by_phone:
        raise refusals.KindNotYours(by=", ".join(sorted(kind.roles)))
    if kind.needs_consent and not opening.consent:
        raise refusals.ConsentNeeded


__all__ = ["Act", "CaseChanged", "Opening", "Standing", "act", "act_as_opener", "act_as_system", "allowed", "open_case"]
