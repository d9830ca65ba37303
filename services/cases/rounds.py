"""What each process does for casework beside its requests: terms that fall due, provisional ones, orphan files."""

import asyncio

from services import orphans
from services.background import again
from services.cases import falling_due
from services.database import Database
from services.filestore import FileStore
from services.sealing import Keyring

LOOK_SECONDS = 1.0
RECOMPUTE_SECONDS = 3_600.0
TIDY_SECONDS = 86_400.0


class Rounds:
    """Endless rounds for `Background`; any process may make them, what one does the others do not do again."""

    def __init__(self, database: Database, keyring: Keyring, store: FileStore) -> None:
        """`database` speaks for casework; nothing runs yet."""
        self._database, self._keyring, self._store = database, keyring, store

    async def run(self) -> None:
        """Until cancelled."""
        rounds = ((self._look, LOOK_SECONDS), (self._recompute, RECOMPUTE_SECONDS), (self._tidy, TIDY_SECONDS))
        await asyncio.gather(*(again(*each) for each in rounds))

    async def _look(self) -> None:
        while await falling_due.sweep(self._database, self._keyring):
            pass

    async def _recompute(self) -> None:
        """A year's days may have been published with a new release, or by the jurisdiction itself."""
        await falling_due.recompute_all(self._database, self._keyring)

    async def _tidy(self) -> None:
        await orphans.sweep(self._database, self._store)
