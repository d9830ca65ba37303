"""Photos and papers of a case: kept sealed in the file store, seen by whoever may see the case, named by their rows."""

import asyncio
import hashlib
import hmac
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, pictures
from services.access import Actor
from services.cases import engine, ledger, rights
from services.errors import NotAllowed, NotFound, Refusal
from services.filestore import FileStore
from services.models import Attachment, Role, new_id
from services.models.attachments import of_cases
from services.models.base import SRID
from services.models.cases import Case
from services.pictures import Checked
from services.sealing import NONCE_BYTES, Keyring

MOST_FILES = 20
LONGEST_NAME = 120
NAME = "attachments.name"
CONTENT = b"attachments.content"


class TooManyFiles(Refusal):
    """A case holds at most {most} files."""


class CaseEnded(Refusal):
    """The case has ended: nothing is attached to it any more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came: its name, and its content as it may be kept; `digest` tells it from others."""

    name: str
    file: Checked
    digest: bytes


async def read(name: str, content: bytes) -> Sent:
    """A file that somebody sent, checked by its content beside the event loop. Raises as `pictures.checked` does."""
    file = await asyncio.to_thread(pictures.checked, content)
    return Sent(_plain(name), file, hashlib.sha256(content).digest())


async def add(
    session: AsyncSession, keyring: Keyring, store: FileStore, case_id: uuid.UUID, actor: Actor | None, sent: Sent
) -> Attachment:
    """Attach a file to an open case that the actor sees; None: the opener who proved the tracking code.

    The same file again is the one that is there. The bytes are stored before the row is, so that no row is without
    them. Raises NotFound, NotAllowed, CaseEnded, TooManyFiles, FileStoreUnavailable, and then nothing has changed.
    """
    case = await ledger.lock(session, case_id)
    assert case is not None
    standing = await engine.standing_of(session, case, actor)
    if actor is not None and not rights.may_see(case, actor, standing.state, standing.unit_ids):
        raise NotFound(case_id)
    if actor is not None and actor.roles == {Role.AUDITOR}:
        raise NotAllowed
    if case.ended_at is not None:
        raise CaseEnded
    digest = hmac.digest(keyring.lasting_key, b"attachment" + case_id.bytes + sent.digest, hashlib.sha256)
    present = (await session.scalars(sa.select(Attachment).where(Attachment.case_id == case_id))).all()
    if known := next((each for each in present if each.digest == digest), None):
        return known
    if len(present) >= MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    row = _row(keyring, case, sent, digest, actor)
    await store.put(row.key, _sealed(keyring, row.data_key, sent.file.content))
    session.add(row)
    await session.flush()
    return row


async def find(session: AsyncSession, actor: Actor, attachment_id: uuid.UUID) -> Attachment:
    """A file of a case that the actor may see; NotFound otherwise."""
    joined = sa.select(Attachment).join(Case, Case.id == Attachment.case_id).where(Attachment.id == attachment_id)
    found: Attachment | None = await session.scalar(rights.visible_cases(joined, actor))
    if found is None:
        raise NotFound(attachment_id)
    return found


async def content(keyring: Keyring, store: FileStore, row: Attachment) -> bytes:
    """The bytes of a file whose row was found. Raises FileGone, FileStoreUnavailable, SealBroken."""
    sealed = await store.get(row.key)
    cipher = AESGCM(keyring.unwrap(row.data_key))
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], CONTENT)


async def by_case(
    session: AsyncSession, actor: Actor, case_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Attachment]]:
    """The files of these cases, first to last, of those that the actor may see."""
    pairs = of_cases(list(case_ids)).join(Case, Case.id == Attachment.case_id)
    found: dict[uuid.UUID, list[Attachment]] = {case_id: [] for case_id in case_ids}
    for case_id, row in (await session.execute(rights.visible_cases(pairs, actor))).all():
        found[case_id].append(row)
    return found


def name_of(keyring: Keyring, row: Attachment) -> str:
    """The name under which a file was sent."""
    return keyring.open(row.data_key, NAME, row.name_sealed) or ""


def _row(keyring: Keyring, case: Case, sent: Sent, digest: bytes, actor: Actor | None) -> Attachment:
    id_, data_key = new_id(), keyring.new_data_key()
    place = from_shape(Point(sent.file.place), srid=SRID) if sent.file.place else None
    return Attachment(
        id=id_,
        case_id=case.id,
        data_key=data_key,
        name_sealed=keyring.seal(data_key, NAME, sent.name),
        media_type=sent.file.media_type,
        size_bytes=len(sent.file.content),
        digest=digest,
        key=f"{case.id}/{id_}",
        taken_at=sent.file.taken_at,
        location=place,
        added_at=clock.now(),
        added_by=actor.account_id if actor else None,
    )


def _sealed(keyring: Keyring, data_key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(keyring.unwrap(data_key)).encrypt(nonce, plain, CONTENT)


def _plain(name: str) -> str:
    """The last part of a path, without control characters, at most 120 characters, its ending kept."""
    last = "".join(each for each in name.replace("\\", "/").rsplit("/", 1)[-1] if each.isprintable()).strip()
    stem, dot, ending = last.rpartition(".")
    return (stem[: LONGEST_NAME - len(ending) - 1] + dot + ending)[-LONGEST_NAME:] if stem else last[:LONGEST_NAME]
