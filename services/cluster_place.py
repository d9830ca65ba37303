"""The files of the private cluster: where they are, whose they are, who may read them."""

import json
import os
import secrets
from pathlib import Path

from services import postgres
from services.cluster_files import ROLES
from services.errors import Refusal

LONGEST_SOCKET_FOLDER = 80  # a socket's path ends at 107 bytes (103 on macOS), the file name included
BEYOND_OUR_FOLDER = Path("/var/lib/linli")


class ClusterNotYours(Refusal):
    """The data in {subject} belongs to another user of this machine. Run as that user, or give another --data."""


class Place:
    """The folder `data`, and in it, or elsewhere when PostgreSQL's user cannot reach it, PostgreSQL's own files.

    PostgreSQL's user owns its directory, its socket and its log, and nothing else: what root writes or gives away
    lies in folders of root's.
    """

    def __init__(self, data: Path) -> None:
        """Nothing is made yet."""
        self.data = data.resolve()
        self.account: postgres.Account | None = None

    def prepare(self) -> None:
        """Make the folder ours, and find out as whom PostgreSQL runs on it. Raises ClusterNotYours."""
        self.data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() not in (0, self.data.stat().st_uid):
            raise ClusterNotYours(str(self.data))
        self.account = postgres.account_for(self.home)
        self.data.chmod(0o711 if self.account else 0o700)
        if self.account and not self.home.exists() and not _reaches(self.account, self.data):
            self._move_out()

    @property
    def root(self) -> Path:
        """The folder around PostgreSQL's own files."""
        pointer = self.data / "postgres-is-at"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.data

    @property
    def home(self) -> Path:
        """PostgreSQL's data directory."""
        return self.root / "postgres"

    @property
    def log_file(self) -> Path:
        """PostgreSQL's log."""
        return self.root / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket, for PostgreSQL's user (and root) alone."""
        near = self.root / "socket"
        if len(str(near)) <= LONGEST_SOCKET_FOLDER and "," not in str(near):
            return near
        found = self.root.stat()
        return Path("/tmp") / f"linli-{found.st_dev:x}-{found.st_ino:x}"

    def passwords(self) -> dict[str, str]:
        """The roles' passwords. Raises ClusterNotYours."""
        try:
            told: dict[str, str] = json.loads((self.data / "passwords.json").read_text())
        except PermissionError as denied:
            raise ClusterNotYours(str(self.data)) from denied
        return told

    def make_passwords(self) -> dict[str, str]:
        """New passwords for all roles, written for us alone."""
        made = {role: secrets.token_hex(24) for role in ROLES}
        self.write_private(self.data / "passwords.json", json.dumps(made))
        return made

    def write_private(self, path: Path, text: str) -> None:
        """A new file that its owner alone reads."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)

    def own_folder(self, folder: Path) -> None:
        """A folder of PostgreSQL's user's. Raises ClusterNotYours when somebody else has put one there."""
        folder.mkdir(mode=0o700, exist_ok=True)
        ours = (os.geteuid(), self.account.uid if self.account else os.geteuid())
        if folder.is_symlink() or folder.lstat().st_uid not in ours:
            raise ClusterNotYours(str(folder))
        folder.chmod(0o700)
        self.give(folder)

    def give(self, path: Path) -> None:
        """Make PostgreSQL's user the owner."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)

    def remembered_port(self) -> int | None:
        """The port of last time."""
        file = self.data / "port"
        return int(file.read_text()) if file.exists() else None

    def remember_port(self, port: int) -> None:
        """Note the port for the next time, so that addresses given out stay good."""
        (self.data / "port").write_text(str(port))

    def _move_out(self) -> None:
        root = BEYOND_OUR_FOLDER / f"{self.data.parent.name}-{secrets.token_hex(4)}"
        root.mkdir(parents=True)
        for folder in (BEYOND_OUR_FOLDER, root):
            folder.chmod(0o711)
        (self.data / "postgres-is-at").write_text(f"{root}\n")


def _reaches(account: postgres.Account, folder: Path) -> bool:
    return postgres.run(["test", "-x", str(folder)], account).returncode == 0
