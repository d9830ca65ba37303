"""An audit to take along: a table (CSV), shapes (GeoJSON), and one page to print with the map and the table."""

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import orjson
import sqlalchemy as sa
from geoalchemy2.shape import to_shape
from shapely import Geometry, MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession

from gis.shapes import to_geojson
from services import coverage, coverage_results, suppression
from services.access import Actor
from services.coverage_compare import AuditUnfinished
from services.coverage_map import drawn
from services.models import Area, AuditState, CareCategory, CoverageAudit, CoverageResult
from services.suppression import Teller

HEADINGS = ("code", "name", "households", "covered", "covered_share", "covered_twice", "circle", "median_seconds")
_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("services"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """A finished audit with what its pages name: its area, the grids in it, the categories, the supply's places."""

    audit: CoverageAudit
    area: Area
    grids: Mapping[str, Area]
    categories: Mapping[uuid.UUID, CareCategory]
    supply: Sequence[dict[str, Any]]
    gap_areas: Sequence[MultiPolygon]
    teller: Teller

    def csv(self) -> bytes:
        """One row a grid, UTF-8 with a mark for spreadsheets; a withheld figure is an empty field."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(HEADINGS)
        writer.writerows([row[heading] for heading in HEADINGS] for row in self.rows())
        return ("\ufeff" + text.getvalue()).encode()

    def geojson(self) -> bytes:
        """A FeatureCollection (RFC 7946): grids with their figures, gaps with theirs."""
        grids = [_feature("grid", to_shape(self.grids[row["code"]].boundary), row) for row in self.rows()]
        gaps = [
            {"id": gap["id"], **_feature("gap", area, self._gap(gap))}
            for gap, area in zip(self.audit.gaps, self.gap_areas, strict=True)
        ]
        return orjson.dumps({"type": "FeatureCollection", "features": [*grids, *gaps]})

    def html(self) -> bytes:
        """One page, all in itself, to be printed on A4."""
        page = _PAGES.get_template("audit.html")
        shapes = {code: to_shape(grid.boundary) for code, grid in self.grids.items()}
        rows = self.rows()
        shares = {row["code"]: row["covered_share"] for row in rows}
        picture = drawn(shapes, shares, self.gap_areas, [place["place"] for place in self.supply])
        gaps = [self._gap(gap) | {"number": at} for at, gap in enumerate(self.audit.gaps, 1)]
        categories = [self._category(row) for row in self.audit.by_category]
        text = page.render(audit=self.audit, area=self.area, rows=rows, gaps=gaps, categories=categories, **picture)
        return text.encode()

    def rows(self) -> list[dict[str, Any]]:
        """The figures of each grid, small counts withheld."""
        hidden = self.teller.withheld([row["resident_count"] for row in self.audit.by_grid])
        lines = zip(self.audit.by_grid, hidden, strict=True)
        return [self._row(row, small) for row, small in lines if row["code"] in self.grids]

    def _row(self, row: Mapping[str, Any], withheld: bool) -> dict[str, Any]:
        count = row["household_count"]
        return {
            "code": row["code"],
            "name": self.grids[row["code"]].name,
            "households": None if withheld else count,
            "covered": None if withheld else row["covered_count"],
            "covered_share": None if withheld or not count else round(row["covered_count"] / count, 4),
            "covered_twice": None if withheld else row["twice_covered_count"],
            "circle": None if withheld else row["straight_line_count"],
            "median_seconds": None if withheld else row["median_seconds"],
        }

    def _category(self, row: Mapping[str, Any]) -> dict[str, Any]:
        category = self.categories[uuid.UUID(row["category_id"])]
        withheld = suppression.is_small(row["resident_count"])
        few = withheld or any(
            map(suppression.is_small, (row["covered_count"], row["resident_count"] - row["covered_count"]))
        )
        counts = {
            "resident_count": None
            if withheld
            else self.teller.people(row["resident_count"], "all", row["category_id"]),
            "covered_count": None if few else self.teller.people(row["covered_count"], "covered", row["category_id"]),
        }
        return {"name": category.name, "name_en": category.name_en, **counts}

    def _gap(self, gap: Mapping[str, Any]) -> dict[str, Any]:
        people = self.teller.people(gap["resident_count"], "gap")
        homes = None if people is None else gap["household_count"]
        return {"households": homes, "residents": people, "nearest_seconds": gap["nearest_seconds"]}


async def load(session: AsyncSession, actor: Actor, audit_id: uuid.UUID, key: bytes) -> Export:
    """A finished audit to export, blurred under `key` for who may not read the people.

    NotFound outside the own area, AuditUnfinished before it is DONE.
    """
    audit = await coverage.find(session, actor, audit_id)
    if audit.state is not AuditState.DONE:
        raise AuditUnfinished(audit_id)
    area = await session.get(Area, audit.area_id)
    result = await session.get(CoverageResult, audit_id)
    assert area is not None
    assert result is not None
    areas = await coverage_results.gap_areas(session, [audit_id])
    ids = [uuid.UUID(row["grid_id"]) for row in audit.by_grid]
    grids = (await session.scalars(sa.select(Area).where(Area.id.in_(ids)))).all()
    categories = (await session.scalars(sa.select(CareCategory))).all()
    return Export(
        audit,
        area,
        {grid.code: grid for grid in grids},
        {one.id: one for one in categories},
        result.supply,
        areas[audit_id],
        Teller(key, all(actor.cares.holds(one) for one in ids)),
    )


def _feature(layer: str, shape: Geometry, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": to_geojson(shape), "properties": {"layer": layer, **properties}}
