"""How long the phone of a resident without an account is kept."""

from datetime import timedelta

import sqlalchemy as sa

from services import retention
from services.cases import residents
from services.cases.engine import Opening, open_case
from services.models.cases import CaseContact
from tests.callroom import emptied
from tests.caseroom import HERE, KEYRING, CaseRoom
from tests.conftest import StandingClock
from tests.postgres import OWNER, WorkerDatabases

PHONES = ("13800001234", "13800005678")


async def test_a_phone_that_raised_no_case_is_forgotten(caseroom: CaseRoom, standing_clock: StandingClock) -> None:
    """Both are kept for ten minutes and a day; then only that to which a case's news are sent."""
    first, _ = await _asked(caseroom)
    opening = Opening("APPEAL", "井盖松动", longitude=HERE[0], latitude=HERE[1], contact_id=first.id)
    async with caseroom.database.write() as session:
        await open_case(session, KEYRING, None, opening)
    standing_clock.moment += timedelta(days=1, minutes=10)
    assert await retention.forget_phones(caseroom.database) == 0
    standing_clock.moment += timedelta(seconds=1)
    assert await retention.forget_phones(caseroom.database) == 1
    assert [row.id for row in await _kept(caseroom)] == [first.id]


async def test_an_emptied_database_has_no_phone_left(
    caseroom: CaseRoom, case_database: str, databases: WorkerDatabases
) -> None:
    """They hang on no case, no home and no account: nothing else takes them along."""
    await _asked(caseroom)
    await emptied(databases.url(case_database, OWNER))
    assert await _kept(caseroom) == []


async def _asked(caseroom: CaseRoom) -> list[CaseContact]:
    async with caseroom.database.write() as session:
        for phone in PHONES:
            await residents.send_code(session, KEYRING, phone)
    found = await _kept(caseroom)
    assert len(found) == 2
    return found


async def _kept(caseroom: CaseRoom) -> list[CaseContact]:
    async with caseroom.database.read() as session:
        return list(await session.scalars(sa.select(CaseContact).order_by(CaseContact.id)))
