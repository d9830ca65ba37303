"""The post of the tests: what is due goes out at once, a batch and no more."""

from services import outbox
from services.database import Database
from services.outbox import Send


async def deliver(database: Database, send: Send, limit: int = 50) -> int:
    """Deliver what is due; how many messages were."""
    return await outbox.deliver_lent(database, send, await outbox.lend(database, limit))
