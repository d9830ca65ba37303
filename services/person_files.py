"""A person's file whole, as the person may have it (PIPL, article 45): what is stored, and who has read it.

Records of sealed categories are in it for their team alone, who hand them over; whoever exports sees what he may read.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import care_records, clock, visits
from services.access import Actor, visible
from services.errors import NotFound
from services.models import (
    CareCategory,
    CareEvent,
    CareRecord,
    Consent,
    Household,
    Reading,
    Residence,
    Resident,
    Role,
    Visit,
)
from services.residents import masked_number
from services.sealing import Keyring

Note = Callable[[Any, str], None]
"""Is told of each field that is opened, for the read log."""

MOST_READINGS = 1000
SEALED_APART = "Records of sealed categories are handed over by their own team."


async def export(
    session: AsyncSession, actor: Actor, keyring: Keyring, resident_id: uuid.UUID, note: Note
) -> dict[str, Any]:
    """The file as plain JSON. Raises NotFound."""
    actor.require(Role.MANAGER)
    resident = await session.scalar(visible(sa.select(Resident).where(Resident.id == resident_id), actor))
    if resident is None or resident.erased_at is not None:
        raise NotFound(resident_id)
    records = (await session.scalars(care_records.readable(actor).where(CareRecord.resident_id == resident.id))).all()
    opened = _Opening(keyring, note)
    return {
        "exportedAt": clock.now().isoformat(),
        "person": _person(resident, opened),
        "homes": await _homes(session, resident),
        "careRecords": [await _record(session, record, opened) for record in records],
        "sealedRecords": SEALED_APART,
        "readBy": await _readings(session, resident, records),
    }


class _Opening:
    """Opens sealed fields, and says which."""

    def __init__(self, keyring: Keyring, note: Note) -> None:
        self._keyring, self._note = keyring, note

    def __call__(self, row: Any, name: str) -> str | None:
        text = self._keyring.open(row.data_key, f"{row.__tablename__}.{name}", getattr(row, f"{name}_sealed"))
        if text is not None:
            self._note(row, name)
        return text


def _person(resident: Resident, opened: _Opening) -> dict[str, Any]:
    number = opened(resident, "identity")
    return {
        "code": resident.code,
        "name": opened(resident, "name"),
        "phone": opened(resident, "phone"),
        "identityNumber": masked_number(number) if number else None,
        "sex": resident.sex.value,
        "birthDate": resident.birth_date and resident.birth_date.isoformat(),
        "registeredElsewhere": resident.mobile,
    }


async def _homes(session: AsyncSession, resident: Resident) -> list[dict[str, Any]]:
    rows = await session.execute(
        sa.select(Residence, Household.code, Household.address)
        .join(Household, Household.id == Residence.household_id)
        .where(Residence.resident_id == resident.id)
        .order_by(Residence.since)
    )
    return [
        {
            "household": code,
            "address": address,
            "relation": stay.relation,
            "since": stay.since.isoformat(),
            "until": stay.until and stay.until.isoformat(),
        }
        for stay, code, address in rows.all()
    ]


async def _record(session: AsyncSession, record: CareRecord, opened: _Opening) -> dict[str, Any]:
    category = await session.get_one(CareCategory, record.category_id)
    own = sa.select(Consent).where(Consent.care_record_id == record.id).order_by(Consent.given_on)
    made = sa.select(Visit).where(Visit.care_record_id == record.id, visits.counts()).order_by(Visit.visited_at)
    lines = sa.select(CareEvent).where(CareEvent.care_record_id == record.id).order_by(CareEvent.id)
    return {
        "category": {"code": category.code, "name": category.name},
        "level": record.level,
        "notes": opened(record, "notes"),
        "diagnosis": opened(record, "diagnosis"),
        "openedAt": record.opened_at.isoformat(),
        "consents": [_consent(one, opened) for one in await session.scalars(own)],
        "visits": [
            {"visitedAt": one.visited_at.isoformat(), "purpose": one.purpose, "note": opened(one, "note")}
            for one in await session.scalars(made)
        ],
        "history": [{"at": one.at.isoformat(), "kind": one.kind.value} for one in await session.scalars(lines)],
    }


def _consent(consent: Consent, opened: _Opening) -> dict[str, Any]:
    return {
        "givenBy": consent.given_by.value,
        "giver": opened(consent, "giver"),
        "givenOn": consent.given_on.isoformat(),
        "purposes": consent.purposes,
        "withdrawnAt": consent.withdrawn_at and consent.withdrawn_at.isoformat(),
    }


async def _readings(session: AsyncSession, resident: Resident, records: Sequence[CareRecord]) -> list[dict[str, Any]]:
    """Who read the person and the records named above: roles and days, no names of those who work here."""
    ids = [resident.id, *(record.id for record in records)]
    lines = sa.select(Reading).where(Reading.record_id.in_(ids)).order_by(Reading.id.desc()).limit(MOST_READINGS)
    return [
        {"at": line.at.isoformat(), "roles": line.roles, "fields": line.fields, "operation": line.operation}
        for line in await session.scalars(lines)
    ]
