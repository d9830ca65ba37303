"""Sealing while importing: a value already stored keeps its sealed form, so that the same file changes nothing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.imports.jobs import Job
from services.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed columns of one stored record, in the order in which they were asked for."""

    id: uuid.UUID
    data_key: bytes | None
    values: tuple[bytes | None, ...]


def stored_sealed(
    job: Job, table: str, key: str, keys: Sequence[object], columns: Sequence[str]
) -> dict[object, Sealed]:
    """What is stored for the records whose `key` is one of `keys`."""
    names = ", ".join(columns)
    rows = job.rows(f"SELECT {key}, id, data_key, {names} FROM {table} WHERE {key} = ANY(%s)", (list(keys),))
    return {row[0]: Sealed(row[1], row[2], tuple(row[3:])) for row in rows}


def resealed(
    keyring: Keyring, fields: Mapping[str, str | None], before: Sealed | None
) -> tuple[bytes, list[bytes | None]]:
    """The data key and the sealed forms of `fields` (place -> text), those of `before` where the text is the same."""
    old_key = before.data_key if before is not None else None
    data_key = old_key or keyring.new_data_key()
    old = before.values if before is not None and old_key is not None else (None,) * len(fields)
    sealed = []
    for (place, text), stored in zip(fields.items(), old, strict=True):
        same = stored is not None and keyring.open(data_key, place, stored) == text
        sealed.append(stored if same else keyring.seal(data_key, place, text))
    return data_key, sealed
