"""Passwords, refresh tokens, second factors and deputies of accounts"""

revision = "0020"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
