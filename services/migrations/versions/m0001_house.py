"""The house: areas, households, people, care, terminals, workers, streets, coverage"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


APP_ROLE_MAY_USE_TABLES = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'linli_app') THEN
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO linli_app;
    ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO linli_app;
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute(APP_ROLE_MAY_USE_TABLES)
    op.create_geospatial_table(
        "areas",
        sa.Column(
            "level",
            sa.Enum(
                "DISTRICT",
                "STREET",
                "COMMUNITY",
                "GRID",
                name="area_level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "boundary",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "label_point",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("area_square_meters", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(level = 'DISTRICT') = (parent_id IS NULL)", name=op.f("ck_areas_parent")),
        sa.CheckConstraint("(level = 'GRID') = (length(code) = 15)", name=op.f("ck_areas_grid_code_length")),
        sa.CheckConstraint("code ~ '^[0-9]{12}([0-9]{3})?$'", name=op.f("ck_areas_code_digits")),
        sa.ForeignKeyConstraint(["parent_id"], ["areas.id"], name=op.f("fk_areas_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_areas_feature_id")),
    )
    op.create_geospatial_index(
        "idx_areas_boundary", "areas", ["boundary"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_areas_parent_id", "areas", ["parent_id"], unique=False)
    op.create_index(
        "uq_areas_code_standing", "areas", ["code"], unique=True, postgresql_where=sa.text("retired_at IS NULL")
    )
    op.create_geospatial_table(
        "barriers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("osm", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("closed", sa.SmallInteger(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barriers")),
    )
    op.create_geospatial_index(
        "idx_barriers_geom", "barriers", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "care_categories",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("visit_every_days", sa.Integer(), nullable=False),
        sa.Column("visit_days_by_level", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "sensitivity",
            sa.Enum(
                "PERSONAL",
                "SENSITIVE",
                "SEALED",
                name="sensitivity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_categories")),
        sa.UniqueConstraint("code", name=op.f("uq_care_categories_code")),
    )
    op.create_table(
        "content_versions",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_content_versions")),
    )
    op.create_table(
        "import_runs",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "RUNNING", "DONE", "REFUSED", name="import_state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_added", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_bad", sa.Integer(), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_geospatial_table(
        "map_features",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("osm", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("levels", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_features")),
    )
    op.create_geospatial_index(
        "idx_map_features_geom", "map_features", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_map_features_kind"), "map_features", ["kind"], unique=False)
    op.create_table(
        "networks",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_networks")),
        sa.UniqueConstraint("version", name=op.f("uq_networks_version")),
    )
    op.create_index("uq_networks_current", "networks", ["current"], unique=True, postgresql_where=sa.text("current"))
    op.create_table(
        "residents",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_index", sa.LargeBinary(), nullable=True),
        sa.Column(
            "sex",
            sa.Enum("FEMALE", "MALE", "UNSTATED", name="sex", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("mobile", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residents")),
        sa.UniqueConstraint("code", name=op.f("uq_residents_code")),
    )
    op.create_index("ix_residents_identity_index", "residents", ["identity_index"], unique=False)
    op.create_index("ix_residents_name_index", "residents", ["name_index"], unique=False)
    op.create_index("ix_residents_phone_index", "residents", ["phone_index"], unique=False)
    op.create_table(
        "street_links",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("network_version", sa.String(length=40), nullable=False),
        sa.Column("foot_edge", sa.Integer(), nullable=False),
        sa.Column("foot_fraction", sa.Double(), nullable=False),
        sa.Column("foot_door_meters", sa.Double(), nullable=False),
        sa.Column("ebike_edge", sa.Integer(), nullable=False),
        sa.Column("ebike_fraction", sa.Double(), nullable=False),
        sa.Column("ebike_door_meters", sa.Double(), nullable=False),
        sa.Column("car_edge", sa.Integer(), nullable=False),
        sa.Column("car_fraction", sa.Double(), nullable=False),
        sa.Column("car_door_meters", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_street_links")),
    )
    op.create_geospatial_table(
        "streets",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("reverse_cost", sa.Double(), nullable=False),
        sa.Column("length_meters", sa.Double(), nullable=False),
        sa.Column("way", sa.BigInteger(), nullable=False),
        sa.Column("from_node", sa.BigInteger(), nullable=False),
        sa.Column("to_node", sa.BigInteger(), nullable=False),
        sa.Column("road_class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("layer", sa.SmallInteger(), nullable=False),
        sa.Column("maximum_speed", sa.Double(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_streets")),
    )
    op.create_geospatial_index(
        "idx_streets_geom", "streets", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_streets_source"), "streets", ["source"], unique=False)
    op.create_index(op.f("ix_streets_target"), "streets", ["target"], unique=False)
    op.create_geospatial_table(
        "workers",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "GRID_WORKER",
                "VOLUNTEER",
                "COMMUNITY_STAFF",
                "SOCIAL_WORKER",
                name="worker_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "OFF_DUTY",
                "AVAILABLE",
                "OFFERED",
                "COMMITTED",
                name="worker_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "post",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
        sa.UniqueConstraint("code", name=op.f("uq_workers_code")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_workers_feature_id")),
    )
    op.create_geospatial_index(
        "idx_workers_post", "workers", ["post"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "area_versions",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "boundary",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_area_versions_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_versions")),
        sa.UniqueConstraint("area_id", "version", name=op.f("uq_area_versions_area_id_version")),
    )
    op.create_geospatial_index(
        "idx_area_versions_boundary",
        "area_versions",
        ["boundary"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "assignments",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_assignments_area_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_assignments_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(
        "ix_assignments_area_id", "assignments", ["area_id"], unique=False, postgresql_where=sa.text("until IS NULL")
    )
    op.create_index("ix_assignments_worker_id", "assignments", ["worker_id"], unique=False)
    op.create_table(
        "care_records",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("notes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consent_at", sa.Date(), nullable=True),
        sa.Column("consent_by", sa.String(length=40), nullable=True),
        sa.Column("review_due_at", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["care_categories.id"], name=op.f("fk_care_records_category_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_care_records_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_records")),
    )
    op.create_index(
        "ix_care_records_category_id",
        "care_records",
        ["category_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_care_records_open",
        "care_records",
        ["resident_id", "category_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "duty_patterns",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_duty_patterns_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_patterns")),
    )
    op.create_index("ix_duty_patterns_worker_id", "duty_patterns", ["worker_id"], unique=False)
    op.create_geospatial_table(
        "households",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("has_lift", sa.Boolean(), nullable=False),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "declared_system",
            sa.Enum(
                "WGS84",
                "CGCS2000",
                "GCJ02",
                "BD09",
                name="declared_system",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("declared_longitude", sa.Double(), nullable=False),
        sa.Column("declared_latitude", sa.Double(), nullable=False),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["areas.id"], name=op.f("fk_households_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("code", name=op.f("uq_households_code")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_households_feature_id")),
    )
    op.create_geospatial_index(
        "idx_households_location", "households", ["location"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(
        "ix_households_address_trigram",
        "households",
        ["address"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.create_index("ix_households_grid_id_code", "households", ["grid_id", "code"], unique=False)
    op.create_table(
        "organisations",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "VOLUNTEER_TEAM",
                "PARTY_GROUP",
                "OWNERS_COMMITTEE",
                "SAFETY_TEAM",
                name="organisation_kind",
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
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_organisations_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
    )
    op.create_index(op.f("ix_organisations_area_id"), "organisations", ["area_id"], unique=False)
    op.create_geospatial_table(
        "positions",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("accuracy_meters", sa.Double(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_positions_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_positions")),
    )
    op.create_geospatial_table(
        "service_points",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "SERVICE_CENTRE",
                "CLINIC",
                "CANTEEN",
                "DAY_CARE",
                "PHARMACY",
                "POLICE_POST",
                "MARKET_SERVICE",
                "ACTIVITY_ROOM",
                name="service_point_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("grid_id", sa.Uuid(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("service_modes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["areas.id"], name=op.f("fk_service_points_grid_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_points")),
        sa.UniqueConstraint("code", name=op.f("uq_service_points_code")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_service_points_feature_id")),
    )
    op.create_geospatial_index(
        "idx_service_points_location",
        "service_points",
        ["location"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_service_points_grid_id"), "service_points", ["grid_id"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shifts_span")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_shifts_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("worker_id", "starts_at", name=op.f("uq_shifts_worker_id_starts_at")),
    )
    op.create_index("ix_shifts_span", "shifts", ["starts_at", "ends_at"], unique=False)
    op.create_table(
        "care_team_members",
        sa.Column("care_record_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["care_record_id"], ["care_records.id"], name=op.f("fk_care_team_members_care_record_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_care_team_members_worker_id")),
        sa.PrimaryKeyConstraint("care_record_id", "worker_id", name=op.f("pk_care_team_members")),
    )
    op.create_table(
        "coverage_audits",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("area_version_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        sa.Column(
            "travel_mode",
            sa.Enum(
                "WALK",
                "WALK_SLOW",
                "EBIKE",
                "CAR",
                name="travel_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "supply",
            sa.Enum(
                "WORKERS_ON_SHIFT",
                "LIVE_POSITIONS",
                "POSTS",
                "VOLUNTEERS",
                "SERVICE_POINTS",
                "SERVICE_CENTRE",
                "CLINIC",
                "CANTEEN",
                "DAY_CARE",
                "PHARMACY",
                "POLICE_POST",
                "MARKET_SERVICE",
                "ACTIVITY_ROOM",
                name="coverage_supply",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network_version", sa.Text(), nullable=False),
        sa.Column("speed_meters_per_second", sa.Double(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "RUNNING",
                "DONE",
                "CANCELLED",
                "FAILED",
                name="audit_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("supply_count", sa.Integer(), nullable=False),
        sa.Column("unlinked_supply_count", sa.Integer(), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=False),
        sa.Column("covered_count", sa.Integer(), nullable=False),
        sa.Column("twice_covered_count", sa.Integer(), nullable=False),
        sa.Column("unreachable_count", sa.Integer(), nullable=False),
        sa.Column("unlinked_count", sa.Integer(), nullable=False),
        sa.Column("resident_count", sa.Integer(), nullable=False),
        sa.Column("covered_resident_count", sa.Integer(), nullable=False),
        sa.Column("median_seconds", sa.Double(), nullable=True),
        sa.Column("p90_seconds", sa.Double(), nullable=True),
        sa.Column("straight_line", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_grid", sa.LargeBinary(), nullable=False),
        sa.Column("by_category", sa.LargeBinary(), nullable=False),
        sa.Column("gaps", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_coverage_audits_area_id")),
        sa.ForeignKeyConstraint(
            ["area_version_id"], ["area_versions.id"], name=op.f("fk_coverage_audits_area_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_audits")),
    )
    op.create_index("ix_coverage_audits_area_id_id", "coverage_audits", ["area_id", "id"], unique=False)
    op.create_table(
        "household_events",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CREATED",
                "CHANGED",
                "JOINED",
                "LEFT",
                "MOVED",
                "SPLIT",
                "MERGED",
                "REGRIDDED",
                "CLOSED",
                name="household_event_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("grid_version_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grid_version_id"], ["area_versions.id"], name=op.f("fk_household_events_grid_version_id")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_events_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_events")),
    )
    op.create_index("ix_household_events_household_id_at", "household_events", ["household_id", "at"], unique=False)
    op.create_table(
        "organisation_members",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_members_organisation_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_organisation_members_worker_id")),
        sa.PrimaryKeyConstraint("organisation_id", "worker_id", name=op.f("pk_organisation_members")),
    )
    op.create_table(
        "residences",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_residences_span")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_residences_household_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_residences_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residences")),
    )
    op.create_index(
        "ix_residences_household_id",
        "residences",
        ["household_id"],
        unique=False,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("ix_residences_resident_id", "residences", ["resident_id"], unique=False)
    op.create_index(
        "uq_residences_resident_id_now",
        "residences",
        ["resident_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "terminals",
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "NEVER_SEEN",
                "ONLINE",
                "LOW_BATTERY",
                "MAINS_LOST",
                "SILENT",
                "RETIRED",
                name="terminal_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("heartbeat_seconds", sa.Integer(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_percent", sa.SmallInteger(), nullable=True),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feature_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_terminals_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminals")),
        sa.UniqueConstraint("feature_id", name=op.f("uq_terminals_feature_id")),
        sa.UniqueConstraint("serial", name=op.f("uq_terminals_serial")),
    )
    op.create_index("ix_terminals_household_id", "terminals", ["household_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("care_record_id", sa.Uuid(), nullable=True),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("grid_version_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["care_record_id"], ["care_records.id"], name=op.f("fk_visits_care_record_id")),
        sa.ForeignKeyConstraint(["grid_version_id"], ["area_versions.id"], name=op.f("fk_visits_grid_version_id")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_visits_household_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_visits_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_care_record_id_visited_at", "visits", ["care_record_id", "visited_at"], unique=False)
    op.create_index("ix_visits_household_id_visited_at", "visits", ["household_id", "visited_at"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("terminal_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["terminal_id"], ["terminals.id"], name=op.f("fk_accounts_terminal_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_accounts_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
        sa.UniqueConstraint("terminal_id", name=op.f("uq_accounts_terminal_id")),
        sa.UniqueConstraint("worker_id", name=op.f("uq_accounts_worker_id")),
    )
    op.create_table(
        "coverage_rosters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feature_ids", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_rosters")),
    )
    op.create_table(
        "coverage_results",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("seconds", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.Column("supply", sa.LargeBinary(), nullable=False),
        sa.Column("gap_areas", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["coverage_audits.id"], name=op.f("fk_coverage_results_audit_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["coverage_rosters.id"], name=op.f("fk_coverage_results_roster_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_coverage_results")),
    )
    # Compressing a million seconds takes longer than writing them.
    for column in ("seconds", "times", "gap_areas"):
        op.execute(f"ALTER TABLE coverage_results ALTER {column} SET STORAGE EXTERNAL")
    for column in ("by_grid", "gaps"):
        op.execute(f"ALTER TABLE coverage_audits ALTER {column} SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE coverage_rosters ALTER feature_ids SET STORAGE EXTERNAL")
    op.create_table(
        "role_grants",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "GRID_WORKER",
                "VOLUNTEER",
                "SOCIAL_WORKER",
                "COMMUNITY_STAFF",
                "DISPATCHER",
                "SUPERVISOR",
                "PLANNER",
                "MANAGER",
                "AUDITOR",
                "ADMIN",
                "TERMINAL",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_role_grants_account_id")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_role_grants_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index("ix_role_grants_account_id", "role_grants", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_role_grants_account_id", table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_table("coverage_results")
    op.drop_table("coverage_rosters")
    op.drop_table("accounts")
    op.drop_index("ix_visits_household_id_visited_at", table_name="visits")
    op.drop_index("ix_visits_care_record_id_visited_at", table_name="visits")
    op.drop_table("visits")
    op.drop_index("ix_terminals_household_id", table_name="terminals")
    op.drop_table("terminals")
    op.drop_index("uq_residences_resident_id_now", table_name="residences", postgresql_where=sa.text("until IS NULL"))
    op.drop_index("ix_residences_resident_id", table_name="residences")
    op.drop_index("ix_residences_household_id", table_name="residences", postgresql_where=sa.text("until IS NULL"))
    op.drop_table("residences")
    op.drop_table("organisation_members")
    op.drop_index("ix_household_events_household_id_at", table_name="household_events")
    op.drop_table("household_events")
    op.drop_index("ix_coverage_audits_area_id_id", table_name="coverage_audits")
    op.drop_table("coverage_audits")
    op.drop_table("care_team_members")
    op.drop_index("ix_shifts_span", table_name="shifts")
    op.drop_table("shifts")
    op.drop_index(op.f("ix_service_points_grid_id"), table_name="service_points")
    op.drop_geospatial_index(
        "idx_service_points_location", table_name="service_points", postgresql_using="gist", column_name="location"
    )
    op.drop_geospatial_table("service_points")
    op.drop_geospatial_table("positions")
    op.drop_index(op.f("ix_organisations_area_id"), table_name="organisations")
    op.drop_table("organisations")
    op.drop_index("ix_households_grid_id_code", table_name="households")
    op.drop_index(
        "ix_households_address_trigram",
        table_name="households",
        postgresql_using="gin",
        postgresql_ops={"address": "gin_trgm_ops"},
    )
    op.drop_geospatial_index(
        "idx_households_location", table_name="households", postgresql_using="gist", column_name="location"
    )
    op.drop_geospatial_table("households")
    op.drop_index("ix_duty_patterns_worker_id", table_name="duty_patterns")
    op.drop_table("duty_patterns")
    op.drop_index("uq_care_records_open", table_name="care_records", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index(
        "ix_care_records_category_id", table_name="care_records", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("care_records")
    op.drop_index("ix_assignments_worker_id", table_name="assignments")
    op.drop_index("ix_assignments_area_id", table_name="assignments", postgresql_where=sa.text("until IS NULL"))
    op.drop_table("assignments")
    op.drop_geospatial_index(
        "idx_area_versions_boundary", table_name="area_versions", postgresql_using="gist", column_name="boundary"
    )
    op.drop_geospatial_table("area_versions")
    op.drop_geospatial_index("idx_workers_post", table_name="workers", postgresql_using="gist", column_name="post")
    op.drop_geospatial_table("workers")
    op.drop_index(op.f("ix_streets_target"), table_name="streets")
    op.drop_index(op.f("ix_streets_source"), table_name="streets")
    op.drop_geospatial_index("idx_streets_geom", table_name="streets", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("streets")
    op.drop_table("street_links")
    op.drop_index("ix_residents_phone_index", table_name="residents")
    op.drop_index("ix_residents_name_index", table_name="residents")
    op.drop_index("ix_residents_identity_index", table_name="residents")
    op.drop_table("residents")
    op.drop_index("uq_networks_current", table_name="networks", postgresql_where=sa.text("current"))
    op.drop_table("networks")
    op.drop_index(op.f("ix_map_features_kind"), table_name="map_features")
    op.drop_geospatial_index(
        "idx_map_features_geom", table_name="map_features", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("map_features")
    op.drop_table("import_runs")
    op.drop_table("content_versions")
    op.drop_table("care_categories")
    op.drop_geospatial_index("idx_barriers_geom", table_name="barriers", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("barriers")
    op.drop_index("uq_areas_code_standing", table_name="areas", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_index("ix_areas_parent_id", table_name="areas")
    op.drop_geospatial_index("idx_areas_boundary", table_name="areas", postgresql_using="gist", column_name="boundary")
    op.drop_geospatial_table("areas")
