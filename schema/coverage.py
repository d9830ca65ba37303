"""Coverage: what lies in reach of a place, which homes nobody reaches in time, and what would change that."""

import uuid
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema.areas import Crs, Grid, by_id
from schema.context import Info, id_of
from schema.coverage_parts import (
    CategoryCoverage,
    CategoryFigures,
    CoverageGap,
    GapFigures,
    GridCoverage,
    GridFigures,
    share_of,
)
from schema.lens import field, given, lens, listing, mutation, shown, words
from schema.pages import After, Connection, First, Order, Page, page
from schema.places import PointInput
from schema.scalars import GeoJSON, drawn
from services import coverage, coverage_compare, suppression
from services.coverage_compare import Change, Comparison, GridChange
from services.models import Area as AreaRow
from services.models import AuditState, CoverageSupply, TravelMode
from services.models import CoverageAudit as AuditRow
from services.suppression import Teller

words(AuditState)

NEWEST_FIRST = Order("coverage audits", AuditRow.id, descending=True)
MOST_GRIDS = 2_000
MOST_GAPS = 300
MOST_CATEGORIES = 100
MOST_SITES = 50


def _teller(info: Info, row: AuditRow) -> Teller:
    return info.context.teller(uuid.UUID(line["grid_id"]) for line in row.by_grid)


def _withheld(info: Info, row: AuditRow) -> set[uuid.UUID]:
    """The grids whose lines are withheld."""
    hidden = _teller(info, row).withheld([line["resident_count"] for line in row.by_grid])
    return {uuid.UUID(line["grid_id"]) for line, small in zip(row.by_grid, hidden, strict=True) if small}


@lens
class AuditStraightLine:
    """What circles around the suppliers would claim."""

    @field()
    def covered_count(self, figures: Parent[dict[str, Any]]) -> int:
        """Homes inside any circle."""
        return int(figures.get("covered_count", 0))

    @field()
    def falsely_covered(self, figures: Parent[dict[str, Any]]) -> int:
        """Homes inside a circle that nobody reaches in time."""
        return int(figures.get("falsely_covered", 0))


@lens
class CoverageAudit:
    """A coverage audit: the question, what it was answered with, and the answer."""

    id: strawberry.ID = shown("Opaque.")
    created_at: datetime = shown("When it was ordered.")
    minutes: float = shown("How long the way may take.")
    travel_mode: TravelMode = shown("How one travels.")
    supply: CoverageSupply = shown("Who or what must be in reach.")
    at: datetime = shown("The moment whose shifts and opening hours count.")
    network_version: str = shown("The street network it was computed on.")
    speed_meters_per_second: float | None = shown("The speed it was computed with; null where the road decides.")
    state: AuditState = shown("DONE when the figures are there; a large audit is RUNNING first.")
    progress: float = shown("The share that is computed, 0 to 1.")
    failure: str | None = shown("Why it failed, and what to do.")
    supply_count: int = shown("Suppliers taken into account, those outside the area too.")
    unlinked_supply_count: int = shown("Suppliers without a street near them: they reach nobody.")
    household_count: int = shown("Homes in the area.")
    covered_count: int = shown("Homes reached in time.")
    twice_covered_count: int = shown("Homes that at least two suppliers reach in time.")
    unreachable_count: int = shown("Homes that nobody reaches within an hour, those without a street included.")
    unlinked_count: int = shown("Homes without a street near them, or behind a wall: they count as not covered.")
    median_seconds: float | None = shown("Half of the homes that anybody reaches are reached within this.")
    p90_seconds: float | None = shown("Nine tenths of them are reached within this.")

    @field()
    def covered_share(self, row: Parent[AuditRow]) -> float | None:
        """The share of homes reached in time, 0 to 1; null without homes."""
        return share_of(row.covered_count, row.household_count)

    @field()
    def resident_count(self, info: Info, row: Parent[AuditRow]) -> int | None:
        """People who live in the area; null when they are few, blurred where you may not read them."""
        return _teller(info, row).people(row.resident_count, "all")

    @field()
    def covered_resident_count(self, info: Info, row: Parent[AuditRow]) -> int | None:
        """People whose home is reached in time; null when they, or the others, are few, blurred as the others."""
        few = suppression.is_small(row.resident_count - row.covered_resident_count)
        return None if few else _teller(info, row).people(row.covered_resident_count, "covered")

    @field(graphql_type=AuditStraightLine)
    def straight_line(self, row: Parent[AuditRow]) -> dict[str, Any]:
        """The same by circles around the suppliers."""
        return row.straight_line

    @listing(graphql_type=list[GridCoverage], at_most=MOST_GRIDS)
    async def by_grid(self, info: Info, row: Parent[AuditRow]) -> list[GridFigures]:
        """Grid by grid, by code."""
        hidden = _teller(info, row).withheld([line["resident_count"] for line in row.by_grid])
        return [GridFigures.of(*line) for line in list(zip(row.by_grid, hidden, strict=True))[:MOST_GRIDS]]

    @listing(graphql_type=list[CategoryCoverage], at_most=MOST_CATEGORIES)
    async def by_category(self, info: Info, row: Parent[AuditRow]) -> list[CategoryFigures]:
        """Category by category."""
        return [CategoryFigures.of(line, _teller(info, row)) for line in row.by_category]

    @listing(graphql_type=list[CoverageGap], at_most=MOST_GAPS)
    async def gaps(self, info: Info, row: Parent[AuditRow]) -> list[GapFigures]:
        """Where the homes are that nobody reaches in time, the largest first."""
        teller = _teller(info, row)
        return [GapFigures.of(row.id, number, line, teller) for number, line in enumerate(row.gaps[:MOST_GAPS])]


@lens
class CoverageChange:
    """Homes that changed from one audit to another."""

    household_count: int = shown("How many homes.")

    @field()
    def resident_count(self, info: Info, change: Parent[Change]) -> int | None:
        """How many people live there; null when they are few."""
        return info.context.teller(change.grid_ids).people(change.resident_count, "change")

    @field(graphql_type=GeoJSON)
    def area(self, change: Parent[Change], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where they are, a MultiPolygon."""
        return drawn(change.area, crs)


@lens
class GridComparison:
    """Covered homes of one grid in two audits."""

    covered_before: int | None = shown("In the first; null when it did not know the grid, or few live there.")
    covered_after: int | None = shown("In the second; null when it did not know the grid, or few live there.")

    @field(graphql_type=Grid)
    async def grid(self, info: Info, change: Parent[GridChange]) -> AreaRow | None:
        """The grid."""
        return await info.context.load(by_id, change.grid_id)


@lens
class AuditComparison:
    """Two audits of one area side by side."""

    gained: CoverageChange = shown("Homes that only the second reaches in time.")
    lost: CoverageChange = shown("Homes that only the first reaches in time.")

    @listing(graphql_type=list[GridComparison], at_most=MOST_GRIDS)
    async def by_grid(self, info: Info, both: Parent[Comparison]) -> list[GridChange]:
        """Grid by grid, by code."""
        hidden = _withheld(info, both.before) | _withheld(info, both.after)
        return [GridChange(one.grid_id, None, None) if one.grid_id in hidden else one for one in both.by_grid]


@given
class AuditCoverageInput:
    """What an audit asks."""

    area_id: strawberry.ID = shown("The area, any level down to a grid.")
    minutes: float = strawberry.field(default=10, description="How long the way may take.")
    travel_mode: TravelMode = strawberry.field(default=TravelMode.WALK, description="How one travels.")
    supply: CoverageSupply = shown("Who or what must be in reach.")
    at: datetime | None = strawberry.field(
        default=None, description="Workers on shift, or points open, at this moment; now when not given."
    )
    add: list[PointInput] | None = strawberry.field(default=None, description="Suppliers only thought of.")
    remove: list[strawberry.ID] | None = strawberry.field(default=None, description="Suppliers to leave out.")


@given
class CoverageAuditFilter:
    """Which audits."""

    area_id: strawberry.ID = shown("Of this area.")


@lens
class CoverageQuery:
    """What can be asked of coverage."""

    @field(graphql_type=CoverageAudit | None)
    async def coverage_audit(self, info: Info, id: strawberry.ID) -> AuditRow:
        """A stored audit."""
        async with info.context.read() as session:
            return await coverage.find(session, info.context.actor, id_of(id))

    @field(graphql_type=Connection[CoverageAudit] | None)
    async def coverage_audits(
        self, info: Info, filter: CoverageAuditFilter, first: First = 20, after: After = None
    ) -> Page[AuditRow]:
        """The audits of an area, the latest first."""
        async with info.context.read() as session:
            area = await coverage.area_for(session, info.context.actor, id_of(filter.area_id))
        return await page(info.context, coverage.listed(area.id), NEWEST_FIRST, first, after)

    @field(graphql_type=AuditComparison | None)
    async def compare_audits(self, info: Info, before: strawberry.ID, after: strawberry.ID) -> Comparison:
        """Which homes gained and which lost from one audit of an area to another."""
        async with info.context.read() as session:
            return await coverage_compare.compare(session, info.context.actor, id_of(before), id_of(after))


@lens
class CoverageMutation:
    """Audits are stored, so that they can be compared and repeated."""

    @mutation(graphql_type=CoverageAudit)
    async def audit_coverage(self, info: Info, input: AuditCoverageInput) -> AuditRow:
        """Audit an area: which homes does such supply reach in time, which not, and where are the gaps."""
        question = coverage.Question(
            area_id=id_of(input.area_id),
            minutes=input.minutes,
            travel_mode=input.travel_mode,
            supply=input.supply,
            at=input.at,
            add=[point.to_wgs84() for point in input.add or []],
            remove=[id_of(one) for one in input.remove or []],
        )
        async with info.context.write("audit") as session:
            return await coverage.order(session, info.context.actor, question, info.context.api.jobs)

    @mutation(graphql_type=CoverageAudit)
    async def cancel_audit(self, info: Info, id: strawberry.ID) -> AuditRow:
        """Stop a running audit; one that has ended stays as it is."""
        async with info.context.write("audit") as session:
            return await coverage.cancel(session, info.context.actor, id_of(id))
