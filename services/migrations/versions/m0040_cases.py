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

CASE_TABLES = (
    "case_ballots",
    "case_votes",
    "case_links",
    "case_members",
    "case_units",
    "case_terms",
    "case_events",
    "cases",
    "case_contacts",
    "case_rules",
    "unit_members",
    "units",
)


def upgrade() -> None:
    _cases()
    _calendars()
    _attachments()
    _rosters()


def downgrade() -> None:
    for table in ("kit_issues", "trainings", "roster_duties", "posts", "attachments", "calendar_versions"):
        op.drop_table(table)
    for table in CASE_TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM outbox WHERE recipient = 'RESIDENT'")
    _recipients("'WORKER', 'DUTY_DESK', 'CONTACT', 'AREA_STAFF'")
    op.execute(sa.schema.DropSequence(sa.Sequence("case_numbers")))


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
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("location", _place(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_attachments_key")),
        sa.UniqueConstraint("case_id", "digest", name=op.f("uq_attachments_case_id_digest")),
    )


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


def _cases() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("case_numbers")))
    _recipients("'WORKER', 'DUTY_DESK', 'CONTACT', 'AREA_STAFF', 'RESIDENT'")
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "COMMUNITY_OFFICE",
                "STREET_OFFICE",
                "BUREAU",
                "DISTRICT_CENTRE",
                "DISTRICT_LEADER",
                name="unit_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_units_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    op.create_index("ix_units_area_id", "units", ["area_id"], unique=False)
    op.create_table(
        "unit_members",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_unit_members_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_members_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "account_id", name=op.f("pk_unit_members")),
    )
    op.create_index("ix_unit_members_account_id", "unit_members", ["account_id"], unique=False)
    op.create_table(
        "case_rules",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("close_starts", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_case_rules_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_rules")),
        sa.UniqueConstraint("area_id", "kind", name=op.f("uq_case_rules_area_id_kind")),
    )
    op.create_table(
        "case_contacts",
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_contacts")),
    )
    op.create_index(
        "ix_case_contacts_phone_index_created_at", "case_contacts", ["phone_index", "created_at"], unique=False
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("location", _place(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("street_id", sa.Uuid(), nullable=True),
        sa.Column("district_id", sa.Uuid(), nullable=False),
        sa.Column("area_version_id", sa.Uuid(), nullable=False),
        sa.Column("opener_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("tracking_hash", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sort_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("close_starts", sa.String(length=20), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("returns", sa.SmallInteger(), nullable=False),
        sa.Column("is_complex", sa.Boolean(), nullable=False),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reopened_rungs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["workers.id"], name=op.f("fk_cases_agent_id")),
        sa.ForeignKeyConstraint(["area_version_id"], ["area_versions.id"], name=op.f("fk_cases_area_version_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["workers.id"], name=op.f("fk_cases_assignee_id")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_cases_community_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["case_contacts.id"], name=op.f("fk_cases_contact_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_cases_district_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["areas.id"], name=op.f("fk_cases_grid_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_cases_household_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["units.id"], name=op.f("fk_cases_lead_unit_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["accounts.id"], name=op.f("fk_cases_officer_id")),
        sa.ForeignKeyConstraint(["opener_id"], ["accounts.id"], name=op.f("fk_cases_opener_id")),
        sa.ForeignKeyConstraint(["street_id"], ["areas.id"], name=op.f("fk_cases_street_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_cases_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_cases_feature_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index("ix_cases_agent_id", "cases", ["agent_id"], unique=False)
    op.create_index(
        "ix_cases_assignee_id_open",
        "cases",
        ["assignee_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_cases_community_id_open",
        "cases",
        ["community_id", "sort_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_cases_district_id_open",
        "cases",
        ["district_id", "sort_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_cases_district_id_opened_at", "cases", ["district_id", "opened_at"], unique=False)
    op.create_index(
        "ix_cases_grid_id_open",
        "cases",
        ["grid_id", "sort_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_cases_household_id", "cases", ["household_id"], unique=False)
    op.create_index("ix_cases_opener_id", "cases", ["opener_id"], unique=False)
    op.create_index(
        "ix_cases_street_id_open",
        "cases",
        ["street_id", "sort_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "case_events",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_events_case_id_number")),
    )
    op.create_index("ix_case_events_at", "case_events", ["at"], unique=False)
    op.create_table(
        "case_terms",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("starts", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_working_days", sa.Integer(), nullable=False),
        sa.Column("looks", sa.SmallInteger(), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_terms_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_terms")),
    )
    op.create_index("ix_case_terms_case_id", "case_terms", ["case_id"], unique=False)
    op.create_index(
        "ix_case_terms_next_look_at",
        "case_terms",
        ["next_look_at"],
        unique=False,
        postgresql_where=sa.text("next_look_at IS NOT NULL"),
    )
    op.create_index(
        "ix_case_terms_provisional", "case_terms", ["due_at"], unique=False, postgresql_where=sa.text("provisional")
    )
    op.create_table(
        "case_units",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=200), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_units_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_case_units_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_units")),
        sa.UniqueConstraint("case_id", "unit_id", name=op.f("uq_case_units_case_id_unit_id")),
    )
    op.create_index("ix_case_units_unit_id", "case_units", ["unit_id"], unique=False)
    op.create_table(
        "case_members",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_members_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_members_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_members")),
        sa.UniqueConstraint("case_id", "account_id", name=op.f("uq_case_members_case_id_account_id")),
    )
    op.create_index("ix_case_members_account_id", "case_members", ["account_id"], unique=False)
    op.create_table(
        "case_links",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("meters", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id")),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("fk_case_links_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("case_id", "other_id", "relation", name=op.f("uq_case_links_case_id_other_id_relation")),
    )
    op.create_index("ix_case_links_other_id", "case_links", ["other_id"], unique=False)
    op.create_table(
        "case_votes",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cast_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_votes_case_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_case_votes_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_votes")),
        sa.UniqueConstraint("case_id", "household_id", name=op.f("uq_case_votes_case_id_household_id")),
    )
    op.create_table(
        "case_ballots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_ballots_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_ballots")),
    )
    op.create_index("ix_case_ballots_case_id", "case_ballots", ["case_id"], unique=False)
    op.create_index("idx_cases_location", "cases", ["location"], unique=False, postgresql_using="gist")


def _recipients(allowed: str) -> None:
    op.drop_constraint(op.f("ck_outbox_recipient"), "outbox", type_="check")
    op.create_check_constraint(op.f("ck_outbox_recipient"), "outbox", f"recipient IN ({allowed})")
