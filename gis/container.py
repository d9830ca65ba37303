"""One file of named arrays that every process maps: a header, then the arrays, each on a 64 byte boundary."""

import hashlib
import json
import mmap
import os
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import GisError

MAGIC = b"LINLINET"
FORMAT = 1
ALIGNMENT = 64
_PREFIX = struct.Struct("<8sIIQ")  # magic, format, length of the header, length of the file


class NetworkFileMissing(GisError):
    """There is no network file at that path."""

    code = "NETWORK_FILE_MISSING"


class NetworkFileForeign(GisError):
    """The file is no network file."""

    code = "NETWORK_FILE_FOREIGN"


class NetworkFileTruncated(GisError):
    """The network file ends too early or was changed."""

    code = "NETWORK_FILE_TRUNCATED"


class NetworkFileOutdated(GisError):
    """The network file has another format than this release reads."""

    code = "NETWORK_FILE_OUTDATED"


def content_hash(arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> str:
    """Give twelve hexadecimal digits of SHA-256 over names, types and bytes of the arrays and over the facts."""
    digest = hashlib.sha256(json.dumps([FORMAT, facts], sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()[:12]


def to_bytes(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Put header (JSON) and arrays into the bytes of a file."""
    layout: dict[str, dict[str, Any]] = {}
    offset = 0
    for name, array in arrays.items():
        layout[name] = {"type": array.dtype.str, "shape": array.shape, "offset": offset}
        offset += _rounded(array.nbytes)
    head = json.dumps({"header": header, "arrays": layout}, ensure_ascii=False).encode()
    body = _rounded(_PREFIX.size + len(head))
    out = bytearray(body + offset)
    out[: _PREFIX.size] = _PREFIX.pack(MAGIC, FORMAT, len(head), len(out))
    out[_PREFIX.size : _PREFIX.size + len(head)] = head
    for name, array in arrays.items():
        at = body + layout[name]["offset"]
        out[at : at + array.nbytes] = np.ascontiguousarray(array).tobytes()
    return bytes(out)


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the path, then rename over it: a reader finds the old file or the new one, never half of one."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def open_mapped(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Map a file read-only; give its header and its arrays. They keep the map alive, even when the file is replaced.

    Raises NetworkFileMissing, NetworkFileForeign, NetworkFileTruncated, NetworkFileOutdated.
    """
    if not path.is_file():
        raise NetworkFileMissing(f"There is no network file {path}; import streets first.")
    with path.open("rb") as file:
        if path.stat().st_size < _PREFIX.size:
            raise NetworkFileTruncated(f"{path.name} ends too early; build the network again.")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return _read(memoryview(mapped), path.name)


def _read(content: memoryview, name: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    magic, written_format, head_length, length = _PREFIX.unpack_from(content)
    if magic != MAGIC:
        raise NetworkFileForeign(f"{name} is no network file; give the file that the import of streets wrote.")
    if written_format != FORMAT:
        raise NetworkFileOutdated(f"{name} has format {written_format}, this release reads {FORMAT}; build it again.")
    if length != len(content):
        raise NetworkFileTruncated(f"{name} has {len(content)} of {length} bytes; build the network again.")
    head = json.loads(bytes(content[_PREFIX.size : _PREFIX.size + head_length]))
    body = content[_rounded(_PREFIX.size + head_length) :]
    return head["header"], {key: _array(body, entry) for key, entry in head["arrays"].items()}


def _array(body: memoryview, entry: Mapping[str, Any]) -> NDArray[Any]:
    shape = tuple(entry["shape"])
    size = int(np.prod(shape))
    return np.frombuffer(body, np.dtype(entry["type"]), size, entry["offset"]).reshape(shape)


def _rounded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
