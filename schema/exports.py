"""Audits to take along over plain HTTP: /audits/{id}.csv, .geojson and .html, signed in like everything else."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schema.context import Api, id_of
from schema.http import STATUS
from services import coverage_export
from services.coverage_export import Export
from services.errors import NotAllowed, NotFound, Refusal

FORMS: dict[str, tuple[str, Callable[[Export], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", Export.csv),
    "geojson": ("application/geo+json", Export.geojson),
    "html": ("text/html; charset=utf-8", Export.html),
}
_STATUS: dict[type[Exception], int] = {NotFound: 404, NotAllowed: 403, **STATUS}
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


def routes(api: Api) -> list[BaseRoute]:
    """A route for each form."""
    return [Route(f"/audits/{{id}}.{form}", _exporting(api, *how)) for form, how in FORMS.items()]


def _exporting(api: Api, media_type: str, made: Callable[[Export], bytes]) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        try:
            actor = await api.actors.by_token(request.headers.get("authorization"))
            async with api.database.read(actor.identity) as session:
                found = await coverage_export.load(session, actor, id_of(request.path_params["id"]), api.secret)
        except Refusal as refusal:
            return _refused(refusal)
        return Response(made(found), media_type=media_type, headers=HEADERS)

    return export


def _refused(refusal: Refusal) -> Response:
    status = _STATUS.get(type(refusal), 400)
    return Response(f"{refusal.code}: {refusal}", status, media_type="text/plain; charset=utf-8")
