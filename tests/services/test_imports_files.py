"""Files as they come: encodings, delimiters, workbooks; and what is refused before a row is read."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.imports import problems
from services.imports.columns import Column, layout
from services.imports.csv_files import look_through
from services.imports.files import Limits
from services.imports.table_files import open_table
from services.imports.values import text, whole

ROWS = [(1, ["户号", "地址"]), (2, ["H1", "桂花路1号"])]


def saved(folder: Path, name: str, content: bytes) -> Path:
    """A file."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_recognised(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """The same two rows, however they were saved."""
    content = f"户号{delimiter}地址\r\nH1{delimiter}桂花路1号\r\n".encode(encoding)
    assert list(open_table(saved(tmp_path, "homes.csv", content)).rows()) == ROWS


def test_gb18030_beyond_the_first_block(tmp_path: Path) -> None:
    """The whole file decides, not its head: the first 2 MiB here are plain ASCII."""
    content = b"code,address\n" + b"H1,x\n" * 500_000 + "H2,桂花路\n".encode("gb18030")
    assert look_through(saved(tmp_path, "homes.csv", content)).encoding == "gb18030"


def test_quoted_cells_keep_delimiters_and_lines(tmp_path: Path) -> None:
    """Rows are counted as a spreadsheet shows them; blank ones count but are passed over."""
    content = b'code,address\n"H,1","Willow\nLane"\n\nH2,x\n'
    rows = list(open_table(saved(tmp_path, "homes.csv", content)).rows())
    assert rows == [(1, ["code", "address"]), (2, ["H,1", "Willow\nLane"]), (4, ["H2", "x"])]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """An XLSX file of these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_read_row_by_row(tmp_path: Path) -> None:
    """Blank cells at the end are filled up, numbers stay numbers."""
    path = saved(tmp_path, "homes.xlsx", workbook(("户号", "地址"), ("H1", None), (None, None), (7, "桂花路1号")))
    assert list(open_table(path).rows()) == [(1, ["户号", "地址"]), (2, ["H1", None]), (4, [7, "桂花路1号"])]


def bomb(declared: str = "") -> bytes:
    """A workbook whose one sheet unpacks to 300 MB of spaces."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", declared or "<workbook/>")
        if not declared:
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
                for _ in range(300):
                    sheet.write(b" " * 1024**2)
    return stream.getvalue()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><workbook>&b;</workbook>'


@pytest.mark.parametrize(
    ("name", "content", "refusal", "sentence"),
    [
        ("homes.csv", b"", problems.FileEmpty, "template"),
        ("homes.csv", workbook(("code",)), problems.FileIsAnother, r"Rename it to end in \.xlsx"),
        ("homes.xlsx", b"code,address\n", problems.FileIsAnother, r"Rename it to end in \.csv"),
        ("homes.xls", b"\xd0\xcf\x11\xe0" + bytes(600), problems.FileIsAnother, r"old Excel workbook .* Save it as"),
        ("homes.csv", b"%PDF-1.7 ...", problems.FileIsAnother, "a PDF document"),
        ("homes.csv", b"PK\x03\x04 no archive", problems.FileIsAnother, "a ZIP archive"),
        ("homes.csv", b"code,address\nH1,\x00\n", problems.NulBytes, "line 2"),
        ("homes.csv", b"code,address\nH1,\xff\xff\xff\n", problems.EncodingUnknown, r"byte 16.*Save it as CSV UTF-8"),
        ("homes.xlsx", bomb(), problems.FileIsABomb, "would unpack to 31[0-9]+ bytes"),
        ("homes.xlsx", bomb(ENTITIES), problems.FileIsABomb, "Save it again as CSV"),
        ("homes.xlsx", bomb("<workbook/>"), problems.FileBroken, "damaged|no sheet"),
    ],
)
def test_what_is_refused_before_a_row_is_read(
    tmp_path: Path, name: str, content: bytes, refusal: type[problems.FileNotFit], sentence: str
) -> None:
    """Each with a sentence that says what to do."""
    with pytest.raises(refusal, match=sentence):
        open_table(saved(tmp_path, name, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Its name is said."""
    with pytest.raises(problems.FileMissing, match=r"no file homes\.csv"):
        open_table(tmp_path / "homes.csv")


def test_sizes_have_limits(tmp_path: Path) -> None:
    """Of the file, and of a line: a file without line breaks never fills the memory."""
    path = saved(tmp_path, "homes.csv", b"code,address\n" + b"x" * 5000)
    with pytest.raises(problems.FileTooLarge, match="larger than 100 bytes"):
        open_table(path, Limits(most_bytes=100))
    with pytest.raises(problems.FileBroken, match="line 2 is longer than 4096 bytes"):
        open_table(path, Limits(most_line_bytes=4096))


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    """The row from which it is open is named."""
    path = saved(tmp_path, "homes.csv", b'code,address\nH1,x\nH2,"Willow\nH3,x\n')
    with pytest.raises(problems.FileBroken, match="quotation marks near row 3"):
        list(open_table(path).rows())


COLUMNS = (
    Column("code", "户号", text(), "H1", required=True),
    Column("address", "地址", text(), "x", required=True, also=("住址",)),
    Column("floor", "楼层", whole(-9, 200), "5"),
)


@pytest.mark.parametrize(
    "headings",
    [
        ["code", "address", "floor"],
        ["户号", "地址", "楼层"],
        ["户 号", "Address", "楼层（层）"],
        ["\ufeffＣＯＤＥ", " 住址*", "FLOOR"],
    ],
)
def test_headings_in_both_languages(headings: list[Any]) -> None:
    """Mixed, with spaces, full-width forms, stars and notes in brackets."""
    found = layout(headings, COLUMNS, "homes.csv", "households")
    assert found.read(2, ["H1", "Willow Lane", "3"]) == ({"code": "H1", "address": "Willow Lane", "floor": 3}, [])


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        (["code"], r"missing: address \(地址\)\. Add them"),
        (["code", "address", "flor"], r"the column 'flor' is not known\. Did you mean floor\?"),
        (["code", "户号", "address"], "the column code is there twice"),
    ],
)
def test_headings_that_do_not_fit(headings: list[Any], sentence: str) -> None:
    """Missing, unknown, twice: the command that shows them all is named."""
    with pytest.raises(problems.HeadingsWrong, match=sentence + r".*\./dev template households"):
        layout(headings, COLUMNS, "homes.csv", "households")


def test_a_column_may_be_passed_over() -> None:
    """With --ignore."""
    found = layout(["code", "address", "序号"], COLUMNS, "homes.csv", "households", ignored=("序号",))
    assert found.present == {"code", "address"}


def test_rows_that_do_not_fit() -> None:
    """A wrong number of fields, a blank where something must be; every fault of a row is told."""
    found = layout(["code", "address", "floor"], COLUMNS, "homes.csv", "households")
    assert [(p.row, p.column, p.code) for p in found.read(9, ["H1", "x"])[1]] == [(9, "", "FIELD_COUNT")]
    faults = found.read(9, [" ", "x", "high"])[1]
    assert [(p.column, p.code) for p in faults] == [("code", "VALUE_MISSING"), ("floor", "NUMBER_FORM")]
