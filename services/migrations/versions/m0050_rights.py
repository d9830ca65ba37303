"""Row-level security on every table that holds people"""

import sqlalchemy as sa
from alembic import op

from services import row_policies

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None

PLACES = {"residents": ("home_id", "grid_id"), "residences": ("grid_id",)}


def upgrade() -> None:
    for table, columns in PLACES.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_index("ix_residents_grid_id", "residents", ["grid_id"])
    op.get_bind().exec_driver_sql(row_policies.TRIGGERS)
    op.get_bind().exec_driver_sql(row_policies.FIRST_PLACED)
    for statement in row_policies.put():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in row_policies.take_away():
        op.get_bind().exec_driver_sql(statement)
    op.drop_index("ix_residents_grid_id", "residents")
    for table, columns in PLACES.items():
        for column in columns:
            op.drop_column(table, column)
