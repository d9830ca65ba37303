"""Cases that belong together: near duplicates suggested by place, time and words, and links that people make.

Each keeps its own clock and its own resident: a link joins nothing but the reading.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock
from services.access import Actor
from services.cases import rights
from services.errors import Invalid, NotFound
from services.models.base import new_id
from services.models.cases import Case, CaseLink

SIMILAR = "SIMILAR"
NEAR_METERS = 200.0
WITHIN = timedelta(days=30)
ALIKE = 0.2
MOST = 5
DEGREES_PER_METER = 1 / 80_000  # of longitude, generously, up to 45 degrees north or south; the exact test follows


class LinkedToItself(Invalid):
    """A case cannot be linked to itself."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that may be the same matter, and how far away it is."""

    id: uuid.UUID
    number: str
    subject: str
    meters: float | None


async def suggest(session: AsyncSession, case: Case, actor: Actor | None) -> list[Similar]:
    """Near duplicates of a case that was just opened; linked as SIMILAR, told to whoever may see them.

    Same kind, opened in the last 30 days within 200 m, with words in common (pg_trgm); the likest first.
    """
    if case.sealed or case.location is None:
        return []
    found = [Similar(*row) for row in (await session.execute(_alike(case)))]
    for each in found:
        await relate(session, case.id, each.id, SIMILAR, each.meters)
    if actor is None:
        return []
    shown = rights.visible_cases(sa.select(Case.id).where(Case.id.in_([each.id for each in found])), actor)
    seen = set(await session.scalars(shown)) if found else set()
    return [each for each in found if each.id in seen]


async def link(
    session: AsyncSession, case: Case, actor: Actor | None, case_id: uuid.UUID, relation: str = "DUPLICATE"
) -> None:
    """Link a case to another that the actor may see. Raises NotFound, LinkedToItself."""
    if case_id == case.id:
        raise LinkedToItself
    other = sa.select(Case.id).where(Case.id == case_id)
    if actor is None or await session.scalar(rights.visible_cases(other, actor)) is None:
        raise NotFound(case_id)
    await relate(session, case.id, case_id, relation)


async def relate(
    session: AsyncSession, case_id: uuid.UUID, other_id: uuid.UUID, relation: str, meters: float | None = None
) -> None:
    """Keep a link, once."""
    values = {"id": new_id(), "case_id": case_id, "other_id": other_id, "relation": relation, "meters": meters}
    await session.execute(insert(CaseLink).values(**values, at=clock.now()).on_conflict_do_nothing())


def _alike(case: Case) -> "sa.Select[uuid.UUID, str, str, float | None]":
    here = sa.literal(case.location, Case.location.type)
    meters = sa.func.ST_Distance(sa.func.geography(Case.location), sa.func.geography(here))
    likeness = sa.func.similarity(Case.subject, case.subject)
    return (
        sa.select(Case.id, Case.number, Case.subject, meters.label("meters"))
        .where(
            Case.location.op("&&")(sa.func.ST_Expand(here, NEAR_METERS * DEGREES_PER_METER)),
            Case.id != case.id,
            Case.kind == case.kind,
            Case.opened_at >= case.opened_at - WITHIN,
            meters <= NEAR_METERS,
            likeness >= ALIKE,
        )
        .order_by(likeness.desc(), Case.id)
        .limit(MOST)
    )
