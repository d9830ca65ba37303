"""Who is connected: a row for each open socket of a worker, and one for each server process that holds sockets."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified


class ServerProcess(Identified):
    """A server process that lives as long as its row is fresh; one that was killed says no goodbye."""

    __tablename__ = "server_processes"

    seen_at: Mapped[datetime]


class Presence(Identified):
    """One open socket of a worker, at one server process. No device, no address, no history."""

    __tablename__ = "presences"
    __table_args__ = (
        sa.Index("ix_presences_worker_id", "worker_id"),
        sa.Index("ix_presences_process_id", "process_id"),
    )

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    process_id: Mapped[uuid.UUID]
    since: Mapped[datetime]
