"""Files of a case over HTTP: taken from whoever takes part in it, given to whoever may see it."""

import io
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from PIL import Image
from starlette.applications import Starlette

from fixtures import makers
from schema import attachments
from services import attachments as files
from services import clock, orphans
from services.actors import actor_of
from services.filestore import FileStore
from services.models import Account, Attachment, Case, Reading, Role
from tests.schema.asking import Asking
from tests.schema.casestage import TRACKING, CaseStage
from tests.schema.town import Town

FILES = "query ($id: ID!) { case(id: $id) { attachments { id name mediaType url takenAt } } }"


def photo(shade: str = "red") -> bytes:
    """A small photo."""
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), shade).save(drawn, "JPEG")
    return drawn.getvalue()


@dataclass
class Shelf:
    """A case, and a server that keeps its files in a folder."""

    ask: Asking
    stage: CaseStage
    case: Case
    http: httpx.AsyncClient
    folder: Path

    async def send(
        self, who: Account | None, content: bytes, name: str = "灯.jpg", case: str = "", **headers: str
    ) -> httpx.Response:
        """Somebody attaches a file."""
        signed = makers.authorization(who) if who else {}
        place = f"/cases/{case or self.case.id}/attachments"
        return await self.http.post(place, files={"file": (name, content)}, headers=signed | headers)

    async def get(self, who: Account | None, path: str) -> httpx.Response:
        """Somebody asks for a file."""
        return await self.http.get(path, headers=makers.authorization(who) if who else {})

    async def rows(self) -> int:
        """How many are attached."""
        async with self.ask.api.platform("casework").read() as session:
            return await session.scalar(sa.select(sa.func.count()).select_from(Attachment)) or 0


@pytest_asyncio.fixture
async def shelf(changing: tuple[Asking, Town], tmp_path: Path) -> AsyncIterator[Shelf]:
    """An appeal of the staff's in the first grid."""
    ask, town = changing
    stage = await CaseStage.of(ask, town)
    app = Starlette(routes=attachments.routes(ask.api, FileStore.in_folder(tmp_path)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://linli.test") as http:
        yield Shelf(ask, stage, await stage.opened(), http, tmp_path)


async def test_a_photo_is_attached_listed_and_given_back(shelf: Shelf) -> None:
    worker = shelf.stage.town.grid_worker
    sent = await shelf.send(worker, photo())
    assert sent.status_code == 201
    told = sent.json()
    assert (told["name"], told["mediaType"], sent.headers["location"]) == ("灯.jpg", "image/jpeg", told["url"])
    (listed,) = (await shelf.ask.as_(shelf.stage.staff)(FILES, id=str(shelf.case.id)))["case"]["attachments"]
    assert listed == {name: told[name] for name in ("id", "name", "mediaType", "url", "takenAt")}
    given = await shelf.get(shelf.stage.staff, told["url"])
    assert (given.status_code, given.headers["content-type"]) == (200, "image/jpeg")
    assert given.headers["content-disposition"] == "inline; filename*=UTF-8''%E7%81%AF.jpg"
    assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert given.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(given.content)) as image:
        assert image.size == (8, 8)


async def test_a_file_is_read_on_record(shelf: Shelf) -> None:
    """Its name when it is listed, its content when it is fetched; who is refused has read nothing."""
    row = (await shelf.send(shelf.stage.staff, photo())).json()
    async with shelf.ask.database.write({"everywhere": True}) as session:
        outside = await makers.make_account(session, Role.GRID_WORKER, shelf.stage.town.grids[2])
    assert (await shelf.get(outside, row["url"])).status_code == 404
    assert (await shelf.get(shelf.stage.staff, row["url"])).status_code == 200
    await shelf.ask.as_(shelf.stage.staff)(FILES, id=str(shelf.case.id))
    async with shelf.ask.database.read({"everywhere": True}) as session:
        lines = (await session.scalars(sa.select(Reading).order_by(Reading.id))).all()
    assert [(str(line.record_id), line.fields, line.actor_id) for line in lines] == [
        (row["id"], ["content"], shelf.stage.staff.id),
        (row["id"], ["name"], shelf.stage.staff.id),
    ]
    assert {line.household_id for line in lines} == {shelf.stage.town.households[0].id}


async def test_in_the_store_a_file_is_sealed(shelf: Shelf) -> None:
    """Neither the photo nor its name can be read from the folder or the rows."""
    await shelf.send(shelf.stage.staff, photo())
    (kept,) = (path for path in shelf.folder.rglob("*") if path.is_file())
    assert not kept.read_bytes().startswith(b"\xff\xd8")
    async with shelf.ask.api.platform("casework").read() as session:
        row = (await session.scalars(sa.select(Attachment))).one()
    assert "灯".encode() not in row.name_sealed


async def test_a_file_whose_row_was_never_committed_is_swept_after_a_day(shelf: Shelf) -> None:
    """The commit fails after the bytes are stored: they lie there without a row, for a day.

    A file that is attached stays however old it is, and so does what is not ours.
    """
    await shelf.send(shelf.stage.staff, photo())
    (attached,) = (path for path in shelf.folder.rglob("*") if path.is_file())
    store, platform = FileStore.in_folder(shelf.folder), shelf.ask.api.platform("casework")
    sent = await files.read("灯.jpg", photo("blue"))
    with suppress(ConnectionError):
        async with platform.write() as session:
            actor = await actor_of(session, shelf.stage.staff.id)
            await files.add(session, makers.KEYRING, store, shelf.case.id, actor, sent)
            raise ConnectionError("the store's server dies before the commit")
    assert await shelf.rows() == 1
    (orphan,) = {path for path in shelf.folder.rglob("*") if path.is_file()} - {attached}
    foreign = shelf.folder / "notes.txt"
    foreign.write_text("not ours")
    assert (await orphans.sweep(platform, store), orphan.exists()) == (0, True)
    two_days_ago = clock.now().timestamp() - 2 * 86_400
    for path in (attached, orphan, foreign):
        os.utime(path, (two_days_ago, two_days_ago))
    assert await orphans.sweep(platform, store) == 1
    assert [path.exists() for path in (attached, orphan, foreign)] == [True, False, True]
    assert await shelf.rows() == 1


async def test_the_same_file_again_is_the_same_attachment(shelf: Shelf) -> None:
    first, again = [(await shelf.send(shelf.stage.staff, photo())).json() for _ in range(2)]
    assert first == again
    assert await shelf.rows() == 1


async def test_a_resident_attaches_with_the_tracking_code(shelf: Shelf) -> None:
    sent = await shelf.send(None, photo(), case=shelf.case.number, **{"Tracking-Code": TRACKING})
    assert sent.status_code == 201
    wrong = await shelf.send(None, photo("blue"), case=shelf.case.number, **{"Tracking-Code": "WRONGWRONG"})
    assert (wrong.status_code, await shelf.rows()) == (404, 1)


SENT = """query ($number: String!, $code: String!) {
  trackCase(number: $number, code: $code) { files { name mediaType sizeBytes } }
}"""
PAPER = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


async def test_a_resident_sends_a_paper_as_the_staff_do(shelf: Shelf) -> None:
    """A PDF is one by its content, whatever its name; the staff download it, the resident reads what was sent."""
    resident = {"case": shelf.case.number, "Tracking-Code": TRACKING}
    sent = await shelf.send(None, PAPER, "租房合同.pdf", **resident)
    assert (sent.status_code, sent.json()["mediaType"]) == (201, "application/pdf")
    refused = await shelf.send(None, b"PK not a paper", "合同.pdf", **resident)
    assert (refused.status_code, refused.json()["code"]) == (400, "FILE_KIND_REFUSED")
    assert (await shelf.send(shelf.stage.staff, photo())).status_code == 201
    given = await shelf.get(shelf.stage.staff, sent.json()["url"])
    assert (given.content, given.headers["content-type"]) == (PAPER, "application/pdf")
    assert given.headers["content-disposition"].startswith("attachment; ")
    told = await shelf.ask.as_(None)(SENT, number=shelf.case.number, code=TRACKING)
    mine = {"name": "租房合同.pdf", "mediaType": "application/pdf", "sizeBytes": len(PAPER)}
    assert told["trackCase"]["files"] == [mine]  # the photo is the staff's


async def test_who_may_not_see_the_case_sees_no_file(shelf: Shelf) -> None:
    """Neither the worker of another grid nor the platform's administrator, and nobody without a token."""
    url = (await shelf.send(shelf.stage.staff, photo())).json()["url"]
    async with shelf.ask.database.write({"everywhere": True}) as session:
        town = shelf.stage.town
        stranger = await makers.make_account(session, Role.GRID_WORKER, town.grids[3], worker=town.workers[3])
        admin = await makers.make_account(session, Role.ADMIN)
        auditor = await makers.make_account(session, Role.AUDITOR, town.community)
    assert [(await shelf.get(who, url)).status_code for who in (stranger, admin, None)] == [404, 404, 401]
    assert [(await shelf.send(who, photo("blue"))).status_code for who in (stranger, admin, None)] == [404, 404, 401]
    assert (await shelf.get(auditor, url)).status_code == 200
    assert (await shelf.send(auditor, photo("blue"))).status_code == 403
    assert await shelf.rows() == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<script>alert(1)</script>", 400, "FILE_KIND_REFUSED"),
        (b"", 400, "FILE_EMPTY"),
        (b"x" * (attachments.MOST_BODY + 1), 413, "BODY_TOO_LARGE"),
    ],
)
async def test_what_is_no_photo_and_no_paper_is_refused(shelf: Shelf, content: bytes, status: int, code: str) -> None:
    sent = await shelf.send(shelf.stage.staff, content)
    assert (sent.status_code, sent.json()["code"]) == (status, code)
    assert await shelf.rows() == 0


async def test_a_request_without_a_file_is_refused(shelf: Shelf) -> None:
    signed = makers.authorization(shelf.stage.staff)
    place = f"/cases/{shelf.case.id}/attachments"
    bodies: list[dict[str, Any]] = [{"content": b"x"}, {"files": {"other": ("a.jpg", photo())}}]
    for body in bodies:
        refused = await shelf.http.post(place, headers=signed, **body)
        assert (refused.status_code, refused.json()["code"]) == (400, "REQUEST_MALFORMED")


async def test_a_case_holds_so_many_files_and_none_after_its_end(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 1)
    await shelf.send(shelf.stage.staff, photo())
    full = await shelf.send(shelf.stage.staff, photo("blue"))
    assert (full.status_code, full.json()["code"]) == (400, "TOO_MANY_FILES")
    worker = shelf.stage.town.grid_worker
    await shelf.stage.act(shelf.case, worker, "ACCEPT")
    await shelf.stage.act(shelf.case, worker, "ANSWER", solved=True)
    await shelf.stage.act(shelf.case, shelf.stage.staff, "RATE", satisfied=True)
    ended = await shelf.send(shelf.stage.staff, photo("blue"))
    assert (ended.status_code, ended.json()["code"]) == (400, "CASE_ENDED")
    assert await shelf.rows() == 1
