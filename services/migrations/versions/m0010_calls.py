"""Calls: presses, timelines, offers, ladders, timers, live events, the outbox, terminal keys and troubles"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_geospatial_index(
        "idx_positions_location", "positions", ["location"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column(
            "recipient",
            sa.Enum(
                "WORKER",
                "DUTY_DESK",
                "CONTACT",
                "AREA_STAFF",
                name="recipient",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=80), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "timers",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("guard", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=80), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"], unique=False)
    op.create_index("ix_timers_subject_id", "timers", ["subject_id"], unique=False)
    op.create_table(
        "ladders",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("rungs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_ladders_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladders")),
        sa.UniqueConstraint("community_id", "matter", name=op.f("uq_ladders_community_id_matter")),
    )
    op.create_table(
        "live_streams",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_live_streams_area_id")),
        sa.PrimaryKeyConstraint("area_id", name=op.f("pk_live_streams")),
    )
    op.create_table(
        "emergency_contacts",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "SMS",
                "VOICE",
                "WEB_PUSH",
                "LOG",
                name="contact_channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_emergency_contacts_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_contacts")),
    )
    op.create_index("ix_emergency_contacts_household_id", "emergency_contacts", ["household_id"], unique=False)
    op.create_table(
        "terminal_keys",
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_terminal_keys_terminal_id")),
        sa.PrimaryKeyConstraint("terminal_id", name=op.f("pk_terminal_keys")),
    )
    op.create_table(
        "terminal_troubles",
        sa.Column("terminal_id", sa.Uuid(), nullable=False),
        sa.Column(
            "condition",
            sa.Enum(
                "SILENT",
                "LOW_BATTERY",
                "MAINS_LOST",
                name="terminal_condition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("announce_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_terminal_troubles_terminal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminal_troubles")),
    )
    op.create_index(
        "uq_terminal_troubles_standing",
        "terminal_troubles",
        ["terminal_id", "condition"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_geospatial_table(
        "calls",
        sa.Column("terminal_serial", sa.String(length=64), nullable=False),
        sa.Column("terminal_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("area_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "mark",
            sa.Enum(
                "UNKNOWN_SERIAL",
                "RETIRED_TERMINAL",
                "NO_HOUSEHOLD",
                "HOUSEHOLD_GONE",
                "CANCEL_ALONE",
                name="call_mark",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_pressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "OFFERED",
                "ACCEPTED",
                "ARRIVED",
                "RINGING",
                "HELD",
                "RESOLVED",
                "CLOSED",
                "CANCELLED",
                name="call_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("press_count", sa.Integer(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("cancel_pressed", sa.Boolean(), nullable=False),
        sa.Column("asked_after", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "HELP_GIVEN",
                "SERVICE_ARRANGED",
                "TAKEN_TO_HOSPITAL",
                "HANDED_TO_POLICE_OR_FIRE",
                "NOBODY_FOUND",
                "FALSE_ALARM",
                "TEST",
                name="call_outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "service_mode",
            sa.Enum(
                "SOCIAL_WORKER",
                "COMMITTEE",
                "VOLUNTEERS",
                "MARKET",
                name="service_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'HELD') <= (claimed_by IS NOT NULL)", name=op.f("ck_calls_claimed_by_one")),
        sa.CheckConstraint("(status = 'OFFERED') <= (offer_id IS NOT NULL)", name=op.f("ck_calls_offered_to_one")),
        sa.CheckConstraint(
            "(status IN ('ACCEPTED', 'ARRIVED')) <= (holder_id IS NOT NULL)", name=op.f("ck_calls_held_by_one")
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["accounts.id"], name=op.f("fk_calls_claimed_by")),
        sa.ForeignKeyConstraint(["community_id"], ["areas.id"], name=op.f("fk_calls_community_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["areas.id"], name=op.f("fk_calls_grid_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["workers.id"], name=op.f("fk_calls_holder_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_calls_household_id")),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_calls_terminal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_calls_feature_id")),
    )
    op.create_index("ix_calls_household_id_opened_at", "calls", ["household_id", "opened_at"], unique=False)
    op.create_index(
        "ix_calls_open",
        "calls",
        ["status", "opened_at"],
        unique=False,
        postgresql_where=sa.text("status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')"),
    )
    op.create_index("ix_calls_terminal_serial_opened_at", "calls", ["terminal_serial", "opened_at"], unique=False)
    op.create_table(
        "call_events",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "OPENED",
                "PRESSED_AGAIN",
                "CANCEL_PRESSED",
                "RUNG_SKIPPED",
                "OFFERED",
                "DECLINED",
                "EXPIRED",
                "WITHDRAWN",
                "ACCEPTED",
                "ASKED_AFTER",
                "CONFIRMED",
                "HOLDER_LOST",
                "ARRIVED",
                "RANG",
                "CLAIMED",
                "RELEASED",
                "CLAIM_LAPSED",
                "ESCALATED",
                "CANCELLED",
                "RESOLVED",
                "FOLLOWED_UP",
                "REOPENED",
                name="call_event_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "OFFERED",
                "ACCEPTED",
                "ARRIVED",
                "RINGING",
                "HELD",
                "RESOLVED",
                "CLOSED",
                "CANCELLED",
                name="call_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_events_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_events")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_call_events_call_id_number")),
    )
    op.create_table(
        "call_notes",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_notes_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_notes")),
    )
    op.create_index("ix_call_notes_call_id", "call_notes", ["call_id"], unique=False)
    op.create_table(
        "offers",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(length=40), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OFFERED",
                "ACCEPTED",
                "DECLINED",
                "EXPIRED",
                "WITHDRAWN",
                "LOST",
                "ENDED",
                name="offer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("eta_seconds", sa.Double(), nullable=True),
        sa.Column("distance_meters", sa.Double(), nullable=True),
        sa.Column("path", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("considered", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("from_longitude", sa.Double(), nullable=False),
        sa.Column("from_latitude", sa.Double(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_offers_call_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_offers_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index("ix_offers_call_id", "offers", ["call_id"], unique=False)
    op.create_index(
        "uq_offers_call_id_binding",
        "offers",
        ["call_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('OFFERED', 'ACCEPTED')"),
    )
    op.create_index(
        "uq_offers_worker_id_binding",
        "offers",
        ["worker_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('OFFERED', 'ACCEPTED')"),
    )
    op.create_table(
        "presses",
        sa.Column("terminal_serial", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column(
            "button",
            sa.Enum(
                "EMERGENCY",
                "HELP",
                "SERVICE",
                "CANCEL",
                name="terminal_button",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_presses_call_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presses")),
        sa.UniqueConstraint("terminal_serial", "reference", name=op.f("uq_presses_terminal_serial_reference")),
    )
    op.create_index("ix_presses_call_id", "presses", ["call_id"], unique=False)
    op.create_table(
        "live_events",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("call_event_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_live_events_area_id")),
        sa.ForeignKeyConstraint(["call_event_id"], ["call_events.id"], name=op.f("fk_live_events_call_event_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_live_events")),
    )
    op.create_index(
        "ix_live_events_unnumbered",
        "live_events",
        ["area_id", "position"],
        unique=False,
        postgresql_where=sa.text("sequence IS NULL"),
    )
    op.create_index("uq_live_events_area_id_sequence", "live_events", ["area_id", "sequence"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_live_events_area_id_sequence", table_name="live_events")
    op.drop_index("ix_live_events_unnumbered", table_name="live_events", postgresql_where=sa.text("sequence IS NULL"))
    op.drop_table("live_events")
    op.drop_index("ix_presses_call_id", table_name="presses")
    op.drop_table("presses")
    op.drop_index(
        "uq_offers_worker_id_binding",
        table_name="offers",
        postgresql_where=sa.text("status IN ('OFFERED', 'ACCEPTED')"),
    )
    op.drop_index(
        "uq_offers_call_id_binding", table_name="offers", postgresql_where=sa.text("status IN ('OFFERED', 'ACCEPTED')")
    )
    op.drop_index("ix_offers_call_id", table_name="offers")
    op.drop_table("offers")
    op.drop_index("ix_call_notes_call_id", table_name="call_notes")
    op.drop_table("call_notes")
    op.drop_table("call_events")
    op.drop_index("ix_calls_terminal_serial_opened_at", table_name="calls")
    op.drop_index(
        "ix_calls_open",
        table_name="calls",
        postgresql_where=sa.text("status NOT IN ('RESOLVED', 'CLOSED', 'CANCELLED')"),
    )
    op.drop_index("ix_calls_household_id_opened_at", table_name="calls")
    op.drop_geospatial_table("calls")
    op.drop_index(
        "uq_terminal_troubles_standing", table_name="terminal_troubles", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("terminal_troubles")
    op.drop_table("terminal_keys")
    op.drop_index("ix_emergency_contacts_household_id", table_name="emergency_contacts")
    op.drop_table("emergency_contacts")
    op.drop_table("live_streams")
    op.drop_table("ladders")
    op.drop_index("ix_timers_subject_id", table_name="timers")
    op.drop_index("ix_timers_due_at", table_name="timers")
    op.drop_table("timers")
    op.drop_index(
        "ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("delivered_at IS NULL AND dead_at IS NULL")
    )
    op.drop_table("outbox")
    op.drop_geospatial_index(
        "idx_positions_location", table_name="positions", postgresql_using="gist", column_name="location"
    )
