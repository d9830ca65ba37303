"""The processes of the private cluster: made, started, waited for, stopped; one caller at a time."""

import secrets
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from services import ports, postgres
from services.cluster_files import SUPERUSER, Postmaster, access_rules, configuration, read_postmaster
from services.cluster_place import Place
from services.errors import Refusal

PORTS = range(54320, 54920)
PASSING = ("still in use", "already exists", "could not create any TCP/IP", "Address already in use")
PATIENCE_SECONDS = 60


class ClusterDown(Refusal):
    """The private database did not start: {reason} Its log is {log}."""


class Process:
    """The postmaster on one place; `durable=False` gives up fsync for speed."""

    def __init__(self, place: Place, programs: postgres.Programs, *, durable: bool) -> None:
        """Nothing is started yet."""
        self.place = place
        self.programs = programs
        self.durable = durable

    def up(self) -> None:
        """See to it that it runs, making the cluster first when there is none. Raises ClusterDown."""
        if not (self.place.home / "PG_VERSION").exists():
            self._initialise()
        if not self._settled():
            self._launch()

    def down(self) -> None:
        """Stop it if it runs; clients are cut off, what they committed stays."""
        kindly = "fast" if self.durable else "immediate"  # what is not durable is not worth a last checkpoint
        if running(self.place) and self._pg_ctl("-m", kindly, "-w", "stop").returncode:
            self._pg_ctl("-m", "immediate", "-w", "stop")
        shutil.rmtree(self.place.socket_folder, ignore_errors=True)

    def _initialise(self) -> None:
        """Made beside its place and renamed at the end, so that a start cut off leaves nothing half made."""
        fresh, word = self.place.root / "postgres.new", self.place.root / "first-password"
        shutil.rmtree(fresh, ignore_errors=True)
        self.place.own_folder(fresh)
        self.place.write_private(word, self.place.make_passwords()[SUPERUSER])
        self.place.give(word)
        options = ["--encoding=UTF8", "--lc-collate=C", f"--pwfile={word}", f"--username={SUPERUSER}"]
        options += ["--auth=scram-sha-256"] + ([] if self.durable else ["--no-sync"])
        done = self.programs.run("initdb", "-D", str(fresh), *options, account=self.place.account)
        word.unlink()
        if done.returncode:
            raise self._problem(f"initdb says: {done.stderr.strip()}")
        fresh.rename(self.place.home)

    def _settled(self) -> bool:
        """Wait out a start or stop that another process began and did not live to finish; whether it runs then."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (found := running(self.place)) and found.status != "ready":
            if time.monotonic() > until:
                raise self._problem(f"it has been '{found.status}' for a minute.")
            time.sleep(0.05)
        return found is not None

    def _launch(self) -> None:
        """Start the postmaster; waits while the processes of a killed one are still letting go of the data."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            (self.place.home / "postmaster.pid").unlink(missing_ok=True)
            options = self._configure()
            written = self.place.log_file.stat().st_size
            done = self._pg_ctl("-l", str(self.place.log_file), "-o", options, "-w", "-t", "60", "start")
            if done.returncode == 0:
                return
            said = self.place.log_file.read_bytes()[written:].decode(errors="replace")
            if time.monotonic() > until or not any(sign in said for sign in PASSING):
                raise self._problem(said.strip() or done.stderr.strip())
            time.sleep(0.2)

    def _configure(self) -> str:
        """Write the settings where only we may, beside PostgreSQL's directory, and name them for its command line."""
        place = self.place
        place.own_folder(place.socket_folder)
        place.log_file.touch(mode=0o600)
        place.give(place.log_file)
        rules, settings = place.root / "access.conf", place.root / "settings.conf"
        rules.write_text(access_rules())
        settings.write_text(configuration(place.home, rules, self._port(), place.socket_folder, durable=self.durable))
        for file in (rules, settings):
            file.chmod(0o644)
        return shlex.quote(f"--config_file={settings}")

    def _port(self) -> int:
        """The port of last time when it is free, so that addresses given out stay good; else any free one."""
        before = self.place.remembered_port()
        others = secrets.SystemRandom().sample(PORTS, len(PORTS))
        port = next(port for port in [*([before] if before else []), *others] if ports.is_free("127.0.0.1", port))
        self.place.remember_port(port)
        return port

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.programs.run("pg_ctl", "-D", str(self.place.home), *arguments, account=self.place.account)

    def _problem(self, reason: str) -> ClusterDown:
        return ClusterDown(reason=reason, log=self.place.log_file)


def process_for(place: Place, folder: Path | None, *, durable: bool) -> Process:
    """The process on a prepared place, by the version that its data asks for. Raises PostgresMissing."""
    version = place.home / "PG_VERSION"
    wanted = int(version.read_text()) if version.exists() else None
    return Process(place, postgres.find(wanted, folder), durable=durable)


def running(place: Place) -> Postmaster | None:
    """The postmaster on the place, or None; a stale file, or a number that another program got, is none."""
    found = read_postmaster(place.home)
    return found if found and found.alive(place.home) else None
