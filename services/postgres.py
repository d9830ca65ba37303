"""The machine's own PostgreSQL: where its programs are, and as whom they run."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.errors import Refusal

FALLBACK_ACCOUNTS = ("postgres", "linli")
NEEDED = ("postgres", "initdb", "pg_ctl", "pg_config")
USUAL_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr")


class PostgresMissing(Refusal):
    """No PostgreSQL with PostGIS was found{wanted}. Install it ({packages}), or set DATABASE_URL."""


@dataclass(frozen=True)
class Account:
    """The user of the machine that PostgreSQL runs as; it refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Programs:
    """One installed PostgreSQL: the folder of its programs and its major version."""

    folder: Path
    major: int

    def run(
        self, name: str, *arguments: str, account: Account | None = None, timeout_seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end, as `account` when given, with nothing of our environment that would steer it."""
        return run([str(self.folder / name), *arguments], account, timeout_seconds)


def run(command: list[str], account: Account | None, timeout_seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `command` away from this folder and terminal; never raises for its exit code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LINLI_"))}
    return subprocess.run(
        command,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        env={**kept, "LANG": "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )


def find(major: int | None = None, folder: Path | None = None) -> Programs:
    """The newest PostgreSQL that has PostGIS; exactly `major` when a data directory asks for it.

    Raises `PostgresMissing` with the packages to install.
    """
    found = [programs for programs in _installed(folder) if major in (None, programs.major)]
    if not found:
        wanted = f" for version {major}, which the data directory needs" if major else ""
        raise PostgresMissing(wanted=wanted, packages=packages(major))
    return max(found, key=lambda programs: programs.major)


def packages(major: int | None = None) -> str:
    """What to install, by the names of this machine's package manager."""
    if sys.platform == "darwin":
        return "brew install postgresql postgis"
    version = major or 15
    return f"apt-get install postgresql-{version} postgresql-{version}-postgis-3"


def account_for(folder: Path) -> Account | None:
    """The account that PostgreSQL is to run as: the folder's owner, or, for root, a user without rights."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _without_rights()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _without_rights() -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in FALLBACK_ACCOUNTS:
        if name in known:
            return known[name]
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "linli"], check=True)
    return pwd.getpwnam("linli")


def _installed(folder: Path | None) -> Iterator[Programs]:
    for candidate in [folder] if folder else _candidates():
        major = _major(candidate)
        if major and _has_postgis(candidate):
            yield Programs(candidate, major)


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for place in USUAL_PLACES:
        yield from sorted(path.parent for path in Path(place).glob("*/bin/postgres"))


def _major(folder: Path) -> int | None:
    if not all(os.access(folder / name, os.X_OK) for name in NEEDED):
        return None
    told = re.search(r"(\d+)(\.\d+|devel|beta|rc)", run([str(folder / "postgres"), "--version"], None).stdout)
    return int(told.group(1)) if told else None


def _has_postgis(folder: Path) -> bool:
    shared = run([str(folder / "pg_config"), "--sharedir"], None).stdout.strip()
    return bool(shared) and (Path(shared) / "extension" / "postgis.control").exists()
