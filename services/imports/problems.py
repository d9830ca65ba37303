"""What is wrong with a row, and what makes a whole file unusable: each says what to do, and never quotes a person."""

from dataclasses import asdict, dataclass
from typing import Any

from services.errors import Invalid

MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one row, counted as a spreadsheet does, the headings being row 1; in a layer features are counted.

    `area` is the offending area as GeoJSON where there is one.
    """

    row: int
    column: str
    code: str
    reason: str
    area: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it is kept with the run."""
        kept = asdict(self)
        return kept if self.area is not None else {name: value for name, value in kept.items() if name != "area"}


class BadValue(ValueError):
    """A cell cannot be read; `str()` is the sentence that says what to write instead."""

    def __init__(self, code: str, reason: str) -> None:
        """Keep the code apart from the sentence."""
        super().__init__(reason)
        self.code = code


class FileNotFit(Invalid):
    """{reason}"""


class FileEmpty(FileNotFit):
    """The file {subject} is empty. Write at least the headings and one row; `./dev template` makes a start."""


class FileMissing(FileNotFit):
    """There is no file {subject}. Check the path."""


class FileTooLarge(FileNotFit):
    """The file {subject} is larger than {most} bytes. Split it, or raise LINLI_IMPORT_MOST_BYTES."""


class FileIsAnother(FileNotFit):
    """The file {subject} is not what its name says: it holds {found}. {remedy}"""


class FileIsABomb(FileNotFit):
    """{subject} would unpack to {size} bytes ({ratio} times its size). Save it again as CSV, a layer without a ZIP."""


class FileBroken(FileNotFit):
    """The file {subject} cannot be read: {reason}"""


class EncodingUnknown(FileNotFit):
    """The file {subject} is neither UTF-8 nor GB18030 (at byte {byte}). Save it as CSV UTF-8."""


class NulBytes(FileNotFit):
    """The file {subject} holds NUL bytes, the first in line {line}. It is damaged or no text: export it again."""


class HeadingsWrong(FileNotFit):
    """The headings of {subject} do not fit: {reason} `./dev template {kind}` shows them all."""


class LayerUnfit(FileNotFit):
    """The layer of {subject} cannot be used: {reason}"""


class ProjectionUnknown(FileNotFit):
    """The projection of {subject} is unknown. Say it with --crs, for example --crs EPSG:4545, WGS84 or GCJ02."""


class NoGrids(FileNotFit):
    """There are no grids yet, so no place can be given one. Import the areas first."""
