"""Which calendar holds where, and who may decide it."""

from collections.abc import Sequence
from datetime import date, time

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from fixtures import makers
from services.actors import actor_of
from services.errors import NotAllowed, StaleVersion
from services.models import Area, CalendarVersion, Role
from services.workdays import Received, calendar_for
from services.workdays.jurisdictions import DayMisread, Decided, ReasonMissing, change

CONGRESS = date(2026, 6, 3)  # a Wednesday
PLANTING = {CONGRESS: ("OFF", "换届")}


async def decided(
    session: AsyncSession, area: Area | None, given: Decided, version: int = 0, role: Role = Role.MANAGER
) -> CalendarVersion:
    """What a manager of that area (of everywhere, for the house) decides."""
    account = await makers.make_account(session, role, *([area] if area else []))
    return await change(session, await actor_of(session, account.id), area.id if area else None, given, version)


async def chain(session: AsyncSession, community: Area) -> Sequence[Area]:
    """District, street, community."""
    street = await session.get_one(Area, community.parent_id)
    return [await session.get_one(Area, street.parent_id), street, community]


async def test_without_a_decision_the_nation_s_days_hold(session: AsyncSession) -> None:
    community = await makers.make_community(session)
    calendar = await calendar_for(session, community.id)
    assert calendar is await calendar_for(session, None)
    assert calendar.add(date(2026, 6, 2), 1) == CONGRESS


async def test_a_decision_holds_in_the_area_and_below_it(session: AsyncSession) -> None:
    """The district has 3 June off, its street works again: the community below the street works, the district not."""
    community = await makers.make_community(session)
    elsewhere = await makers.make_community(session, number=2)
    district, street, _ = await chain(session, community)
    await decided(session, district, Decided(PLANTING, reason="人大换届"))
    await decided(session, street, Decided({CONGRESS: ("WORKED", "值守")}, closes=time(17), reason="街道值守"))
    works = {
        area.code: (await calendar_for(session, area.id)).is_working(CONGRESS)
        for area in (district, street, community, elsewhere)
    }
    assert works == {district.code: False, street.code: True, community.code: True, elsewhere.code: True}
    assert (await calendar_for(session, community.id)).hours.closes == time(17)
    assert (await calendar_for(session, district.id)).reason(CONGRESS) == "换届"


async def test_the_last_version_holds_and_the_ones_before_stay(session: AsyncSession) -> None:
    community = await makers.make_community(session)
    first = await decided(session, community, Decided(PLANTING, reason="one"))
    second = await decided(session, community, Decided(reason="taken back"), version=1)
    assert (first.version, second.version) == (1, 2)
    assert (await calendar_for(session, community.id)).is_working(CONGRESS)
    kept = await session.scalars(sa.select(CalendarVersion.reason).order_by(CalendarVersion.version))
    assert kept.all() == ["one", "taken back"]


async def test_a_house_may_settle_a_year_before_the_library_knows_it(session: AsyncSession) -> None:
    """With 2027 settled, 4 January is no longer provisional, and the last week of 2026 is not either."""
    before = await calendar_for(session, None)
    await decided(session, None, Decided({date(2027, 1, 1): ("OFF", "元旦")}, [2027], reason="国办通知"))
    after = await calendar_for(session, None)
    days = [date(2026, 12, 25), date(2027, 1, 4), date(2027, 12, 25)]
    assert [before.provisional(day) for day in days] == [True, True, True]
    assert [after.provisional(day) for day in days] == [False, False, True]


async def test_worked_weekends_can_be_left_out(session: AsyncSession) -> None:
    """After Friday 13 February 2026 comes Saturday 14, worked by the nation; here Tuesday 24."""
    await decided(session, None, Decided(counts_make_up=False, received=Received.NEXT_WORKING_DAY, reason="本地规定"))
    calendar = await calendar_for(session, None)
    assert calendar.add(date(2026, 2, 13), 1) == date(2026, 2, 24)
    assert calendar.hours.received is Received.NEXT_WORKING_DAY


async def test_who_may_not_decide_changes_nothing(session: AsyncSession) -> None:
    """A worker of the area, the manager of another, and for the house the manager of one area."""
    community, elsewhere = await makers.make_community(session), await makers.make_community(session, number=2)
    worker = await makers.make_account(session, Role.GRID_WORKER, community)
    stranger = await makers.make_account(session, Role.MANAGER, elsewhere)
    for account, area in ((worker, community), (stranger, community), (stranger, None)):
        with pytest.raises(NotAllowed):
            await change(
                session, await actor_of(session, account.id), area.id if area else None, Decided(reason="x"), 0
            )
    assert await session.scalar(sa.select(sa.func.count()).select_from(CalendarVersion)) == 0


async def test_what_cannot_be_decided_changes_nothing(session: AsyncSession) -> None:
    community = await makers.make_community(session)
    await decided(session, community, Decided(PLANTING, reason="one"))
    with pytest.raises(StaleVersion, match="now version 1"):
        await decided(session, community, Decided(reason="two"), version=0)
    with pytest.raises(ReasonMissing):
        await decided(session, community, Decided(reason=" "), version=1)
    with pytest.raises(DayMisread, match="2003"):
        await decided(session, community, Decided({date(2003, 1, 1): ("OFF", "x")}, reason="two"), version=1)
    assert await session.scalar(sa.select(sa.func.count()).select_from(CalendarVersion)) == 1
