"""Assessments to take along over plain HTTP, signed in like everything else.

GET /assessments/{areaId}.csv|.xlsx|.html?from=2026-01-01&to=2026-12-31[&by=UNIT][&beforeFrom=...&beforeTo=...]

A CSV holds one table: `&table=` MATTERS (the default), VISITS, CALLS, STEPS or COMPARED.
"""

from collections.abc import Awaitable, Callable
from datetime import date

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema import answers
from schema.context import Api, id_of
from schema.exports import HEADERS
from services import assessment as assessing
from services.assessment import By
from services.assessment_export import Export, Table
from services.assessment_ledger import Period
from services.errors import Invalid

FORMS: dict[str, tuple[str, Callable[[Export, Table], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", Export.csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", lambda whole, _: whole.xlsx()),
    "html": ("text/html; charset=utf-8", lambda whole, _: whole.html()),
}


class PeriodMissing(Invalid):
    """Say for which days: `from` and `to` as 2026-01-01; `by` is AREA, UNIT or PERSON; a comparison needs both days."""


class TableUnknown(Invalid):
    """The tables of an assessment are MATTERS, VISITS, CALLS, STEPS and COMPARED. Name one of them as `table`."""


def routes(api: Api) -> list[BaseRoute]:
    """A route for each form to take along."""
    return [
        Route(f"/assessments/{{id}}.{form}", answers.answering(_exporting(api, *how))) for form, how in FORMS.items()
    ]


def _exporting(
    api: Api, media_type: str, made: Callable[[Export, Table], bytes]
) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        actor = await api.actors.by_token(request.headers.get("authorization"))
        asked, by = request.query_params, _by(request.query_params.get("by"))
        table = _table(asked.get("table"))
        period, before = _period(asked, "from", "to"), None
        area_id = id_of(request.path_params["id"])
        async with api.database.read(actor.identity) as session:
            found = await assessing.assess(session, actor, area_id, period, by)
            if "beforeFrom" in asked:
                earlier = _period(asked, "beforeFrom", "beforeTo")
                before = await assessing.assess(session, actor, area_id, earlier, by)
        return Response(made(Export(found, before), table), media_type=media_type, headers=HEADERS)

    return export


def _period(asked: QueryParams, first: str, last: str) -> Period:
    try:
        return Period(date.fromisoformat(asked[first]), date.fromisoformat(asked[last]))
    except (KeyError, ValueError):
        raise PeriodMissing from None


def _table(text: str | None) -> Table:
    try:
        return Table(text or Table.MATTERS)
    except ValueError:
        raise TableUnknown from None


def _by(text: str | None) -> By:
    try:
        return By(text or By.AREA)
    except ValueError:
        raise PeriodMissing from None
