"""Row-level security on every table that holds people"""

from alembic import op

from services import row_policies

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in row_policies.put():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in row_policies.take_away():
        op.get_bind().exec_driver_sql(statement)
