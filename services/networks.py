"""The network in use: one file, mapped read-only by every server, swapped for a newer one without a pause."""

import asyncio
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from gis.profiles import WALK
from gis.streetnetwork import CurrentNetwork, NoNetwork, StreetNetwork
from services import endings, lengths
from services.database import Database
from services.models import Network

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 2.0


class NetworkInUse:
    """The network that this process uses; readers keep the one they took, even while a newer one comes in."""

    def __init__(self) -> None:
        """Nothing is loaded yet; files are kept in a folder of the system's until `use_folder` names another."""
        self._held = CurrentNetwork()
        self._folder = Path(tempfile.gettempdir()) / f"linli-networks-{os.getuid()}"
        self._turn = threading.Lock()

    def use_folder(self, folder: Path) -> None:
        """Keep network files in `folder`."""
        self._folder = folder

    def get(self) -> StreetNetwork:
        """The network now; `gis.streetnetwork.NoNetwork` when none has been imported."""
        return self._held.get()

    @property
    def held(self) -> StreetNetwork | None:
        """The network now, None before the first."""
        try:
            return self._held.get()
        except NoNetwork:
            return None

    @property
    def version(self) -> str | None:
        """The version in use, None before the first."""
        return self.held.version if self.held else None

    def take(self, network: StreetNetwork) -> None:
        """Use `network` from now on."""
        self._held.swap(network)

    def forget(self) -> None:
        """Use no network, as before the first import."""
        self._held = CurrentNetwork()

    def open(self, version: str, content: bytes | None) -> StreetNetwork:
        """The network file of `version`, written from `content` when this machine does not have it yet."""
        path = self._folder / f"{version}.network"
        with self._turn:
            if content is not None and not path.exists():
                _write(path, content)
            network = StreetNetwork.open(path)
        lengths.laid_out(network.modes[WALK.graph])  # now, and not when somebody presses
        return network

    def has(self, version: str) -> bool:
        """Whether this machine has the file of `version`."""
        return (self._folder / f"{version}.network").exists()

    async def refresh(self, session: AsyncSession) -> bool:
        """Look which network is current and change to it; True when this process now uses another one."""
        version = await session.scalar(sa.select(Network.version).where(Network.current))
        if version is None or version == self.version:
            return False
        wanted = sa.select(Network.content).where(Network.version == version)
        content = None if self.has(version) else await session.scalar(wanted)
        self.take(await asyncio.to_thread(self.open, version, content))
        log.info("network in use", version=version)
        return True


CURRENT = NetworkInUse()


def current() -> StreetNetwork:
    """The network in use by this process; NoNetwork before the first import."""
    return CURRENT.get()


async def follow(database: Database) -> None:
    """Keep this process on the current network until cancelled; a database that is away is asked again."""
    while True:
        try:
            async with database.read() as session:
                await CURRENT.refresh(session)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            log.warning("network not looked up", error=type(error).__name__)
        endings.raise_if_asked_to_end()
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
