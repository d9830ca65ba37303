"""What is cached or tiled has a version: raise it in the transaction that changes the content, look before trusting.

Raise it last in the transaction: the counter's row is locked until the commit.
"""

from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.models.contents import ContentVersion


class Content(StrEnum):
    """The bodies of content that are cached."""

    AREAS = "AREAS"
    HOMES = "HOMES"
    STREETS = "STREETS"
    WORKERS = "WORKERS"
    TERMINALS = "TERMINALS"
    SERVICE_POINTS = "SERVICE_POINTS"
    CARE = "CARE"
    AUDITS = "AUDITS"


def raised(*contents: Content) -> sa.Executable:
    """The statement that raises the version of `contents`, for sessions and plain connections alike."""
    rows = [{"name": content.value, "version": 1} for content in sorted(contents)]
    statement = insert(ContentVersion).values(rows)
    return statement.on_conflict_do_update(
        index_elements=[ContentVersion.name], set_={"version": ContentVersion.version + 1}
    )


async def changed(session: AsyncSession, *contents: Content) -> None:
    """Say that `contents` change with this transaction."""
    await session.execute(raised(*contents))


async def versions(session: AsyncSession, contents: Iterable[Content]) -> tuple[int, ...]:
    """The versions of `contents` in the order of their names; 0 for what never changed."""
    wanted = sorted(contents)
    rows = await session.execute(
        sa.select(ContentVersion.name, ContentVersion.version).where(ContentVersion.name.in_([c.value for c in wanted]))
    )
    found = {row.name: row.version for row in rows}
    return tuple(found.get(content.value, 0) for content in wanted)
