"""Working days: when a term ends, which days were passed over, and the calendar that an area has decided."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated

import strawberry
from strawberry import Parent

from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, mutation, shown, words
from services.errors import Invalid
from services.models import CalendarVersion
from services.workdays import Received, calendar_for, jurisdictions
from services.workdays.calendar import Skipped, WorkCalendar

words(Received)

MOST_DAYS = 2_000
MOST_SKIPPED = 1_000
MOST_STATED = 400
MOST_YEARS = 100


Day = date
FromDay = Annotated[Day, strawberry.argument(name="from", description="The day on which the term begins.")]


class TooManyDays(Invalid):
    """A term has at most {most} working days. Ask for fewer."""


class TimeMisread(Invalid):
    """{subject} is no time of day. Send hours and minutes, such as 17:30."""


@dataclass(frozen=True, slots=True)
class Found:
    """The last day of a term in a calendar, and the day on which the term began."""

    begun: Day
    date: Day
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True)
class Stated:
    """One day as a calendar states it."""

    date: Day
    off: bool
    name: str


@lens
class SkippedDay:
    """A day that does not count."""

    date: Day = shown("The day.")
    reason: str = shown("The festival, or 周末 for a weekend.")


@lens
class WorkingDay:
    """The last day of a term."""

    date: Day = shown("The last day.")

    @field(graphql_type=bool)
    async def provisional(self, row: Parent[Found]) -> bool:
        """True when the day may yet move, since the days off of its year are not published."""
        return row.calendar.provisional(row.date)

    @listing(graphql_type=list[SkippedDay], at_most=MOST_SKIPPED)
    async def skipped(self, row: Parent[Found]) -> list[Skipped]:
        """The days off that were passed over, first to last."""
        return row.calendar.skipped(row.begun, row.date)


@lens
class StatedDay:
    """A day that a calendar states otherwise than the nation does."""

    date: Day = shown("The day.")
    off: bool = shown("True for a day off, false for a day that is worked.")
    name: str = shown("What the day is called.")


@lens
class WorkCalendarVersion:
    """What an area has decided beside the published days off; each change is a new version."""

    version: int = shown("Counts the changes; send it back with the next one.")
    counts_make_up: bool = shown("False: weekends worked in exchange (调休) do not count as working days here.")
    reason: str = shown("The notice or decision behind this version.")
    changed_at: datetime = shown("When it was made.")

    @listing(graphql_type=list[int], at_most=MOST_YEARS)
    async def years(self, row: Parent[CalendarVersion]) -> list[int]:
        """Years whose days off are settled by this calendar, beside the published ones."""
        return row.years

    @field(graphql_type=str | None)
    async def closes(self, row: Parent[CalendarVersion]) -> str | None:
        """The close of business in local time, at which a last day ends; null: at 24:00."""
        return row.closes.isoformat("minutes") if row.closes else None

    @field(graphql_type=Received)
    async def received(self, row: Parent[CalendarVersion]) -> Received:
        """When something counts as received that comes in after the close of business or on a day off."""
        return Received(row.received)

    @listing(graphql_type=list[StatedDay], at_most=MOST_STATED)
    async def days(self, row: Parent[CalendarVersion]) -> list[Stated]:
        """The days that it states, first to last."""
        return [Stated(date.fromisoformat(day), what == "OFF", name) for day, (what, name) in sorted(row.days.items())]


@given
class StatedDayInput:
    """A day that is off, or worked, whatever the nation has published."""

    date: Day = shown("The day.")
    off: bool = shown("True for a day off, false for a day that is worked.")
    name: str = shown("What the day is called.")


@given
class WorkCalendarInput:
    """A new version of an area's calendar, whole: what is not stated here is not in it."""

    area_id: strawberry.ID | None = strawberry.field(default=None, description="The area; null: the whole house.")
    version: int = shown("The version that this one is made on; 0 when there was none.")
    reason: str = shown("The notice or decision behind it.")
    days: list[StatedDayInput] = strawberry.field(default_factory=list, description="At most 400 days.")
    years: list[int] = strawberry.field(default_factory=list, description="Years that are settled by it.")
    counts_make_up: bool = strawberry.field(default=True, description="Whether worked weekends (调休) count.")
    closes: str | None = strawberry.field(default=None, description="The close of business in local time, as 17:30.")
    received: Received = strawberry.field(default=Received.SAME_DAY, description="For what comes in after hours.")


@lens
class WorkdayQuery:
    """What can be asked of working days."""

    @field(graphql_type=WorkingDay | None)
    async def add_working_days(
        self, info: Info, from_: FromDay, working_days: int, area_id: strawberry.ID | None = None
    ) -> Found:
        """The last day of a term that begins on a day (which is not counted), by the calendar of an area."""
        if abs(working_days) > MOST_DAYS:
            raise TooManyDays(most=MOST_DAYS)
        async with info.context.read() as session:
            calendar = await calendar_for(session, _area(area_id))
        return Found(from_, calendar.add(from_, working_days), calendar)

    @field(graphql_type=WorkCalendarVersion | None)
    async def work_calendar(self, info: Info, area_id: strawberry.ID | None = None) -> CalendarVersion | None:
        """What an area has decided of its own (null: the whole house); null when nothing."""
        async with info.context.read() as session:
            return await jurisdictions.own(session, _area(area_id))


@lens
class WorkdayMutation:
    """What can be decided of working days."""

    @mutation(graphql_type=WorkCalendarVersion)
    async def change_work_calendar(self, info: Info, input: WorkCalendarInput) -> CalendarVersion:
        """Decide days off, worked days and hours of an area, as a new version; for its managers."""
        if len(input.days) > MOST_STATED:
            raise TooManyDays(most=MOST_STATED)
        decided = jurisdictions.Decided(
            {one.date: ("OFF" if one.off else "WORKED", one.name) for one in input.days},
            input.years,
            input.counts_make_up,
            _time(input.closes),
            input.received,
            input.reason,
        )
        async with info.context.write() as session:
            return await jurisdictions.change(session, info.context.actor, _area(input.area_id), decided, input.version)


def _area(area_id: str | None) -> uuid.UUID | None:
    return None if area_id is None else id_of(area_id)


def _time(text: str | None) -> time | None:
    try:
        return None if text is None else time.fromisoformat(text)
    except ValueError:
        raise TimeMisread(text) from None
