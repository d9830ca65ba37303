"""Delimited text: which encoding, which delimiter, how many lines; then rows one after another, never all at once."""

import codecs
import csv
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.imports.files import DEFAULT_LIMITS, Limits
from services.imports.problems import EncodingUnknown, FileBroken, NulBytes
from services.imports.values import Cell

BLOCK_BYTES = 1024**2
SNIFFED_CHARACTERS = 64 * 1024
DELIMITERS = (",", ";", "\t")
FULL_WIDTH_DELIMITERS = ("，", "；")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class TextFile:
    """A delimited text file, looked through once."""

    path: Path
    encoding: str
    delimiter: str
    lines: int

    def rows(self) -> Generator[tuple[int, list[Cell]]]:
        """Row number (the headings are row 1) and cells; blank rows are passed over. FileBroken on a stray quote."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            number = 0
            try:
                for number, cells in enumerate(reader, 1):
                    if any(cells):
                        yield number, list[Cell](cells)
            except csv.Error as error:
                reason = f"the quotation marks near row {number + 1} do not match ({error}). Close or double them."
                raise FileBroken(self.path.name, reason=reason) from None


def look_through(path: Path, limits: Limits = DEFAULT_LIMITS) -> TextFile:
    """Recognise encoding and delimiter. EncodingUnknown, NulBytes, FileBroken (a line that is too long)."""
    with path.open("rb") as file:
        head = file.read(4)
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    lines = _checked_lines(path, limits, wide=encoding == "utf-16")
    encoding = encoding or text_encoding(path)
    with path.open(encoding=encoding, newline="") as text:
        delimiter = _delimiter(text.read(SNIFFED_CHARACTERS))
    return TextFile(path, encoding, delimiter, lines)


def _checked_lines(path: Path, limits: Limits, wide: bool) -> int:
    lines, length = 0, 0
    for block in _blocks(path):
        if not wide and b"\x00" in block:
            raise NulBytes(path.name, line=lines + block[: block.index(b"\x00")].count(b"\n") + 1)
        lines += block.count(b"\n")
        length = len(block) - 1 - block.rfind(b"\n") if b"\n" in block else length + len(block)
        if length > limits.most_line_bytes:
            reason = (
                f"line {lines + 1} is longer than {limits.most_line_bytes} bytes. Is it a CSV file with line breaks?"
            )
            raise FileBroken(path.name, reason=reason)
    return lines + (length > 0)


def text_encoding(path: Path, start: int = 0) -> str:
    """UTF-8 when the whole file is, from byte `start` on; else GB18030, the superset of what Chinese Excel writes."""
    fault = _first_fault(path, "utf-8", start)
    if fault is None:
        return "utf-8"
    if _first_fault(path, "gb18030", start) is None:
        return "gb18030"
    raise EncodingUnknown(path.name, byte=fault)


def _first_fault(path: Path, encoding: str, start: int) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = start
    try:
        for block in _blocks(path, start):
            decoder.decode(block)
            done += len(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return done + error.start
    return None


def _blocks(path: Path, start: int = 0) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(BLOCK_BYTES):
            yield block


def _delimiter(text: str) -> str:
    """The delimiter that parts the headings into most fields; quoted ones do not count."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    offered = DELIMITERS + tuple(mark for mark in FULL_WIDTH_DELIMITERS if not any(d in first for d in DELIMITERS))
    return max(offered, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
