"""Deleting what is over: care records whose consent was withdrawn, closed ones that were kept long enough, and phones
of residents from which no case came.
"""

import asyncio
import uuid
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services import clock, contents, endings
from services.contents import Content
from services.database import Database
from services.ladder import CallRules
from services.models import CareCategory, CareRecord, CareTeamMember, Case, Consent, Sensitivity, Timer, Visit
from services.models.cases import CaseContact

log = structlog.get_logger()

MOST_AT_ONCE = 100
LOOK_SECONDS = 3_600.0
UNUSED_PHONE_KEPT = timedelta(days=1)


async def on_erase_care_record(session: AsyncSession, timer: Timer, rules: CallRules) -> None:
    """The timer of a withdrawn consent is due: the record goes, unless somebody consented anew meanwhile."""
    record = await session.get(CareRecord, timer.subject_id, with_for_update=True)
    if record is not None and record.consent_at is None:
        await erase_record(session, record)


async def erase_record(session: AsyncSession, record: CareRecord) -> None:
    """Delete a record with its team, history and words. Of its visits the fact stays with the household, without a
    note; in a sealed category nothing stays, since the visit alone would tell. Consents stay without a name.
    """
    category = await session.get_one(CareCategory, record.category_id)
    of_record = Visit.care_record_id == record.id
    if category.sensitivity is Sensitivity.SEALED:
        await session.execute(sa.delete(Visit).where(of_record))
    else:
        empty = {"care_record_id": None, "data_key": None, "note_sealed": None, "based_on": None}
        await session.execute(sa.update(Visit).where(of_record).values(empty))
    nameless = {"data_key": None, "giver_sealed": None}
    await session.execute(sa.update(Consent).where(Consent.care_record_id == record.id).values(nameless))
    await session.execute(sa.delete(CareTeamMember).where(CareTeamMember.care_record_id == record.id))
    await session.execute(sa.delete(CareRecord).where(CareRecord.id == record.id))
    session.expunge(record)
    await contents.changed(session, Content.CARE)


async def erase_over(database: Database) -> int:
    """Erase the closed records that were kept as long as their category says; how many. `database` speaks for us."""
    erased = 0
    while ids := await _some_over(database):
        for record_id in ids:
            async with database.write() as session:
                record = await session.get(CareRecord, record_id, with_for_update=True)
                if record is not None:
                    await erase_record(session, record)
                    erased += 1
    if erased:
        log.info("records over their time erased", records=erased)
    return erased


async def forget_phones(database: Database) -> int:
    """Forget the phones whose code ended a day ago and from which no case came; how many."""
    unused = ~sa.exists().where(Case.contact_id == CaseContact.id)
    over = CaseContact.expires_at < clock.now() - UNUSED_PHONE_KEPT
    async with database.write() as session:
        gone = await session.scalars(sa.delete(CaseContact).where(over, unused).returning(CaseContact.id))
        return len(gone.all())


async def keep_erasing(database: Database) -> None:
    """Look every `LOOK_SECONDS` for as long as this runs."""
    while True:
        try:
            await erase_over(database)
            await forget_phones(database)
        except (sa.exc.DBAPIError, OSError) as problem:
            log.warning("what is over was not erased", error=type(problem).__name__)
        endings.raise_if_asked_to_end()
        await asyncio.sleep(LOOK_SECONDS)


async def _some_over(database: Database) -> list[uuid.UUID]:
    days = sa.func.greatest(CareCategory.keep_closed_days, CareCategory.keep_by_law_days)
    over = (
        sa.select(CareRecord.id)
        .join(CareCategory, CareCategory.id == CareRecord.category_id)
        .where(CareRecord.closed_at + sa.func.make_interval(0, 0, 0, days) < clock.now())
    )
    async with database.read() as session:
        return list(await session.scalars(over.order_by(CareRecord.closed_at).limit(MOST_AT_ONCE)))
