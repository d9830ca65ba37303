"""Cases: matters of many kinds, their rungs, terms, events and votes"""

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
