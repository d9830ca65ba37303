"""Phones that are told by web push, who is connected, and keys of terminals that change without a gap"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phones",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_digest", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=False),
        sa.Column("subscription_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_phones_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
        sa.UniqueConstraint("endpoint_digest", name=op.f("uq_phones_endpoint_digest")),
    )
    op.create_index("ix_phones_account_id", "phones", ["account_id"], unique=False)
    op.create_table(
        "server_processes",
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_processes")),
    )
    op.create_table(
        "presences",
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_presences_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presences")),
    )
    op.create_index("ix_presences_worker_id", "presences", ["worker_id"], unique=False)
    op.create_index("ix_presences_process_id", "presences", ["process_id"], unique=False)
    op.add_column("terminal_keys", sa.Column("former_data_key", sa.LargeBinary(), nullable=True))
    op.add_column("terminal_keys", sa.Column("former_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("terminal_keys", sa.Column("former_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("former_until", "former_sealed", "former_data_key"):
        op.drop_column("terminal_keys", name)
    op.drop_table("presences")
    op.drop_table("server_processes")
    op.drop_table("phones")
