"""Where the database is: the one that was given, or a private cluster that is ours for as long as it is used."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.cluster import OWNER, Cluster
from services.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Settings]:
    """The settings with both addresses filled in. With none given, a private cluster is started, shared and kept up."""
    if settings.database_url:
        owner = settings.owner_database_url or settings.database_url
        yield settings.model_copy(update={"owner_database_url": owner})
        return
    cluster = Cluster(settings.data, programs=settings.postgres_bin).start()
    try:
        cluster.watch()
        urls = {"database_url": cluster.url(), "owner_database_url": cluster.url(OWNER)}
        yield settings.model_copy(update=urls)
    finally:
        cluster.stop()
