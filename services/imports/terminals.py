"""One-touch terminals by serial number, in a home or in the store-room."""

from typing import Any

from services.contents import Content
from services.imports import staging
from services.imports.columns import Column
from services.imports.jobs import Job, Row
from services.imports.merging import Field, Target, merge
from services.imports.tables import TableImport
from services.imports.values import code, moment, text, whole
from services.models import new_id

DEFAULT_HEARTBEAT_MINUTES = 60
HOUSEHOLD = "(SELECT h.id FROM households h WHERE h.code = s.household_code)"

TARGET = Target(
    table="terminals",
    match="t.serial = s.serial",
    fields=(
        Field("serial", "s.serial", "serial"),
        Field("household_id", HOUSEHOLD, "household_code"),
        Field("model", "s.model", "model"),
        Field("installed_at", "s.installed_at", "installed_at"),
        Field("heartbeat_seconds", "s.heartbeat_minutes * 60", "heartbeat_minutes"),
    ),
    new=(("status", "'NEVER_SEEN'"),),
)


class TerminalImport(TableImport):
    """Terminals by their serial (序列号)."""

    kind = "terminals"
    contents = (Content.TERMINALS,)
    columns = (
        Column("serial", "序列号", code(64), "YJT-000001", required=True, also=("设备序列号",)),
        Column("household_code", "户号", code(), "529901001001-0001", also=("户编号",)),
        Column("model", "型号", text(80), "YJT-2"),
        Column("installed_at", "安装日期", moment, "2026-03-01"),
        Column("heartbeat_minutes", "心跳分钟", whole(1, 1440), "60", also=("心跳间隔",)),
    )
    staged = {  # noqa: RUF012
        "id": "uuid",
        "serial": "text",
        "household_code": "text",
        "model": "text",
        "installed_at": "timestamptz",
        "heartbeat_minutes": "int",
    }

    def staged_row(self, job: Job, row: Row) -> tuple[Any, ...]:
        """As `staged` says."""
        get = row.values.get
        minutes = get("heartbeat_minutes") or DEFAULT_HEARTBEAT_MINUTES
        return new_id(), get("serial"), get("household_code"), get("model"), get("installed_at"), minutes

    def check(self, job: Job) -> None:
        """Serials that come twice, homes that are not there."""
        staging.refuse_repeated(job.cursor, ("serial",), "serial")
        staging.refuse_where(
            job.cursor,
            "household_code",
            "HOUSEHOLD_UNKNOWN",
            "'The household is not in the store, or is closed. Leave it empty for a terminal in the store-room.'",
            "staged_rows s WHERE s.household_code IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM households h WHERE h.code = s.household_code AND h.closed_at IS NULL)",
        )

    def merge(self, job: Job) -> None:
        """Changed and new ones."""
        merge(job.cursor, TARGET, job.present)
