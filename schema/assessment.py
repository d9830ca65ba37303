"""Assessment: what the ledger shows of an area in a period, by part of it, by office or by person."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import strawberry
from strawberry import Parent

from schema.case_kinds import CaseKind
from schema.context import Info, id_of
from schema.lens import field, given, lens, listing, shown, words
from services import assessment as assessing
from services.assessment import Assessment as Assessed
from services.assessment import By, CallFigures, Compared, Step, Subject, VisitRow
from services.assessment import Row as RowFigures
from services.assessment_ledger import Period
from services.cases.kind import Kind
from services.cases.kinds import kind_of

words(By)

MOST_ROWS = 2_000
MOST_WORKERS = 2_000
MOST_STEPS = 100
Day = date
FirstDay = Annotated[Day, strawberry.argument(name="from", description="The first day of the period, local time.")]


@lens
class AssessedSubject:
    """Whom a row is about, as it was called then."""

    id: strawberry.ID | None = shown("Opaque; null for matters that nobody in particular had.")
    code: str = shown("Its code.")
    name: str = shown("Its name.")


@lens
class AssessmentRow:
    """What became of the matters of one kind that were opened in the period. Figures are null when withheld."""

    suppressed: bool = shown("True when there are too few to be shown, or as few beside those.")

    @field(graphql_type=AssessedSubject)
    async def area(self, row: Parent[RowFigures]) -> Subject:
        """Whom the row is about: an area, or the office or person when asked by UNIT or PERSON."""
        return row.subject

    @field(graphql_type=CaseKind)
    async def kind(self, row: Parent[RowFigures]) -> Kind:
        """The kind of matter."""
        return kind_of(row.kind)

    @field(graphql_type=int | None)
    async def opened(self, row: Parent[RowFigures]) -> int | None:
        """How many were opened in the period."""
        return row.figures.opened

    @field(graphql_type=int | None)
    async def accepted(self, row: Parent[RowFigures]) -> int | None:
        """How many of them were accepted."""
        return row.figures.accepted

    @field(graphql_type=int | None)
    async def accepted_in_time(self, row: Parent[RowFigures]) -> int | None:
        """How many were accepted in time by whoever had them first."""
        return row.figures.accepted_in_time

    @field(graphql_type=int | None)
    async def closed(self, row: Parent[RowFigures]) -> int | None:
        """How many have ended."""
        return row.figures.closed

    @field(graphql_type=int | None)
    async def closed_in_time(self, row: Parent[RowFigures]) -> int | None:
        """How many have ended with none of their clocks ever late."""
        return row.figures.closed_in_time

    @field(graphql_type=float | None)
    async def closed_in_time_share(self, row: Parent[RowFigures]) -> float | None:
        """Of the closed ones, the share without delay."""
        return row.figures.in_time_share

    @field(graphql_type=int | None)
    async def late(self, row: Parent[RowFigures]) -> int | None:
        """How many had a clock that ran out, on whichever rung."""
        return row.figures.late

    @field(graphql_type=int | None)
    async def returned(self, row: Parent[RowFigures]) -> int | None:
        """How many were given back as somebody else's."""
        return row.figures.returned

    @field(graphql_type=int | None)
    async def reopened(self, row: Parent[RowFigures]) -> int | None:
        """How many were opened again, since the one who asked was not content."""
        return row.figures.reopened

    @field(graphql_type=int | None)
    async def paused(self, row: Parent[RowFigures]) -> int | None:
        """How many had their clock stand still for a while."""
        return row.figures.paused

    @field(graphql_type=int | None)
    async def shuffled(self, row: Parent[RowFigures]) -> int | None:
        """How many were given back twice (推诿)."""
        return row.figures.shuffled

    @field(graphql_type=int | None)
    async def return_visits(self, row: Parent[RowFigures]) -> int | None:
        """How many return visits were made."""
        return row.figures.return_visits

    @field(graphql_type=int | None)
    async def satisfied(self, row: Parent[RowFigures]) -> int | None:
        """How many of those who asked are content."""
        return row.figures.satisfied

    @field(graphql_type=int | None)
    async def rated(self, row: Parent[RowFigures]) -> int | None:
        """How many of those who asked have said whether they are."""
        return row.figures.rated

    @field(graphql_type=float | None)
    async def satisfied_share(self, row: Parent[RowFigures]) -> float | None:
        """Of those who have said, the share that is content."""
        return row.figures.satisfied_share

    @field(graphql_type=float | None)
    async def median_working_days(self, row: Parent[RowFigures]) -> float | None:
        """The median of working days from opening to end, of those that have ended."""
        return row.figures.median_working_days

    @field(graphql_type=float | None)
    async def worst_overrun_multiple(self, row: Parent[RowFigures]) -> float | None:
        """By how many times its own length the worst clock was overrun."""
        return row.figures.worst_overrun_multiple


@lens
class AssessmentVisits:
    """The visits of one worker."""

    worker: AssessedSubject = shown("Who.")
    due: int = shown("How many the care records ask for; sealed ones are not counted.")
    done: int = shown("How many were made, whatever for.")
    households: int = shown("In how many homes.")


@lens
class AssessmentCalls:
    """The calls of the area; null when there are too few to be shown."""

    opened: int | None = shown("How many calls, tests left out.")
    answered_within60: int | None = strawberry.field(
        description="How many somebody answered within 60 seconds.", resolver=lambda root: root.answered_within_60
    )
    answered_within180: int | None = strawberry.field(
        description="How many within 180 seconds.", resolver=lambda root: root.answered_within_180
    )
    median_arrival_seconds: float | None = shown("The median of seconds from press to door.")


@lens
class AssessmentStep:
    """A step at which matters of a kind were settled, such as consult, assess, mediate, litigate."""

    step: str = shown("The step.")
    name: str = shown("The end that it comes to, in words.")
    settled: int | None = shown("How many were settled at this step; null when there are too few to be shown.")
    share: float | None = shown("Their share of all that were settled at some step; null when there are none or few.")

    @field(graphql_type=CaseKind)
    def kind(self, row: Parent[Step]) -> Kind:
        """The kind of matter."""
        return kind_of(row.kind)


@lens
class Assessment:
    """What the ledger shows of an area in a period."""

    @field(graphql_type=AssessedSubject)
    async def area(self, row: Parent[Assessed]) -> Subject:
        """The area that was asked about."""
        return row.area

    @listing(graphql_type=list[AssessmentRow], at_most=MOST_ROWS)
    async def rows(self, row: Parent[Assessed]) -> Sequence[RowFigures]:
        """A row for each subject and kind, by the subject's code."""
        return row.rows

    @listing(graphql_type=list[AssessmentVisits], at_most=MOST_WORKERS)
    async def visits(self, row: Parent[Assessed]) -> Sequence[VisitRow]:
        """A row for each worker who has visits due or made, by code."""
        return row.visits

    @listing(graphql_type=list[AssessmentStep], at_most=MOST_STEPS)
    async def steps(self, row: Parent[Assessed]) -> Sequence[Step]:
        """Of kinds that go through steps, how many were settled at each, first step first."""
        return row.steps

    @field(graphql_type=AssessmentCalls)
    async def calls(self, row: Parent[Assessed]) -> CallFigures:
        """The calls."""
        return row.calls


@lens
class ComparedRow:
    """One subject and kind in two periods."""

    subject: AssessedSubject = shown("Whom it is about, as it was called last.")
    before: AssessmentRow | None = shown("In the first period; null when there was nothing.")
    after: AssessmentRow | None = shown("In the second; null when there was nothing.")

    @field(graphql_type=CaseKind)
    async def kind(self, row: Parent[Compared]) -> Kind:
        """The kind of matter."""
        return kind_of(row.kind)


@given
class PeriodInput:
    """From one day to another, both included."""

    from_: Day = strawberry.field(name="from", description="The first day.")
    to: Day = shown("The last day.")


@lens
class AssessmentQuery:
    """What can be asked of the ledger."""

    @field(graphql_type=Assessment | None)
    async def assessment(
        self, info: Info, area_id: strawberry.ID, from_: FirstDay, to: Day, by: By = By.AREA
    ) -> Assessed:
        """What became of the matters that were opened in an area in a period; for those who lead or examine it."""
        async with info.context.read() as session:
            return await assessing.assess(session, info.context.actor, id_of(area_id), Period(from_, to), by)

    @listing(graphql_type=list[ComparedRow] | None, at_most=MOST_ROWS)
    async def assessment_compared(
        self, info: Info, area_id: strawberry.ID, before: PeriodInput, after: PeriodInput, by: By = By.AREA
    ) -> list[Compared]:
        """The same of two periods, side by side."""
        asked = (Period(before.from_, before.to), Period(after.from_, after.to))
        async with info.context.read() as session:
            first, second = [
                await assessing.assess(session, info.context.actor, id_of(area_id), period, by) for period in asked
            ]
        return assessing.compared(first, second)
