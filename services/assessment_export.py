"""An assessment to take along: a table (CSV), a workbook (XLSX), one page to print with charts."""

import csv
import enum
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from openpyxl import Workbook
from openpyxl.styles import Font

from services import spreadsheet_text
from services.assessment import Assessment, Compared, Figures, Row, compared
from services.cases.kinds import kind_of

HEADINGS = {
    "code": "编号",
    "name": "名称",
    "kind": "事项",
    "opened": "提出",
    "accepted": "受理",
    "accepted_in_time": "按时受理",
    "closed": "办结",
    "closed_in_time": "按时办结",
    "late": "超期",
    "returned": "退回",
    "shuffled": "推诿",
    "paused": "暂停",
    "reopened": "重办",
    "return_visits": "回访",
    "satisfied": "满意",
    "rated": "评价",
    "satisfied_share": "满意率",
    "in_time_share": "按时办结率",
    "median_working_days": "办结工作日中位数",
    "worst_overrun_multiple": "最大超期倍数",
}
VISIT_HEADINGS = {"code": "编号", "name": "姓名", "due": "应访", "done": "实访", "households": "户数"}
STEP_HEADINGS = {"kind": "事项", "name": "化解环节", "settled": "件数", "share": "占比"}
CALL_HEADINGS = {
    "opened": "呼叫",
    "answered_within_60": "60秒内应答",
    "answered_within_180": "180秒内应答",
    "median_arrival_seconds": "到达秒数中位数",
}
COMPARED_HEADINGS = {
    "code": "编号",
    "name": "名称",
    "kind": "事项",
    "opened_before": "前期提出",
    "opened": "本期提出",
    "in_time_before": "前期按时率",
    "in_time": "本期按时率",
}
_PAGES = jinja2.Environment(
    loader=jinja2.PackageLoader("services"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
WIDTH = 300.0


class Table(enum.StrEnum):
    """Which part of an assessment: a CSV holds one of them, a workbook and a page all."""

    MATTERS = "MATTERS"
    VISITS = "VISITS"
    CALLS = "CALLS"
    STEPS = "STEPS"
    COMPARED = "COMPARED"


@dataclass(frozen=True, slots=True)
class Export:
    """An assessment, and the one of the period that it is compared with, if any."""

    assessment: Assessment
    before: Assessment | None = None

    def csv(self, table: Table = Table.MATTERS) -> bytes:
        """One line a row, UTF-8 with a mark for spreadsheets; a withheld figure is an empty field."""
        text = io.StringIO()
        writer = csv.writer(text)
        headings, rows = self.table(table)
        writer.writerow(headings)
        writer.writerows([spreadsheet_text.plain(value) for value in line.values()] for line in rows)
        return ("\ufeff" + text.getvalue()).encode()

    def table(self, table: Table) -> tuple[Sequence[str], list[dict[str, Any]]]:
        """The headings of a table by their codes, and its lines."""
        if table is Table.VISITS:
            return list(VISIT_HEADINGS), self.visit_lines()
        if table is Table.CALLS:
            return list(CALL_HEADINGS), [{name: getattr(self.assessment.calls, name) for name in CALL_HEADINGS}]
        if table is Table.STEPS:
            return list(STEP_HEADINGS), self.step_lines()
        if table is Table.COMPARED:
            return list(COMPARED_HEADINGS), self.compared_lines() if self.before else []
        return list(HEADINGS), lines(self.assessment)

    def xlsx(self) -> bytes:
        """A sheet each for matters, visits and calls, and one for the comparison when there is one."""
        book = Workbook()
        del book["Sheet"]
        _sheet(book, "事项", list(HEADINGS.values()), [list(line.values()) for line in lines(self.assessment)])
        _sheet(book, "走访", list(VISIT_HEADINGS.values()), [list(line.values()) for line in self.visit_lines()])
        _, called = self.table(Table.CALLS)
        _sheet(book, "呼叫", list(CALL_HEADINGS.values()), [list(line.values()) for line in called])
        settled = [list(line.values()) for line in self.step_lines()]
        _sheet(book, "化解环节", list(STEP_HEADINGS.values()), settled)
        if self.before:
            told = [list(line.values()) for line in self.compared_lines()]
            _sheet(book, "比较", list(COMPARED_HEADINGS.values()), told)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def html(self) -> bytes:
        """One page, all in itself, to be printed on A4, with bars for what was in time and for who was content."""
        page = _PAGES.get_template("assessment.html")
        shown = {
            "assessment": self.assessment,
            "before": self.before,
            "headings": HEADINGS,
            "lines": lines(self.assessment),
            "visits": self.visit_lines(),
            "bars": bars(self.assessment.rows),
            "steps": self.step_lines(),
            "compared": self.compared_lines() if self.before else [],
            "width": WIDTH,
        }
        return page.render(shown).encode()

    def step_lines(self) -> list[dict[str, Any]]:
        """A line for each step at which matters of a kind were settled; none while no matter was."""
        if not any(step.settled is None or step.settled for step in self.assessment.steps):
            return []
        return [
            {"kind": kind_of(step.kind).name, "name": step.name, "settled": step.settled, "share": step.share}
            for step in self.assessment.steps
        ]

    def visit_lines(self) -> list[dict[str, Any]]:
        """A line for each worker."""
        return [
            {
                "code": row.worker.code,
                "name": row.worker.name,
                "due": row.due,
                "done": row.done,
                "homes": row.households,
            }
            for row in self.assessment.visits
        ]

    def compared_lines(self) -> list[dict[str, Any]]:
        """A line for each subject and kind, before and after."""
        assert self.before is not None
        return [_pair(each) for each in compared(self.before, self.assessment)]


def lines(assessment: Assessment) -> list[dict[str, Any]]:
    """The rows as plain values, in the order of the headings."""
    return [_line(row) for row in assessment.rows]


def bars(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """For each subject its share in time and content over all kinds that are shown, as lengths for the picture."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("closed", "in_time", "rated", "satisfied"), 0))
    for row in rows:
        if row.suppressed:
            continue
        sums[row.subject.name]["closed"] += row.figures.closed or 0
        sums[row.subject.name]["in_time"] += row.figures.closed_in_time or 0
        sums[row.subject.name]["rated"] += row.figures.rated or 0
        sums[row.subject.name]["satisfied"] += row.figures.satisfied or 0
    return [
        {"name": name, "in_time": _share(of["in_time"], of["closed"]), "content": _share(of["satisfied"], of["rated"])}
        for name, of in sums.items()
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _line(row: Row) -> dict[str, Any]:
    head = {"code": row.subject.code, "name": row.subject.name, "kind": kind_of(row.kind).name}
    return head | {name: getattr(row.figures, name) for name in HEADINGS if name not in head}


def _pair(each: Compared) -> dict[str, Any]:
    def figures(row: Row | None) -> Figures:
        return row.figures if row else Figures()

    first, second = figures(each.before), figures(each.after)
    return {
        "code": each.subject.code,
        "name": each.subject.name,
        "kind": kind_of(each.kind).name,
        "opened_before": first.opened,
        "opened": second.opened,
        "in_time_before": first.in_time_share,
        "in_time": second.in_time_share,
    }


def _sheet(book: Workbook, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([spreadsheet_text.plain(value) for value in row])
    sheet.freeze_panes = "A2"
