"""Kept machine code belongs to the sources that it was made from."""

from pathlib import Path

from gis import compiled, graph


def test_kept_code_is_named_after_the_sources() -> None:
    """Another release has other sources, so it neither runs nor opens the code that this one left behind."""
    dispatcher = compiled.compiled(compiled_here)
    file = dispatcher._cache._cache_file  # type: ignore[attr-defined]
    assert compiled._SOURCES[:12] in file._index_name
    assert Path(file._index_path).name == file._index_name
    assert file._data_name_pattern.format(number=1).endswith(f"{compiled._SOURCES[:12]}.1.nbc")
    assert dispatcher(20) == 21
    assert Path(file._index_path).exists()


def test_all_modules_with_compiled_code_count() -> None:
    """A change in any of them changes the name: the graph's module is one."""
    assert b"gis.compiled" in Path(graph.__file__).read_bytes()


def compiled_here(number: int) -> int:
    """One more."""
    return number + 1
