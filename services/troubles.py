"""What is wrong with terminals: silent, low battery, mains lost. Seen once, announced once, and again when it lasts."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, outbox
from services.database import Database
from services.ladder import RULES, CallRules
from services.models.base import new_id
from services.models.care import CareCategory, CareRecord
from services.models.households import Household
from services.models.outbox import Recipient
from services.models.residents import Residence
from services.models.terminal_keys import TerminalCondition, TerminalTrouble
from services.models.terminals import Terminal, TerminalStatus

BATCH = 200
GRAVEST_FIRST = (TerminalCondition.SILENT, TerminalCondition.LOW_BATTERY, TerminalCondition.MAINS_LOST)


def holding(
    before: Collection[TerminalCondition], battery_percent: int | None, mains: bool | None, rules: CallRules = RULES
) -> frozenset[TerminalCondition]:
    """What holds after a sign of life: not silent; the battery as last told; the mains as before when not told."""
    low = battery_percent is not None and battery_percent <= rules.low_battery_percent
    lost = TerminalCondition.MAINS_LOST in before if mains is None else not mains
    told = ((TerminalCondition.LOW_BATTERY, low), (TerminalCondition.MAINS_LOST, lost))
    return frozenset(condition for condition, holds in told if holds)


def status_of(terminal: Terminal, conditions: Collection[TerminalCondition]) -> TerminalStatus:
    """The one status that is shown: the gravest that holds."""
    if terminal.retired_at is not None:
        return TerminalStatus.RETIRED
    if terminal.last_seen_at is None:
        return TerminalStatus.NEVER_SEEN
    found = next((condition for condition in GRAVEST_FIRST if condition in conditions), None)
    return TerminalStatus(found.value) if found else TerminalStatus.ONLINE


async def after_sign_of_life(
    session: AsyncSession, terminal: Terminal, mains: bool | None, rules: CallRules = RULES
) -> None:
    """End what no longer holds, begin what is new, and set the status of a locked terminal."""
    before = await standing(session, terminal.id)
    now_holding = holding(before, terminal.battery_percent, mains, rules)
    await _end(session, terminal.id, before - now_holding)
    for condition in now_holding - before:
        await _begin(session, terminal.id, condition, clock.now())
    terminal.status = status_of(terminal, now_holding)


async def standing(session: AsyncSession, terminal_id: uuid.UUID) -> frozenset[TerminalCondition]:
    """The conditions that a terminal is in."""
    open_ = sa.select(TerminalTrouble.condition).where(
        TerminalTrouble.terminal_id == terminal_id, TerminalTrouble.ended_at.is_(None)
    )
    return frozenset(await session.scalars(open_))


async def look(database: Database, rules: CallRules = RULES) -> int:
    """Find terminals that have fallen silent and announce what is due; how many announcements were put out."""
    async with database.write() as session:
        await session.execute(_heard_again())
        for terminal in (await session.scalars(_fallen_silent(rules))).all():
            await _begin(session, terminal.id, TerminalCondition.SILENT, terminal.last_seen_at or clock.now())
            terminal.status = TerminalStatus.SILENT
    async with database.write() as session:
        due = (await session.execute(_due_announcements())).all()
        for trouble, terminal, household, visited_every_days in due:
            await _announce(session, trouble, terminal, household, visited_every_days, rules)
    return len(due)


def repeat_seconds(visited_every_days: int | None, rules: CallRules = RULES) -> float:
    """After how long a trouble is told again: sooner by the level of care, told by the days between its visits."""
    if visited_every_days is None:
        return rules.trouble_repeat_seconds
    is_close = visited_every_days <= rules.close_care_days
    return rules.trouble_repeat_in_close_care_seconds if is_close else rules.trouble_repeat_in_care_seconds


async def _announce(
    session: AsyncSession,
    trouble: TerminalTrouble,
    terminal: Terminal,
    household: Household | None,
    visited_every_days: int | None,
    rules: CallRules,
) -> None:
    """Tell those of the grid; each time it is told again it says for how long, so it gets louder and not quieter."""
    body = {
        "terminal": str(terminal.id),
        "serial": terminal.serial,
        "condition": trouble.condition.value,
        "since": trouble.since.isoformat(),
        "times": trouble.announced + 1,
        "in_care": visited_every_days is not None,
    }
    key = f"trouble:{trouble.id}:{trouble.announced + 1}"
    grid_id = household.grid_id if household else None
    await outbox.put(session, key, Recipient.AREA_STAFF, grid_id, "TERMINAL_TROUBLE", body)
    trouble.announced += 1
    trouble.announce_at = clock.now() + timedelta(seconds=repeat_seconds(visited_every_days, rules))


def _fallen_silent(rules: CallRules) -> sa.Select[Terminal]:
    """Terminals in homes that have missed their beats: the closer the care there, the fewer may be missed."""
    days = _visited_every_days()
    beats = sa.case(
        (days <= rules.close_care_days, rules.silent_beats_in_close_care),
        (days.is_not(None), rules.silent_beats_in_care),
        else_=rules.silent_beats,
    )
    silence = clock.now() - Terminal.last_seen_at
    return (
        sa.select(Terminal)
        .join(Household, Household.id == Terminal.household_id)
        .where(
            Terminal.retired_at.is_(None),
            Terminal.status != TerminalStatus.SILENT,
            sa.func.extract("epoch", silence) > Terminal.heartbeat_seconds * beats,
        )
        .limit(BATCH)
        .with_for_update(of=Terminal, skip_locked=True)
    )


def _heard_again() -> sa.Update:
    """A press ends a silence, too: it has set the terminal's status already."""
    speaks = sa.exists().where(Terminal.id == TerminalTrouble.terminal_id, Terminal.status != TerminalStatus.SILENT)
    silent = (TerminalTrouble.condition == TerminalCondition.SILENT, TerminalTrouble.ended_at.is_(None))
    return sa.update(TerminalTrouble).where(*silent, speaks).values(ended_at=clock.now())


def _visited_every_days() -> "sa.ColumnElement[int | None]":
    """By the closest level of care in a home (`Household.id` around it): days between visits; null without care."""
    by_level = sa.cast(CareCategory.visit_days_by_level[CareRecord.level].astext, sa.Integer)
    lives = sa.and_(Residence.resident_id == CareRecord.resident_id, Residence.until.is_(None))
    return (
        sa.select(sa.func.min(sa.func.coalesce(by_level, CareCategory.visit_every_days)))
        .select_from(CareRecord)
        .join(Residence, lives)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .where(Residence.household_id == Household.id, CareRecord.closed_at.is_(None))
        .correlate(Household)
        .scalar_subquery()
    )


def _due_announcements() -> "sa.Select[TerminalTrouble, Terminal, Household, int | None]":
    return (
        sa.select(TerminalTrouble, Terminal, Household, _visited_every_days())
        .join(Terminal, Terminal.id == TerminalTrouble.terminal_id)
        .outerjoin(Household, Household.id == Terminal.household_id)
        .where(TerminalTrouble.ended_at.is_(None), TerminalTrouble.announce_at <= clock.now())
        .order_by(TerminalTrouble.announce_at)
        .limit(BATCH)
        .with_for_update(of=TerminalTrouble, skip_locked=True)
    )


async def _begin(session: AsyncSession, terminal_id: uuid.UUID, condition: TerminalCondition, since: datetime) -> None:
    told = {"terminal_id": terminal_id, "condition": condition, "since": since, "announce_at": clock.now()}
    statement = insert(TerminalTrouble).values({"id": new_id(), "announced": 0, **told})
    await session.execute(statement.on_conflict_do_nothing())


async def _end(session: AsyncSession, terminal_id: uuid.UUID, over: Collection[TerminalCondition]) -> None:
    mine = (TerminalTrouble.terminal_id == terminal_id, TerminalTrouble.condition.in_(over))
    await session.execute(
        sa.update(TerminalTrouble).where(*mine, TerminalTrouble.ended_at.is_(None)).values(ended_at=clock.now())
    )
