"""Compiled functions: machine code by numba, kept on disk, run without holding other threads up."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def _sources() -> str:
    """A digest of all compiled modules: numba looks only at the file of the function itself, not at those it calls."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text = path.read_bytes()
        if b"gis.compiled" in text:
            digest.update(text)
    return digest.hexdigest()


_SOURCES = _sources()


def compiled(function: Function) -> Function:
    """Compile on first use; kept code is used again only while no compiled module of this package has changed."""
    result: Function = _kept(njit(cache=True, nogil=True)(function))
    return result


def inlined(function: Function) -> Function:
    """Compile into the callers: for what runs once a junction, where passing arrays costs more than the work."""
    result: Function = _kept(njit(cache=True, nogil=True, inline="always")(function))
    return result


def _kept(dispatcher: Any) -> Any:
    """Keep the code under a name of these sources: an older release's is never opened, not even to be thrown away."""
    if hasattr(dispatcher, "_cache"):  # it is a plain function where compiling is switched off
        file = dispatcher._cache._cache_file
        base = f"{file._index_name.removesuffix('.nbi')}.{_SOURCES[:12]}"
        file._index_name, file._data_name_pattern = f"{base}.nbi", f"{base}.{{number:d}}.nbc"
        file._index_path = str(Path(file._cache_path) / file._index_name)
    return dispatcher
