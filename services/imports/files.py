"""Is the file what its name says, and not too large: looked at before anything reads it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from services.imports.problems import FileEmpty, FileIsABomb, FileIsAnother, FileMissing, FileTooLarge

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, and its longest row; a workbook also by what it would unpack to."""

    most_bytes: int = 4 * 1024**3
    most_line_bytes: int = 1024**2
    most_unpacked_bytes: int = 1024**3
    most_unpacked_ratio: int = 200


DEFAULT_LIMITS = Limits()
# A small member may pack well for good reason; only what unpacks to more than this can do harm.
HARMLESS_BYTES = 10 * 1024**2

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite or GeoPackage database"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def checked_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> Path:
    """The path of a file that is there, holds something and is not too large; FileMissing, FileEmpty, FileTooLarge."""
    if not path.is_file():
        raise FileMissing(path.name)
    size = path.stat().st_size
    if size == 0:
        raise FileEmpty(path.name)
    if size > limits.most_bytes:
        raise FileTooLarge(path.name, most=limits.most_bytes)
    return path


def is_workbook(path: Path) -> bool:
    """True for XLSX, False for text, by content; FileIsAnother when the name says otherwise or it is neither."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = next((what for mark, what in _MARKS if head.startswith(mark)), None)
    named_workbook = path.suffix.lower() in (".xlsx", ".xlsm")
    if found == "a ZIP archive" and _holds_workbook(path):
        if not named_workbook:
            raise FileIsAnother(path.name, found="an Excel workbook", remedy="Rename it to end in .xlsx.")
        return True
    if found is not None:
        raise FileIsAnother(path.name, found=found, remedy="Save it as CSV UTF-8 or as .xlsx.")
    if named_workbook or path.suffix.lower() == ".xls":
        raise FileIsAnother(path.name, found="plain text", remedy="Rename it to end in .csv.")
    return False


def refuse_bomb(path: Path, limits: Limits = DEFAULT_LIMITS) -> None:
    """FileIsABomb when a workbook would unpack to more than is taken; asked before anything unpacks it.

    The sizes that the archive declares bind: zipfile stops reading a member at its declared size.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    size = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    ratio = size // packed
    if size > limits.most_unpacked_bytes or (size > HARMLESS_BYTES and ratio > limits.most_unpacked_ratio):
        raise FileIsABomb(path.name, size=size, ratio=ratio)


def _holds_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
