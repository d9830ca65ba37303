"""The parts of an audit: what it says of each grid, each category of care, each gap, as it may be told."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from shapely import MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Parent

from gis.coordinates import CoordinateSystem
from schema.areas import Crs, Grid, by_id
from schema.care import CareCategory
from schema.care import by_id as category_by_id
from schema.context import Info
from schema.lens import field, lens, listing, shown
from schema.scalars import GeoJSON, drawn
from services import coverage_results, suppression
from services.access import Actor
from services.models import Area as AreaRow
from services.models import CareCategory as CategoryRow
from services.suppression import Teller


@dataclass(frozen=True, slots=True)
class GridFigures:
    """An audit's line of one grid as it may be told: figures of few people are None."""

    grid_id: str
    household_count: int | None
    covered_count: int | None
    covered_share: float | None
    twice_covered_count: int | None
    median_seconds: float | None
    suppressed: bool

    @classmethod
    def of(cls, row: Mapping[str, Any], withheld: bool) -> "GridFigures":
        """From the stored line."""
        grid_id = row["grid_id"]
        if withheld:
            return cls(grid_id, None, None, None, None, None, True)
        homes, covered = row["household_count"], row["covered_count"]
        share = share_of(covered, homes)
        return cls(grid_id, homes, covered, share, row["twice_covered_count"], row["median_seconds"], False)


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """An audit's line of one category: a count is withheld when it, or what it leaves over, is small."""

    category_id: uuid.UUID
    resident_count: int | None
    covered_count: int | None
    suppressed: bool

    @classmethod
    def of(cls, row: Mapping[str, Any], teller: Teller) -> "CategoryFigures":
        """From the stored line."""
        people, covered, one = row["resident_count"], row["covered_count"], row["category_id"]
        small = suppression.is_small(people)
        few = small or suppression.is_small(covered) or suppression.is_small(people - covered)
        reached = None if few else teller.people(covered, "covered", one)
        return cls(uuid.UUID(one), None if small else teller.people(people, "all", one), reached, few)


@dataclass(frozen=True, slots=True)
class GapFigures:
    """An audit's gap, the `number`th; its area is loaded when it is asked for."""

    id: str
    audit_id: uuid.UUID
    number: int
    nearest_seconds: float | None
    household_count: int | None
    resident_count: int | None
    grid_ids: tuple[str, ...]

    @classmethod
    def of(cls, audit_id: uuid.UUID, number: int, row: Mapping[str, Any], teller: Teller) -> "GapFigures":
        """From the stored line."""
        people = teller.people(row["resident_count"], "gap")
        homes = None if people is None else row["household_count"]
        return cls(row["id"], audit_id, number, row["nearest_seconds"], homes, people, tuple(row["grid_ids"]))


@lens
class GridCoverage:
    """An audit's figures of one grid; all null when few people live there."""

    household_count: int | None = shown("Homes in the grid.")
    covered_count: int | None = shown("Homes reached in time.")
    covered_share: float | None = shown("Their share, 0 to 1; null without homes.")
    twice_covered_count: int | None = shown("Homes that at least two suppliers reach in time.")
    median_seconds: float | None = shown("Half of the homes that anybody reaches are reached within this.")
    suppressed: bool = shown("True when the figures are withheld.")

    @field(graphql_type=Grid)
    async def grid(self, info: Info, line: Parent[GridFigures]) -> AreaRow | None:
        """The grid."""
        return await info.context.load(by_id, uuid.UUID(line.grid_id))


@lens
class CategoryCoverage:
    """An audit's figures of one category of special care."""

    resident_count: int | None = shown("People of the category in the area; null when they are few.")
    covered_count: int | None = shown(
        "Those whose home is reached in time; null when they, or those left out, are few."
    )
    suppressed: bool = shown("True when a figure is withheld.")

    @field(graphql_type=CareCategory)
    async def category(self, info: Info, line: Parent[CategoryFigures]) -> CategoryRow | None:
        """The category."""
        return await info.context.load(category_by_id, line.category_id)


@lens
class CoverageGap:
    """Homes close together that nobody reaches in time."""

    id: strawberry.ID = shown("Opaque; the same gap in the same audit.")
    nearest_seconds: float | None = shown(
        "How long the nearest supplier takes to the nearest of them; null when none comes within an hour."
    )
    household_count: int | None = shown("How many homes; null when few people live there.")
    resident_count: int | None = shown("How many people; null when they are few.")

    @field(graphql_type=GeoJSON)
    async def area(self, info: Info, gap: Parent[GapFigures], crs: Crs = CoordinateSystem.WGS84) -> Any:
        """Where they are, a MultiPolygon."""
        areas = await info.context.load(areas_of_gaps, gap.audit_id)
        return drawn(areas[gap.number], crs) if areas else None

    @listing(graphql_type=list[Grid], at_most=20)
    async def grids(self, info: Info, gap: Parent[GapFigures]) -> list[AreaRow]:
        """The grids in which they lie."""
        found = await asyncio.gather(*(info.context.load(by_id, uuid.UUID(one)) for one in gap.grid_ids))
        return [grid for grid in found if grid is not None]


def share_of(part: int, whole: int) -> float | None:
    """`part` of `whole`, 0 to 1; None of nothing."""
    return part / whole if whole else None


async def areas_of_gaps(
    session: AsyncSession, actor: Actor, audit_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[MultiPolygon]]:
    """The areas of the gaps of audits that the actor has been given."""
    return await coverage_results.gap_areas(session, audit_ids)
