"""The private PostgreSQL cluster: one data directory, shared by the servers that use it, stopped with the last one.

Two locks of the kernel's (flock, gone with their process even after kill -9) keep the order: `turn.lock` lets one
process at a time start or stop, `users.lock` is held shared by every process that uses the cluster.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode

import structlog

from services import cluster_process
from services.cluster_files import APP, OWNER, SUPERUSER, Postmaster, read_postmaster
from services.cluster_place import ClusterNotYours, Place
from services.cluster_process import ClusterDown, Process
from services.cluster_roles import DATABASE, provision

__all__ = ["APP", "OWNER", "SUPERUSER", "Cluster", "ClusterDown", "ClusterNotYours"]

log = structlog.get_logger()


class Cluster:
    """One PostgreSQL of our own, its files under `data`; `durable=False` (tests only) gives up fsync for speed."""

    def __init__(self, data: Path, *, durable: bool = True, programs: Path | None = None) -> None:
        """Nothing is started yet; `programs` is the folder of PostgreSQL's programs when it cannot be found."""
        self.place = Place(data)
        self.durable = durable
        self._programs = programs
        self._users: IO[str] | None = None
        self._leaving = threading.Event()

    def start(self) -> "Cluster":
        """Start it, or share the one that runs on this data; safe to call from many processes at once.

        Raises `PostgresMissing`, `ClusterNotYours`, `ClusterDown`.
        """
        self.place.prepare()
        with self._turn():
            self._users = self._locked("users.lock", fcntl.LOCK_SH)
            try:
                self._up()
            except BaseException:
                self._leave()
                raise
        return self

    def stop(self) -> bool:
        """Leave it; the last one to leave stops it. True when it was stopped."""
        self._leaving.set()
        with self._turn():
            return self._leave()

    def watch(self, every_seconds: float = 0.5) -> None:
        """Bring the database back whenever it dies, for as long as this process uses the cluster."""
        threading.Thread(target=self._keep_up, args=(every_seconds,), name="cluster-watch", daemon=True).start()

    def running(self) -> Postmaster | None:
        """The postmaster on our data, or None; a stale file, or a number that another program got, is none."""
        return cluster_process.running(self.place)

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The libpq address over the socket for one of our roles; it holds the password, so never log it."""
        found = read_postmaster(self.place.home)
        if found is None:
            raise ClusterDown(reason="it is not running.", log=self.place.log_file)
        options = urlencode({"host": found.socket_folder, "port": found.port}, safe="/", quote_via=quote)
        return f"postgresql://{role}:{quote(self.place.passwords()[role])}@/{quote(database)}?{options}"

    def _up(self) -> None:
        self._process().up()
        provision(self.url(SUPERUSER, "postgres"), self.url(SUPERUSER), self.place.passwords())

    def _leave(self) -> bool:
        if self._users:
            self._users.close()
        try:
            with self._locked("users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._process().down()
        except BlockingIOError:
            return False
        return True

    def _keep_up(self, every_seconds: float) -> None:
        while not self._leaving.wait(every_seconds):
            if self.running():
                continue
            with self._turn():
                if self._leaving.is_set():
                    return
                self._revive()

    def _revive(self) -> None:
        log.warning("database died, starting it again")
        try:
            self._up()
        except Exception:
            log.exception("database did not start again, trying further")

    def _process(self) -> Process:
        return cluster_process.process_for(self.place, self._programs, durable=self.durable)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._locked("turn.lock", fcntl.LOCK_EX):
            yield

    def _locked(self, name: str, how: int) -> IO[str]:
        file = (self.place.data / name).open("a+")
        try:
            fcntl.flock(file, how)
        except BaseException:
            file.close()
            raise
        return file
