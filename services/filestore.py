"""Where files are kept: a folder or any S3-compatible store, by one setting. Bytes come here sealed already."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from services.errors import Refusal
from services.settings import Settings

LISTED_AT_ONCE = 1_000
RETRY: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


class FileStoreUnavailable(Refusal):
    """The store of files does not answer. Nothing was kept; try again in a while."""


class FileGone(Refusal):
    """The file {subject} is not in the store any more. Tell whoever runs the platform."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store: its key, and when it was put there by the store's clock."""

    key: str
    at: datetime


class FileStore:
    """Bytes by key. Keys are ours: no part of one comes from a client."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        """Around a store of obstore's."""
        self._store = store

    @classmethod
    def of(cls, settings: Settings) -> "FileStore":
        """The store that the settings name: `LINLI_FILES`, else `files` in the data folder."""
        place = settings.files or str(settings.data / "files")
        if place.startswith("s3://"):
            options: Any = {"client_options": _client(settings), "retry_config": RETRY}
            return cls(S3Store.from_url(place, config=_config(settings), **options))
        return cls.in_folder(Path(place))

    @classmethod
    def in_folder(cls, folder: Path) -> "FileStore":
        """Files in a folder, made if it is not there."""
        return cls(LocalStore(folder.absolute(), mkdir=True))

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`. Raises FileStoreUnavailable, and then nothing is kept."""
        try:
            await obstore.put_async(self._store, key, content)
        except (BaseError, OSError) as problem:
            raise FileStoreUnavailable from problem

    async def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises FileGone, FileStoreUnavailable."""
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise FileGone(key) from None
        except (BaseError, OSError) as problem:
            raise FileStoreUnavailable from problem

    async def listed(self) -> AsyncIterator[list[Kept]]:
        """All that is kept, some at a time, in no order. Raises FileStoreUnavailable."""
        try:
            async for some in obstore.list(self._store, chunk_size=LISTED_AT_ONCE):
                yield [Kept(each["path"], each["last_modified"]) for each in some]
        except (BaseError, OSError) as problem:
            raise FileStoreUnavailable from problem

    async def delete(self, key: str) -> None:
        """Take the bytes away; nothing happens when they are not there."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as problem:
            raise FileStoreUnavailable from problem


def _config(settings: Settings) -> Any:
    config = {"region": settings.files_region, "endpoint": settings.files_endpoint}
    for name, secret in (("access_key_id", settings.files_key_id), ("secret_access_key", settings.files_secret)):
        config[name] = secret.get_secret_value() if secret else None
    return {name: value for name, value in config.items() if value is not None}


def _client(settings: Settings) -> Any:
    plain = (settings.files_endpoint or "").startswith("http://")
    return {"timeout": "20s", "connect_timeout": "5s", **({"allow_http": True} if plain else {})}
