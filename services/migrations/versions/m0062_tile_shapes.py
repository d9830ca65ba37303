"""Streets and features are kept in the steps of tiles, too, which need not turn them first; what-ifs are told apart

What-ifs that were stored before are known by the places that they added; those that only took some away are not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLES = ("streets", "map_features")
WORLD = "-20037508.342789244, -20037508.342789244, 20037508.342789244, 20037508.342789244"
SHAPE = f"ST_AsMVTGeom(ST_Transform(geom, 3857), ST_MakeEnvelope({WORLD}, 3857), 268435456, 0, false)"

ADDED = """UPDATE coverage_audits SET what_if = true FROM coverage_results
WHERE audit_id = coverage_audits.id AND convert_from(coverage_results.supply, 'UTF8')::jsonb @> '[{"id": null}]'"""


def upgrade() -> None:
    op.add_column("coverage_audits", sa.Column("what_if", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(ADDED)
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN tile_geom geometry(GEOMETRY, 0)"
            f" GENERATED ALWAYS AS (ST_SetSRID({SHAPE}, 0)) STORED"
        )


def downgrade() -> None:
    op.drop_column("coverage_audits", "what_if")
    for table in TABLES:
        op.drop_column(table, "tile_geom")
