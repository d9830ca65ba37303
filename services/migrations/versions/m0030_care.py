"""What the care files keep: readings, consents, visits"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = sa.ARRAY(sa.Text())
ONLY_GROWS = ("readings", "reading_anchors")
# The five who stand together for one person in community detox: seamless, file and plan for each.
DETOX_TEAM = "{GRID_WORKER,ANTI_DRUG_CADRE,SOCIAL_WORKER,VOLUNTEER,POLICE_OFFICER}"

REFUSE = """
CREATE FUNCTION linli_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% only grows: no line of it is changed or taken away', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$
"""
APP_ONLY_ADDS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'linli_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM linli_app;
  END IF;
END $$
"""


def upgrade() -> None:
    _categories_and_records()
    _people()
    _consents()
    _openings()
    _readings()


def downgrade() -> None:
    for table in ("reading_anchors", "readings", "openings", "consents", "care_events"):
        op.drop_table(table)
    op.execute("DROP FUNCTION linli_only_grows()")
    for name in ("erased_at", "merged_at", "merged_into_id"):
        op.drop_column("residents", name)
    op.drop_index("ix_visits_unsettled", table_name="visits")
    for name in ("settled_by", "settled_at", "conflict_ids", "conflicts", "based_on", "written_at"):
        op.drop_column("visits", name)
    for name in ("version", "visit_by", "last_visit_at", "closed_reason", "diagnosis_sealed"):
        op.drop_column("care_records", name)
    for name in ("keep_by_law_ground", "keep_by_law_days", "keep_closed_days", "team_duties"):
        op.drop_column("care_categories", name)


def _categories_and_records() -> None:
    op.add_column("care_categories", sa.Column("team_duties", TEXTS, server_default="{}", nullable=False))
    op.add_column("care_categories", sa.Column("keep_closed_days", sa.Integer(), server_default="1095", nullable=False))
    op.add_column("care_categories", sa.Column("keep_by_law_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column("care_categories", sa.Column("keep_by_law_ground", sa.Text(), nullable=True))
    op.execute(f"UPDATE care_categories SET team_duties = '{DETOX_TEAM}' WHERE code = 'COMMUNITY_DETOX'")
    op.add_column("care_records", sa.Column("diagnosis_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("care_records", sa.Column("closed_reason", sa.String(length=40), nullable=True))
    op.add_column("care_records", sa.Column("last_visit_at", MOMENT, nullable=True))
    op.add_column("care_records", sa.Column("visit_by", MOMENT, nullable=True))
    op.add_column("care_records", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "care_events",
        sa.Column("care_record_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "OPENED",
                "CHANGED",
                "TEAM_CHANGED",
                "CONSENTED",
                "CONSENT_WITHDRAWN",
                "CLOSED",
                "PERSON_MERGED",
                name="care_event_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["care_record_id"], ["care_records.id"], name=op.f("fk_care_events_care_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_events")),
    )
    op.create_index("ix_care_events_care_record_id", "care_events", ["care_record_id", "id"])
    op.add_column("visits", sa.Column("written_at", MOMENT, nullable=True))
    op.add_column("visits", sa.Column("based_on", sa.Integer(), nullable=True))
    op.add_column("visits", sa.Column("conflicts", TEXTS, server_default="{}", nullable=False))
    op.add_column("visits", sa.Column("conflict_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False))
    op.add_column("visits", sa.Column("settled_at", MOMENT, nullable=True))
    op.add_column("visits", sa.Column("settled_by", sa.Uuid(), nullable=True))
    unsettled = sa.text("settled_at IS NULL AND conflicts <> '{}'")
    op.create_index("ix_visits_unsettled", "visits", ["household_id"], postgresql_where=unsettled)


def _people() -> None:
    op.add_column("residents", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("residents", sa.Column("merged_at", MOMENT, nullable=True))
    op.add_column("residents", sa.Column("erased_at", MOMENT, nullable=True))
    op.create_foreign_key(op.f("fk_residents_merged_into_id"), "residents", "residents", ["merged_into_id"], ["id"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("care_record_id", sa.Uuid(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column(
            "given_by",
            sa.Enum(
                "PERSON",
                "GUARDIAN",
                "AGENT",
                name="consent_giver",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("purposes", TEXTS, nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("giver_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_recorded_by", sa.Uuid(), nullable=True),
        sa.Column("erase_after", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["care_record_id"], ["care_records.id"], name=op.f("fk_consents_care_record_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consents_resident_id")),
        sa.ForeignKeyConstraint(["category_id"], ["care_categories.id"], name=op.f("fk_consents_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_care_record_id", "consents", ["care_record_id"])
    op.create_index("ix_consents_resident_id", "consents", ["resident_id"])


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "JUSTIFIED",
                "NOT_JUSTIFIED",
                name="opening_verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_openings_household_id")),
        sa.ForeignKeyConstraint(["grid_id"], ["areas.id"], name=op.f("fk_openings_grid_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_openings_account_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name=op.f("fk_openings_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    op.create_index("ix_openings_account_id_expires_at", "openings", ["account_id", "expires_at"])
    op.create_index("ix_openings_household_id", "openings", ["household_id"])
    op.create_index(
        "ix_openings_unreviewed", "openings", ["opened_at"], postgresql_where=sa.text("reviewed_at IS NULL")
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_for", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("roles", TEXTS, nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("fields", TEXTS, nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("grid_id", sa.Uuid(), nullable=True),
        sa.Column("opening_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("chain_id", "number", name=op.f("uq_readings_chain_id_number")),
    )
    op.create_index("ix_readings_household_id", "readings", ["household_id", "id"])
    op.create_index("ix_readings_record_id", "readings", ["record_id", "id"])
    op.create_index("ix_readings_actor_id", "readings", ["actor_id", "id"])
    op.create_table(
        "reading_anchors",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("heads", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reading_anchors")),
    )
    op.execute(REFUSE)
    for table in ONLY_GROWS:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION linli_only_grows()"
        )
        op.execute(APP_ONLY_ADDS.format(table=table))
