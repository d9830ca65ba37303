"""The row of a new case: its number, its words sealed, its place; the tracking code of a resident without account."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.ext.asyncio import AsyncSession

from services import areas, clock
from services.access import Actor
from services.cases import ledger
from services.cases.kind import Kind
from services.errors import Invalid
from services.models.areas import AreaLevel
from services.models.base import SRID, new_id
from services.models.cases import NUMBERS, Case
from services.models.households import Household
from services.sealing import Keyring

LONGEST_SUBJECT = 120
LONGEST_DESCRIPTION = 4000


class SubjectUnfit(Invalid):
    """A subject has 2 to {most} characters, without names of people: it is a title."""


class DescriptionTooLong(Invalid):
    """A description has at most {most} characters."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody raises: kind, words, form, and a point, a home or an area as its place.

    `contact_id` is a proven phone, of somebody without an account. `parent` is the case from which this one follows.
    """

    kind: str
    subject: str
    description: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    longitude: float | None = None
    latitude: float | None = None
    household_id: uuid.UUID | None = None
    area_id: uuid.UUID | None = None
    consent: bool = False
    contact_id: uuid.UUID | None = None
    parent: Case | None = None
    tracking_hash: bytes | None = None


async def new_row(
    session: AsyncSession,
    keyring: Keyring,
    kind: Kind,
    opening: Opening,
    details: Mapping[str, Any],
    place: Any,
    actor: Actor | None,
) -> Case:
    """The row, not yet written: `ledger.write` adds what the timeline tells."""
    subject = _subject(opening)
    now, data_key = clock.now(), keyring.new_data_key()
    words: dict[str, Any] = {"description": opening.description.strip()} if opening.description.strip() else {}
    if kind.sealed:
        words |= {"subject": subject, "details": dict(details)}
    case = Case(
        id=new_id(),
        number=f"{kind.prefix}{now:%Y}{await session.scalar(sa.select(NUMBERS.next_value())):07d}",
        kind=kind.code,
        sealed=kind.sealed,
        subject=kind.name if kind.sealed else subject,
        data_key=data_key,
        words_sealed=ledger.sealed_words(keyring, data_key, words) if words else None,
        details={} if kind.sealed else dict(details),
        household_id=opening.household_id,
        grid_id=place.at(AreaLevel.GRID),
        community_id=place.at(AreaLevel.COMMUNITY),
        street_id=place.at(AreaLevel.STREET),
        district_id=place.at(AreaLevel.DISTRICT),
        area_version_id=await areas.current_version(session, place.smallest),
        opener_id=actor.account_id if actor else None,
        contact_id=opening.contact_id,
        tracking_hash=opening.tracking_hash,
        opened_at=now,
        sort_due_at=now,
    )
    await _place(session, case, opening)
    return case


async def _place(session: AsyncSession, case: Case, opening: Opening) -> None:
    """The point that was given, else the home's; a sealed case keeps none, since a place tells who it is."""
    if case.sealed:
        return
    if opening.longitude is not None and opening.latitude is not None:
        case.location = from_shape(Point(opening.longitude, opening.latitude), srid=SRID)
    elif opening.household_id is not None:
        home = await session.get(Household, opening.household_id)
        case.location = home.location if home else None


def _subject(opening: Opening) -> str:
    subject = " ".join(opening.subject.split())
    if not 2 <= len(subject) <= LONGEST_SUBJECT:
        raise SubjectUnfit(most=LONGEST_SUBJECT)
    if len(opening.description) > LONGEST_DESCRIPTION:
        raise DescriptionTooLong(most=LONGEST_DESCRIPTION)
    return subject
