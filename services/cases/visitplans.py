"""Plans of visits name homes: when one of these joins another before it was seen, the plan names the other."""

import uuid
from collections.abc import Sequence, Set
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.cases import ledger
from services.cases.ledger import Line
from services.models.cases import Case, CaseEvent, is_open
from services.models.households import Household

KIND: sa.ColumnElement[str] = sa.literal_column(
    "'VISIT_PLAN'"
)  # a bound value would hide the partial index from the planner
AT_THE_DOOR = ("VISIT", "SKIP")


async def carry(session: AsyncSession, actor: Actor, into: Household, gone: Household) -> list[uuid.UUID]:
    """The open plans that were still to see the home that is gone name the other instead; gives those that changed."""
    changed = []
    for plan in (await session.scalars(_plans(gone))).all():
        named = readdressed(plan.details["household_ids"], await _visited(session, plan.id), str(gone.id), str(into.id))
        if named == plan.details["household_ids"]:
            continue
        plan.details = {**plan.details, "household_ids": named}
        before = await ledger.state_of(session, plan)
        detail = {"from_household": str(gone.id), "to_household": str(into.id)}
        line = Line(ledger.MOVED, clock.now(), actor.account_id, actor.worker_id, detail)
        await ledger.write(session, None, plan, before, replace(before, version=before.version + 1), line)
        changed.append(plan.id)
    return changed


def readdressed(planned: Sequence[str], visited: Set[str], gone: str, into: str) -> list[str]:
    """The homes of a plan, `into` in the place of `gone`, each once; who was seen under the old address was seen."""
    if gone in visited:
        return list(planned)
    return list(dict.fromkeys(into if each == gone else each for each in planned))


def _plans(gone: Household) -> "sa.Select[Case]":
    open_plans = sa.select(Case).where(Case.kind == KIND, is_open())
    names = Case.details["household_ids"].contains([str(gone.id)])
    return open_plans.where(names).order_by(Case.id).with_for_update().execution_options(populate_existing=True)


async def _visited(session: AsyncSession, plan_id: uuid.UUID) -> Set[str]:
    home = CaseEvent.detail["fields"]["household_id"].astext
    seen = sa.select(home).where(CaseEvent.case_id == plan_id, CaseEvent.kind.in_(AT_THE_DOOR))
    return set(await session.scalars(seen))
