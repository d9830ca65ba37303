"""The databases of a test run: one private cluster for all workers; whoever changes rows gets a copy of a template.

A copy of some 20 MB costs less than emptying the tables of a database that was used, let alone filling them again.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

from services import database
from services.cluster import OWNER, SUPERUSER, Cluster
from services.cluster_roles import DATABASE, create_database, drop_database

FOLDER_NAMED_BY = "LINLI_TEST_CLUSTER"
MEMORY, DISK = Path("/dev/shm"), Path("/tmp")
CLUSTER_BYTES = 4 * 2**30
"""More than the cluster of a whole run has ever taken, its log of changes included."""
FOR_A_RUN = ("max_wal_size = '512MB'", "autovacuum = off")
"""A cluster in memory must not grow with the run; and no plan may depend on when a vacuum came by."""


def place() -> Path:
    """Where clusters of tests lie: in memory when there is room enough, else on the disk."""
    if not os.access(MEMORY, os.W_OK):
        return DISK
    found = os.statvfs(MEMORY)
    return MEMORY if found.f_bavail * found.f_frsize > CLUSTER_BYTES else DISK


def open_folder() -> None:
    """Name the folder of this run's cluster for all workers; sweep what killed runs left behind."""
    sweep()
    folder = tempfile.mkdtemp(prefix=f"linli-test-{os.getpid()}-", dir=place())
    os.chmod(folder, 0o711)
    os.environ[FOLDER_NAMED_BY] = folder


def close_folder() -> None:
    """Stop this run's cluster if a test started it, and take the folder away."""
    discard(Path(os.environ.pop(FOLDER_NAMED_BY)))


def sweep() -> None:
    """Take away the clusters of runs that were killed."""
    for folder in (*MEMORY.glob("linli-test-*"), *DISK.glob("linli-test-*")):
        owner = folder.name.split("-")[2]
        if os.access(folder, os.W_OK) and owner.isdigit() and not _lives(int(owner)):
            with suppress(FileNotFoundError):  # another run sweeps as well
                discard(folder)


def discard(folder: Path) -> None:
    """Stop the cluster in `folder`, if there is one, and delete it."""
    cluster = Cluster(folder, durable=False)
    if cluster.running():
        cluster.start().stop()
    shutil.rmtree(folder, ignore_errors=True)


class WorkerDatabases:
    """The databases of one test process, in the cluster that all processes of the run share."""

    def __init__(self, worker: str) -> None:
        """Share the run's cluster, starting it and migrating the template when this is the first process to ask."""
        self.worker = worker
        self.cluster = Cluster(Path(os.environ[FOLDER_NAMED_BY]), durable=False).start()
        self._made = 0
        with (self.cluster.place.data / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._template()

    def make(self, template: str = DATABASE) -> str:
        """A fresh migrated database, or a copy of another one that nobody is connected to; gives its name."""
        self._made += 1
        name = f"linli_{self.worker}_{self._made}"
        create_database(self.maintenance_url, self.url(name, SUPERUSER), name, template=template)
        return name

    def make_empty(self) -> str:
        """A fresh database with the extensions and no tables; gives its name."""
        self._made += 1
        name = f"linli_{self.worker}_{self._made}"
        create_database(self.maintenance_url, self.url(name, SUPERUSER), name)
        return name

    def drop(self, name: str) -> None:
        """Take a database away."""
        drop_database(self.maintenance_url, name)

    def url(self, name: str, role: str = "linli_app") -> str:
        """The address of one of the databases for a role."""
        return self.cluster.url(role, name)

    @property
    def maintenance_url(self) -> str:
        """Where databases are made from."""
        return self.cluster.url(SUPERUSER, "postgres")

    def _template(self) -> None:
        done = self.cluster.place.data / "template-done"
        if not done.exists():
            self._settle()
            database.migrate(self.url(DATABASE, OWNER))
            done.touch()

    def _settle(self) -> None:
        with psycopg.connect(self.maintenance_url, autocommit=True) as connection:
            for setting in FOR_A_RUN:
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
