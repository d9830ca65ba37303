"""Streets and features of the base map are kept in the steps of tiles, too, so that a tile need not turn them first"""

from alembic import op

revision = "0062"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLES = ("streets", "map_features")
WORLD = "-20037508.342789244, -20037508.342789244, 20037508.342789244, 20037508.342789244"
SHAPE = f"ST_AsMVTGeom(ST_Transform(geom, 3857), ST_MakeEnvelope({WORLD}, 3857), 268435456, 0, false)"


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN tile_geom geometry(GEOMETRY, 0)"
            f" GENERATED ALWAYS AS (ST_SetSRID({SHAPE}, 0)) STORED"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "tile_geom")
