"""Files without a row: their attachment was refused or its server died after the bytes were stored. Swept once a day.

Bytes are stored before their row is committed, so that no row is ever without them; the price is a file that nobody
names. One that is a day old will never get its row. What has not the shape of our keys is somebody else's and stays.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from services import clock
from services.database import Database
from services.filestore import FileStore, Kept
from services.models import Attachment

log = structlog.get_logger()

GRACE = timedelta(days=1)
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
OURS = re.compile(f"{UUID}/{UUID}")


async def sweep(database: Database, store: FileStore) -> int:
    """Take away the bytes of attachments that never came to be; how many. Raises FileStoreUnavailable."""
    gone = 0
    async for kept in store.listed():
        old = ripe(kept, clock.now())
        for key in await _nameless(database, old):
            await store.delete(key)
            log.warning("orphan file deleted", key=key)
            gone += 1
    return gone


def ripe(kept: Iterable[Kept], now: datetime) -> list[str]:
    """The keys of our shape that are older than the grace."""
    return [each.key for each in kept if OURS.fullmatch(each.key) and each.at < now - GRACE]


async def _nameless(database: Database, keys: Sequence[str]) -> list[str]:
    """Those of the keys that no row names."""
    if not keys:
        return []
    async with database.read() as session:
        named = set(await session.scalars(sa.select(Attachment.key).where(Attachment.key.in_(keys))))
    return [key for key in keys if key not in named]
