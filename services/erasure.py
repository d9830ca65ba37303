"""Erasing a person: name, numbers and birth date at once, care records once no law keeps them (PIPL article 47)."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, consents, contents, retention, timers
from services.access import Actor, visible
from services.contents import Content
from services.database import speaking_as
from services.errors import Invalid, NotFound
from services.models import (
    CareCategory,
    CareRecord,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Residence,
    Resident,
    Role,
    Sex,
)
from services.models.residents import home_of
from services.models.timers import TimerKind

PART = "erasure"
KEPT_ALWAYS = ("readings", "openings", "consents")
"""What proves who saw the person and who agreed: ids and days only (Cybersecurity Law article 21; PIPL article 69)."""


class CodeDiffers(Invalid):
    """The code sent is not this person's. Send the number on the register, so that nobody else is erased by mistake."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is not erased yet, until when, and by which law."""

    what: str
    until: datetime | None
    ground: str | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and what a law keeps."""

    erased: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


async def erase_resident(session: AsyncSession, actor: Actor, resident_id: uuid.UUID, code: str) -> Erasure:
    """Erase a person for good; `code` is said again so that it is the right one. Raises NotFound, CodeDiffers."""
    actor.require(Role.MANAGER)
    resident = await session.scalar(
        visible(sa.select(Resident).where(Resident.id == resident_id), actor).with_for_update(of=Resident)
    )
    if resident is None or resident.erased_at is not None:
        raise NotFound(resident_id)
    if code.strip() != resident.code:
        raise CodeDiffers(code)
    home = (await session.scalars(home_of([resident.id]).with_only_columns(Residence))).first()
    async with speaking_as(session, PART):  # also what the actor may not read must go
        found = await _records(session, actor, resident)
        await _leave(session, actor, resident, home)
        _forget(resident)
        await session.flush()
    await contents.changed(session, Content.HOMES, Content.CARE)
    proof = [Kept(what, None, "proof of who read and who agreed; ids and days only") for what in KEPT_ALWAYS]
    return Erasure(["person", *found.erased], [*found.kept, *proof])


async def _records(session: AsyncSession, actor: Actor, resident: Resident) -> Erasure:
    """Erase the person's records, or hide them until the law lets go of them."""
    rows = await session.execute(
        sa.select(CareRecord, CareCategory)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .where(CareRecord.resident_id == resident.id)
        .with_for_update(of=CareRecord)
    )
    found = Erasure()
    for record, category in rows.all():
        until = (record.closed_at or clock.now()) + timedelta(days=category.keep_by_law_days)
        if until <= clock.now():
            await retention.erase_record(session, record)
            found.erased.append("care record")
            continue
        if record.consent_at is not None:
            await consents.withdraw(session, actor, record)
        await timers.put(session, TimerKind.ERASE_CARE_RECORD, record.id, until)
        found.kept.append(Kept("care record", until, category.keep_by_law_ground))
    return found


async def _leave(session: AsyncSession, actor: Actor, resident: Resident, home: Residence | None) -> None:
    if home is None:
        return
    home.until = clock.today()
    household = await session.get_one(Household, home.household_id)
    household.version += 1
    session.add(
        HouseholdEvent(
            household_id=household.id,
            at=clock.now(),
            kind=HouseholdEventKind.LEFT,
            before={"resident": str(resident.id)},
            after={"erased": True},
            actor_id=actor.account_id,
        )
    )


def _forget(resident: Resident) -> None:
    """Without the data key nothing of the person opens any more, not in a backup's rows of today either."""
    for name in ("data_key", "name_sealed", "name_index", "phone_sealed", "phone_index", "identity_sealed"):
        setattr(resident, name, None)
    resident.identity_index = resident.birth_date = None
    resident.sex = Sex.UNSTATED
    resident.code = f"ERASED-{resident.id.hex}"
    resident.erased_at = clock.now()
