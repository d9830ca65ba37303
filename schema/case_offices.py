"""Offices of casework: what there are, who works there, and what a jurisdiction has settled for a kind of case."""

from typing import Any

import sqlalchemy as sa
import strawberry

from schema import areas
from schema.case_parts import CaseOffice
from schema.context import Info, id_of
from schema.lens import field, lens, mutation, shown, words
from schema.pages import After, Connection, First, Order, Page, page
from services.call_rights import STAFF
from services.cases import offices
from services.models import Area, CaseRule, Unit, UnitKind

words(UnitKind)

BY_CODE = Order("offices", Unit.code, Unit.id)


@lens
class CaseRuling:
    """What a jurisdiction has settled for a kind of case."""

    kind: str = shown("The kind.")
    close_starts: str = shown("From when the closing term runs: ACCEPTED, or OPENED (from the arrival on the rung).")


@lens
class CaseOfficeQuery:
    """What can be asked of offices."""

    @field(graphql_type=Connection[CaseOffice] | None)
    async def case_offices(
        self, info: Info, area_id: strawberry.ID | None = None, first: First = 50, after: After = None
    ) -> Page[Unit]:
        """Offices by code, of an area and all inside it. Only for staff."""
        info.context.actor.require(*STAFF)
        chosen = sa.select(Unit)
        if area_id is not None:
            inside: Any = await areas.inside(info.context, area_id)
            own = Unit.area_id == id_of(area_id)
            chosen = chosen.where(sa.or_(own, Unit.area_id.in_(sa.select(Area.id).where(inside))))
        return await page(info.context, chosen, BY_CODE, first, after)


@lens
class CaseOfficeMutation:
    """What managers settle for casework."""

    @mutation(graphql_type=CaseOffice)
    async def add_case_office(self, info: Info, area_id: strawberry.ID, code: str, kind: UnitKind, name: str) -> Unit:
        """A new office of an area that you manage."""
        async with info.context.write() as session:
            return await offices.add(session, info.context.actor, id_of(area_id), code, kind, name)

    @mutation(graphql_type=CaseOffice)
    async def join_case_office(self, info: Info, id: strawberry.ID, account_id: strawberry.ID) -> Unit:
        """An account works for an office: it sees the cases in which the office has a part."""
        async with info.context.write() as session:
            return await offices.join(session, info.context.actor, id_of(id), id_of(account_id))

    @mutation(graphql_type=CaseOffice)
    async def leave_case_office(self, info: Info, id: strawberry.ID, account_id: strawberry.ID) -> Unit:
        """An account no longer works for an office."""
        async with info.context.write() as session:
            return await offices.leave(session, info.context.actor, id_of(id), id_of(account_id))

    @mutation(graphql_type=CaseRuling)
    async def settle_case_rule(self, info: Info, area_id: strawberry.ID, kind: str, close_starts: str) -> CaseRule:
        """From when the closing term of a kind runs in your area: ACCEPTED (the default) or OPENED."""
        async with info.context.write() as session:
            return await offices.settle(session, info.context.actor, id_of(area_id), kind, close_starts)
