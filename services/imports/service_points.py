"""Service points of the ten-minute circle, by code."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from services.contents import Content
from services.imports import homelinks, places, staging
from services.imports.columns import Column
from services.imports.duty import opening_hours
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target
from services.imports.tables import TableImport
from services.imports.values import code, one_of, some_of, text
from services.models import ServiceMode, ServicePointKind, new_id

KINDS = {
    "便民服务中心": ServicePointKind.SERVICE_CENTRE,
    "卫生服务站": ServicePointKind.CLINIC,
    "食堂": ServicePointKind.CANTEEN,
    "日间照料": ServicePointKind.DAY_CARE,
    "药店": ServicePointKind.PHARMACY,
    "警务室": ServicePointKind.POLICE_POST,
    "市场服务": ServicePointKind.MARKET_SERVICE,
    "活动室": ServicePointKind.ACTIVITY_ROOM,
}
MODES = {
    "社工点对点": ServiceMode.SOCIAL_WORKER,
    "居委会自治": ServiceMode.COMMITTEE,
    "义工互助": ServiceMode.VOLUNTEERS,
    "市场有偿": ServiceMode.MARKET,
}
TARGET = Target(
    table="service_points",
    match="t.code = s.code",
    fields=(
        Field("code", "s.code", "code"),
        Field("name", "s.name", "name"),
        Field("name_en", "s.name_en", "name_en"),
        Field("kind", "s.kind", "kind"),
        Field("address", "s.address", "address"),
        Field("location", "ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)", "longitude"),
        Field("grid_id", "s.grid_id", "longitude"),
        Field("hours", "s.hours", "hours"),
        Field("service_modes", "coalesce(s.service_modes, '{}')", "service_modes"),
    ),
)


class ServicePointImport(TableImport):
    """Service points by their code (编号)."""

    kind = "service-points"
    contents = (Content.SERVICE_POINTS,)
    columns = (
        Column("code", "编号", code(), "SP001", required=True),
        Column("name", "名称", text(80), "桂花社区卫生服务站", required=True),
        Column("name_en", "英文名", text(120), "Guihua Clinic"),
        Column("kind", "类型", one_of(ServicePointKind, KINDS), "卫生服务站", required=True, also=("类别",)),
        Column("address", "地址", text(), "桂花路1号"),
        places.LONGITUDE,
        places.LATITUDE,
        Column("hours", "营业时间", opening_hours, "1-5 08:30-17:30", also=("开放时间", "服务时间")),
        Column("service_modes", "服务模式", some_of(ServiceMode, MODES), "社工点对点;居委会自治", also=("服务方式",)),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "code": "text",
        "name": "text",
        "name_en": "text",
        "kind": "text",
        "address": "text",
        "lon": "double precision",
        "lat": "double precision",
        "grid_id": "uuid",
        "hours": "jsonb",
        "service_modes": "text[]",
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
        named = (get("code"), get("name"), get("name_en"), get("kind"), get("address"))
        place = (get("lon"), get("lat"), get("grid_id"))
        return (new_id(), *named, *place, Jsonb(get("hours") or []), get("service_modes"))

    def check(self, job: Job) -> None:
        """Codes that come twice."""
        staging.refuse_repeated(job.cursor, ("code",), "code")

    def merge(self, job: Job) -> None:
        """Changed and new ones; those that moved are linked to the streets anew."""
        moved = ", ROW(ST_X(t.location), ST_Y(t.location)) IS DISTINCT FROM ROW(s.lon, s.lat) AS moved"
        TARGET.mark_changed(job.cursor, job.present, None, moved)
        TARGET.update(job.cursor, job.present)
        homelinks.unlink(job, "changed_rows WHERE moved")
        TARGET.insert(job.cursor)
        homelinks.link_missing(job, "service_points")
