"""Imports: what was brought in, from which file, with how many rows, and what was wrong with the rest."""

import enum
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, names


class ImportState(enum.StrEnum):
    """RUNNING until committed or refused."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"


class ImportRun(Identified):
    """One run of one file. `problems` holds the first hundred bad rows: row, column, code, reason; never the values."""

    __tablename__ = "import_runs"

    kind: Mapped[str] = mapped_column(sa.String(40))
    file_name: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[ImportState] = mapped_column(names(ImportState))
    dry_run: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_added: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    actor_id: Mapped[uuid.UUID | None]
