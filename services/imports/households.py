"""Homes: the grid follows from the place, the street link is made and stored, each change is an event."""

from collections.abc import Sequence
from typing import Any

from services.contents import Content
from services.imports import homelinks, places, staging
from services.imports.columns import Column
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target
from services.imports.tables import TableImport
from services.imports.values import code, text, whole, yes
from services.models import new_id

# The plain columns of a household in an event's before and after, as in services.households.
STATE = """jsonb_build_object('code', {0}.code, 'address', {0}.address, 'building', {0}.building, 'unit', {0}.unit,
  'floor', {0}.floor, 'room', {0}.room, 'has_lift', {0}.has_lift,
  'location', jsonb_build_array(ST_X({0}.location), ST_Y({0}.location)), 'grid_id', {0}.grid_id)"""
# The same of a staged row, which spares reading back what was just written.
NEW_STATE = """jsonb_build_object('code', s.code, 'address', s.address, 'building', s.building, 'unit', s.unit,
  'floor', s.floor, 'room', s.room, 'has_lift', coalesce(s.has_lift, false),
  'location', jsonb_build_array(s.lon, s.lat), 'grid_id', s.grid_id)"""

TARGET = Target(
    table="households",
    match="t.code = s.code",
    fields=(
        Field("code", "s.code", "code"),
        Field("address", "s.address", "address"),
        Field("building", "s.building", "building"),
        Field("unit", "s.unit", "unit"),
        Field("floor", "s.floor", "floor"),
        Field("room", "s.room", "room"),
        Field("has_lift", "coalesce(s.has_lift, false)", "lift"),
        Field("location", "ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)", "longitude", compared=False),
        Field("declared_system", "%(system)s::text", "longitude"),
        Field("declared_longitude", "s.declared_longitude", "longitude"),
        Field("declared_latitude", "s.declared_latitude", "latitude"),
        Field("grid_id", "s.grid_id", "longitude"),
    ),
    new=(("restricted", "false"), ("version", "1"), ("created_at", "%(now)s")),
    also_set="version = t.version + 1",
)
MOVED = "ROW(ST_X(t.location), ST_Y(t.location)) IS DISTINCT FROM ROW(s.lon, s.lat)"

CHANGES = f"""
INSERT INTO household_events (id, household_id, at, kind, before, after, grid_version_id)
SELECT s.event_id, h.id, %(now)s, CASE WHEN c.moved THEN 'MOVED' ELSE 'CHANGED' END, c.before, {STATE.format("h")}, v.id
FROM changed_rows c JOIN staged_rows s USING (row_number) JOIN households h ON h.id = c.id
LEFT JOIN area_versions v ON v.area_id = h.grid_id AND v.valid_to IS NULL
"""
CREATIONS = f"""
INSERT INTO household_events (id, household_id, at, kind, before, after, grid_version_id)
SELECT s.event_id, s.id, %(now)s, 'CREATED', NULL, {NEW_STATE}, v.id
FROM new_rows n JOIN staged_rows s USING (row_number)
LEFT JOIN area_versions v ON v.area_id = s.grid_id AND v.valid_to IS NULL
"""


class HouseholdImport(TableImport):
    """Homes by their code (户号)."""

    kind = "households"
    contents = (Content.HOMES,)
    columns = (
        Column("code", "户号", code(), "529901001001-0001", required=True, also=("户编号",)),
        Column("address", "地址", text(), "桂花路12号3栋2单元501", required=True, also=("住址", "详细地址")),
        Column("building", "楼栋", text(40), "3栋", also=("栋",)),
        Column("unit", "单元", text(40), "2单元"),
        Column("floor", "楼层", whole(-9, 200), "5", also=("层",)),
        Column("room", "房号", text(40), "501", also=("室",)),
        Column("lift", "电梯", yes, "有", also=("has_lift",)),
        places.LONGITUDE,
        places.LATITUDE,
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "event_id": "uuid",
        "code": "text",
        "address": "text",
        "building": "text",
        "unit": "text",
        "floor": "int",
        "room": "text",
        "has_lift": "boolean",
        "declared_longitude": "double precision",
        "declared_latitude": "double precision",
        "lon": "double precision",
        "lat": "double precision",
        "grid_id": "uuid",
    }

    def begin(self, job: Job) -> None:
        """The grids as they stand."""
        self.grids = places.standing_grids(job)

    def refine(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        """Those that lie in a grid."""
        return places.gridded(job, rows, self.grids)

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says."""
        get = row.values.get
        home = (get("code"), get("address"), get("building"), get("unit"), get("floor"), get("room"), get("lift"))
        place = (get("longitude"), get("latitude"), get("lon"), get("lat"), get("grid_id"))
        return (new_id(), new_id(), *home, *place)

    def check(self, job: Job) -> None:
        """Codes that come twice, and homes that were closed."""
        staging.refuse_repeated(job.cursor, ("code",), "code")
        reason = "'The household was closed on ' || t.closed_at::date || '. Give the home a new code.'"
        closed = "staged_rows s JOIN households t ON t.code = s.code WHERE t.closed_at IS NOT NULL"
        staging.refuse_where(job.cursor, "code", "HOUSEHOLD_CLOSED", reason, closed)

    def merge(self, job: Job) -> None:
        """Changed and new homes, their events, their links."""
        values = {"now": job.now, "system": job.system.value}
        before = f", {MOVED} AS moved, {STATE.format('t')} AS before"
        TARGET.mark_changed(job.cursor, job.present, values, before)
        TARGET.update(job.cursor, job.present, values)
        job.cursor.execute(CHANGES, values)
        homelinks.unlink(job, "changed_rows WHERE moved")
        TARGET.insert(job.cursor, values)
        job.cursor.execute(CREATIONS, values)
        homelinks.link_missing(job, "households")
