"""Open plans of visits are found without a walk through all open cases"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    open_plans = sa.text("kind = 'VISIT_PLAN' AND ended_at IS NULL")
    op.create_index("ix_cases_open_plans", "cases", ["id"], postgresql_where=open_plans)


def downgrade() -> None:
    op.drop_index("ix_cases_open_plans", "cases")
