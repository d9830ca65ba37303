"""Files of a case: on the wire in GraphQL by their names, their bytes over plain HTTP.

POST /cases/{id}/attachments    multipart/form-data with one part `file`; 201 with the attachment as JSON
GET  /attachments/{id}          the bytes, for whoever may see the case

A resident without an account sends the case's number as `{id}` and the tracking code in the header `Tracking-Code`.
"""

import uuid
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry import Parent

from schema import answers, errors
from schema.context import Api, Info, id_of
from schema.lens import field, lens, shown
from schema.scalars import GeoJSON, geojson
from services import attachments
from services.access import Actor
from services.attachments import Sent
from services.cases import residents
from services.filestore import FileStore
from services.models import Attachment as AttachmentRow
from services.pictures import MOST_BYTES, PDF
from services.reading_notes import Notes

MOST_BODY = MOST_BYTES + 16_384
HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@lens
class Attachment:
    """A photo or a paper of a case."""

    id: strawberry.ID = shown("Opaque.")
    media_type: str = shown("What it is: image/jpeg, image/png, image/webp or application/pdf.")
    size_bytes: int = shown("How large it is.")
    taken_at: datetime | None = shown("When the photo was taken, as the camera told; null when it did not.")
    added_at: datetime = shown("When it was attached.")

    @field(graphql_type=str)
    async def name(self, info: Info, row: Parent[AttachmentRow]) -> str:
        """The name under which it was sent."""
        return attachments.name_of(info.context.api.keyring, row)

    @field(graphql_type=str)
    async def url(self, row: Parent[AttachmentRow]) -> str:
        """Where its bytes are, on this server; ask with the same token."""
        return _path(row.id)

    @field(graphql_type=GeoJSON | None)
    async def location(self, row: Parent[AttachmentRow]) -> Any:
        """Where the photo was taken, as the camera told; null when it did not."""
        return geojson(row.location)


class PartMissing(errors.RequestMalformed):
    """Send multipart/form-data with one part named `file` that has a file name."""

    code = "REQUEST_MALFORMED"


async def of_case(
    session: AsyncSession, actor: Actor, case_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[AttachmentRow]]:
    """For the loader of `case.attachments`."""
    return await attachments.by_case(session, actor, case_ids)


def routes(api: Api, store: FileStore) -> list[Route]:
    """The two addresses."""
    found = Files(api, store)
    return [
        Route("/cases/{id}/attachments", answers.answering(found.add), methods=["POST"]),
        Route("/attachments/{id}", answers.answering(found.get)),
    ]


class Files:
    """Takes files in and gives them out, with the rights of their case."""

    def __init__(self, api: Api, store: FileStore) -> None:
        """One for a server."""
        self._api, self._store = api, store

    async def add(self, request: Request) -> Response:
        """Attach a file: 201 with its row, which is committed by then; the same file again is the same row."""
        actor, case_id = await self._by_whom(request)
        sent = await _sent(request)
        async with self._api.platform("casework").write() as session:
            row = await attachments.add(session, self._api.keyring, self._store, case_id, actor, sent)
        return Response(orjson.dumps(self._told(row)), 201, {"Location": _path(row.id)}, answers.JSON)

    async def get(self, request: Request) -> Response:
        """The bytes; a photo may be shown in place, a paper is downloaded."""
        actor = await self._api.actors.by_token(request.headers.get("authorization"))
        async with self._api.database.read(actor.identity) as session:
            row = await attachments.find(session, actor, id_of(request.path_params["id"]))
        await self._note(actor, row)
        content = await attachments.content(self._api.keyring, self._store, row)
        way = "attachment" if row.media_type == PDF else "inline"
        name = quote(attachments.name_of(self._api.keyring, row))
        headers = {**HEADERS, "Content-Disposition": f"{way}; filename*=UTF-8''{name}"}
        return Response(content, headers=headers, media_type=row.media_type)

    async def _note(self, actor: Actor, row: AttachmentRow) -> None:
        """Into the read log, before a byte leaves."""
        notes = Notes()
        notes.add(row, "content")
        await self._api.read_log.write(actor, "attachment", notes)

    async def _by_whom(self, request: Request) -> tuple[Actor | None, uuid.UUID]:
        """Who sends, and to which case; None: whoever has proven the tracking code."""
        place, code = request.path_params["id"], request.headers.get("tracking-code")
        if code is None:
            return await self._api.actors.by_token(request.headers.get("authorization")), id_of(place)
        async with self._api.platform("casework").read() as session:
            return None, (await residents.find(session, self._api.keyring, place, code)).id

    def _told(self, row: AttachmentRow) -> dict[str, Any]:
        name = attachments.name_of(self._api.keyring, row)
        known = {"id": str(row.id), "name": name, "mediaType": row.media_type, "sizeBytes": row.size_bytes}
        return {**known, "url": _path(row.id), "takenAt": row.taken_at}


async def _sent(request: Request) -> Sent:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise PartMissing
    try:
        form = await MultiPartParser(request.headers, _bounded(request), max_files=1, max_fields=4).parse()
    except (MultiPartException, KeyError):
        raise PartMissing from None
    part = form.get("file")
    try:
        if not isinstance(part, UploadFile) or not part.filename:
            raise PartMissing
        return await attachments.read(part.filename, await part.read())
    finally:
        await form.close()


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > MOST_BODY:
            raise errors.BodyTooLarge(most=MOST_BODY)
        yield chunk


def _path(attachment_id: uuid.UUID) -> str:
    return f"/attachments/{attachment_id}"
