"""Alembic's entry: one migration at a time across all servers, geometry columns rendered by GeoAlchemy2."""

import sqlalchemy as sa
from alembic import context
from geoalchemy2 import alembic_helpers

from services.models import Base

ADVISORY_LOCK = 0x6C696E6C69  # "linli": two servers that start together migrate one after the other


def run() -> None:
    """Migrate inside one transaction under an advisory lock."""
    engine = sa.create_engine(context.config.attributes["url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=alembic_helpers.include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
