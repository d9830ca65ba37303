"""The private PostgreSQL cluster: one data directory, shared by the servers that use it, stopped with the last one.

Two locks of the kernel's (flock, gone with their process even after kill -9) keep the order: `turn.lock` lets one
process at a time start or stop, `users.lock` is held shared by every process that uses the cluster.
"""

import fcntl
import json
import os
import secrets
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode

import structlog

from services import ports, postgres
from services.cluster_files import OWNER, ROLES, SUPERUSER, Postmaster, access_rules, configuration, read_postmaster
from services.cluster_roles import DATABASE, provision
from services.errors import Refusal

log = structlog.get_logger()

PORTS = range(54320, 54920)
LONGEST_SOCKET_FOLDER = 80  # a socket's path ends at 107 bytes (103 on macOS), the file name included
BEYOND_OUR_FOLDER = Path("/var/lib/linli")
PASSING = ("still in use", "already exists", "could not create any TCP/IP", "Address already in use")


class ClusterDown(Refusal):
    """The private database did not start: {reason} Its log is {log}."""


class ClusterNotYours(Refusal):
    """The data in {subject} belongs to another user of this machine. Run as that user, or give another --data."""


class Cluster:
    """One PostgreSQL of our own, its files under `data`; `durable=False` (tests only) gives up fsync for speed."""

    def __init__(self, data: Path, *, durable: bool = True, programs: Path | None = None) -> None:
        """Nothing is started yet."""
        self.data = data.resolve()
        self.durable = durable
        self._programs_folder = programs
        self._users: IO[str] | None = None
        self._leaving = threading.Event()

    # -- life -----------------------------------------------------------------------------------------------------

    def start(self) -> "Cluster":
        """Start it, or share the one that runs on this data; safe to call from many processes at once.

        Raises `PostgresMissing`, `ClusterNotYours`, `ClusterDown`.
        """
        self._prepare()
        with self._turn():
            self._users = _locked(self.data / "users.lock", fcntl.LOCK_SH)
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
        found = read_postmaster(self.home)
        return found if found and found.alive(self.home) else None

    # -- addresses ------------------------------------------------------------------------------------------------

    def url(self, role: str = "linli_app", database: str = DATABASE) -> str:
        """The libpq address over the socket for one of our roles; it holds the password, so never log it."""
        found = read_postmaster(self.home)
        if found is None:
            raise ClusterDown(reason="it is not running.", log=self.log_file)
        options = urlencode({"host": found.socket_folder, "port": found.port}, safe="/", quote_via=quote)
        return f"postgresql://{role}:{quote(self._passwords()[role])}@/{quote(database)}?{options}"

    @property
    def place(self) -> Path:
        """Where PostgreSQL's own files are: `data`, or a folder that its user can reach when `data` is closed to it."""
        pointer = self.data / "postgres-is-at"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.data

    @property
    def home(self) -> Path:
        """PostgreSQL's data directory."""
        return self.place / "postgres"

    @property
    def log_file(self) -> Path:
        """PostgreSQL's log."""
        return self.place / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket, for PostgreSQL's user (and root) alone."""
        near = self.place / "socket"
        if len(str(near)) <= LONGEST_SOCKET_FOLDER and "," not in str(near):
            return near
        return Path("/tmp") / f"linli-{self.place.stat().st_dev:x}-{self.place.stat().st_ino:x}"

    # -- steps ----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        if self.data.stat().st_uid not in (os.geteuid(),) and os.geteuid() != 0:
            raise ClusterNotYours(str(self.data))
        self.account = postgres.account_for(self.home)
        self.data.chmod(0o711 if self.account else 0o700)
        if self.account and not self.home.exists() and not _reaches(self.account, self.data):
            self._move_out()
        version = self.home / "PG_VERSION"
        wanted = int(version.read_text()) if version.exists() else None
        self.programs = postgres.find(wanted, self._programs_folder)

    def _move_out(self) -> None:
        place = BEYOND_OUR_FOLDER / f"{self.data.parent.name}-{secrets.token_hex(4)}"
        place.mkdir(parents=True, mode=0o711)
        (self.data / "postgres-is-at").write_text(f"{place}\n")

    def _up(self) -> None:
        if not (self.home / "PG_VERSION").exists():
            self._initialise()
        if not self._settled():
            self._launch()
        provision(self.url(SUPERUSER, "postgres"), self.url(SUPERUSER), self._passwords())

    def _initialise(self) -> None:
        """Made beside its place and renamed at the end, so that a start cut off leaves nothing half made."""
        fresh, word = self.place / "postgres.new", self.place / "first-password"
        shutil.rmtree(fresh, ignore_errors=True)
        self._own_folder(fresh)
        self._write_private(self.data / "passwords.json", json.dumps({role: secrets.token_hex(24) for role in ROLES}))
        self._write_private(word, self._passwords()[SUPERUSER])
        self._give(word)
        options = ["--encoding=UTF8", "--lc-collate=C", f"--pwfile={word}", f"--username={SUPERUSER}"]
        options += ["--auth=scram-sha-256"] + ([] if self.durable else ["--no-sync"])
        done = self.programs.run("initdb", "-D", str(fresh), *options, account=self.account)
        word.unlink()
        if done.returncode:
            raise ClusterDown(reason=f"initdb says: {done.stderr.strip()}", log=self.log_file)
        fresh.rename(self.home)

    def _settled(self) -> bool:
        """Wait out a start or stop that another process began and did not live to finish."""
        until = time.monotonic() + 60
        while (found := self.running()) and found.status != "ready":
            if time.monotonic() > until:
                raise ClusterDown(reason=f"it has been '{found.status}' for a minute.", log=self.log_file)
            time.sleep(0.05)
        return found is not None

    def _launch(self) -> None:
        """Start the postmaster; waits while the processes of a killed one are still letting go of the data."""
        until = time.monotonic() + 30
        while True:
            (self.home / "postmaster.pid").unlink(missing_ok=True)
            options = self._configure()
            written = self.log_file.stat().st_size
            done = self._pg_ctl("-l", str(self.log_file), "-o", options, "-w", "-t", "60", "start")
            if done.returncode == 0:
                return
            said = self.log_file.read_bytes()[written:].decode(errors="replace")
            if time.monotonic() > until or not any(sign in said for sign in PASSING):
                raise ClusterDown(reason=said.strip() or done.stderr.strip(), log=self.log_file)
            time.sleep(0.2)

    def _configure(self) -> str:
        """Write the settings where only we may, beside PostgreSQL's directory, and name them for its command line."""
        self._own_folder(self.socket_folder)
        self.log_file.touch(mode=0o600)
        self._give(self.log_file)
        rules, settings = self.place / "access.conf", self.place / "settings.conf"
        rules.write_text(access_rules())
        settings.write_text(configuration(self.home, rules, self._port(), self.socket_folder, durable=self.durable))
        for file in (rules, settings):
            file.chmod(0o644)
        return shlex.quote(f"--config_file={settings}")

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.programs.run("pg_ctl", "-D", str(self.home), *arguments, account=self.account)

    def _leave(self) -> bool:
        if self._users:
            self._users.close()
        try:
            with _locked(self.data / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._down()
        except BlockingIOError:
            return False
        return True

    def _down(self) -> None:
        if self.running() and self._pg_ctl("-m", "fast", "-w", "stop").returncode:
            self._pg_ctl("-m", "immediate", "-w", "stop")
        shutil.rmtree(self.socket_folder, ignore_errors=True)

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

    # -- small things ---------------------------------------------------------------------------------------------

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with _locked(self.data / "turn.lock", fcntl.LOCK_EX):
            yield

    def _port(self) -> int:
        """The port of last time when it is free, so that addresses given out stay good; else any free one."""
        remembered = self.data / "port"
        before = [int(remembered.read_text())] if remembered.exists() else []
        port = next(port for port in [*before, *_shuffled(PORTS)] if ports.is_free("127.0.0.1", port))
        remembered.write_text(str(port))
        return port

    def _passwords(self) -> dict[str, str]:
        try:
            told: dict[str, str] = json.loads((self.data / "passwords.json").read_text())
        except PermissionError as denied:
            raise ClusterNotYours(str(self.data)) from denied
        return told

    def _own_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid not in (os.geteuid(), self.account.uid if self.account else -1):
            raise ClusterNotYours(str(folder))
        folder.chmod(0o700)
        self._give(folder)

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    @staticmethod
    def _write_private(path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)


def _locked(path: Path, how: int) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, how)
    except BaseException:
        file.close()
        raise
    return file


def _reaches(account: postgres.Account, folder: Path) -> bool:
    return postgres.run(["test", "-x", str(folder)], account).returncode == 0


def _shuffled(numbers: range) -> list[int]:
    return secrets.SystemRandom().sample(numbers, len(numbers))


__all__ = ["OWNER", "Cluster", "ClusterDown", "ClusterNotYours"]
