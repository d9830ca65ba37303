"""What the private cluster writes to and reads from PostgreSQL's own files."""

import os
from dataclasses import dataclass
from pathlib import Path

from services import postgres

SUPERUSER = "linli_root"
OWNER = "linli_owner"
APP = "linli_app"
ROLES = (SUPERUSER, OWNER, APP)


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says of the main process: its number, port, socket folder and status."""

    pid: int
    port: int
    socket_folder: str
    status: str

    def alive(self, home: Path) -> bool:
        """Whether that process is PostgreSQL on `home`, and not another program that got the number, nor a dead one."""
        told = _command_line(self.pid)
        return "postgres" in told and str(home) in told


def read_postmaster(home: Path) -> Postmaster | None:
    """The pid file of `home`; None when it is missing or was cut off while being written."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
        status = lines[7].strip() if len(lines) > 7 else "starting"
        return Postmaster(int(lines[0]), int(lines[3]), lines[4], status)
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _command_line(pid: int) -> str:
    """How the process was started; empty for one that is gone or dead but not yet collected."""
    if not Path("/proc/self").exists():
        return postgres.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], None).stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def configuration(home: Path, rules: Path, port: int, socket_folder: Path, *, durable: bool) -> str:
    """The settings file: loopback only, nothing acknowledged is lost, no personal data in the log.

    PostgreSQL's own file comes first, for what initdb found out about the machine; ours wins.
    """
    values = {
        "hba_file": rules,
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": f'"{socket_folder}"',
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "synchronous_commit": "on",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "max_connections": 200,
        "shared_buffers": f"{_memory_megabytes() // 16}MB" if durable else "128MB",
        "effective_cache_size": f"{_memory_megabytes() // 2}MB",
        "max_wal_size": "4GB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_statement": "none",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": 0,
    }
    lines = [f"include '{_quoted(home / 'postgresql.conf')}'"]
    return "\n".join(lines + [f"{name} = '{_quoted(value)}'" for name, value in values.items()]) + "\n"


def _quoted(value: object) -> str:
    return str(value).replace("'", "''")


def access_rules() -> str:
    """Everyone needs a password, whoever they are on this machine."""
    return "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


def _memory_megabytes() -> int:
    return min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20, 65536)
