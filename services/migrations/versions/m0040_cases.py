"""Cases: matters of many kinds, their rungs, terms, events and votes; calendars, attachments, rosters"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _calendars()
    _attachments()
    _rosters()


def downgrade() -> None:
    for table in ("kit_issues", "trainings", "roster_duties", "posts", "attachments", "calendar_versions"):
        op.drop_table(table)


def _calendars() -> None:
    op.create_table(
        "calendar_versions",
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("years", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("counts_make_up", sa.Boolean(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("received", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("received IN ('SAME_DAY', 'NEXT_WORKING_DAY')", name=op.f("ck_calendar_versions_received")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_calendar_versions_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint(
            "area_id",
            "version",
            name=op.f("uq_calendar_versions_area_id_version"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("location", _place(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_attachments_key")),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id", "added_at"], unique=False)


def _rosters() -> None:
    op.create_table(
        "posts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("location", _place(nullable=False), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_posts_area_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_posts_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_area_id"), "posts", ["area_id"], unique=False)
    op.create_index("ix_posts_organisation_id", "posts", ["organisation_id"], unique=False)
    op.create_table(
        "roster_duties",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cardinality(weekdays) > 0", name=op.f("ck_roster_duties_weekdays")),
        sa.CheckConstraint("until >= since", name=op.f("ck_roster_duties_span")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_roster_duties_area_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_roster_duties_post_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_roster_duties_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_duties")),
    )
    op.create_index("ix_roster_duties_post_id", "roster_duties", ["post_id"], unique=False)
    op.create_index("ix_roster_duties_worker_id", "roster_duties", ["worker_id"], unique=False)
    _of_member("trainings", sa.Column("subject", sa.String(length=80), nullable=False), *_training())
    _of_member("kit_issues", sa.Column("item", sa.String(length=80), nullable=False), *_kit())


def _training() -> "list[sa.Column[Any]]":
    return [
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Double(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
    ]


def _kit() -> "list[sa.Column[Any]]":
    return [
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
    ]


def _of_member(table: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        table,
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f(f"fk_{table}_area_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f(f"fk_{table}_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_worker_id", table, ["worker_id"], unique=False)


def _place(nullable: bool = True) -> Geometry:
    return Geometry(
        "POINT", srid=4326, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", nullable=nullable
    )
