"""`python -m services.policy_page [--check]`: write the table of rights into docs/privacy.md, or compare."""

import sys
from collections.abc import Iterator
from pathlib import Path

from services.models import Role
from services.policy import LETTERS, FieldClass, Relation, Right, Thing, cells
from services.row_policies import OPEN, ROWS

FILE = Path(__file__).parent.parent / "docs" / "privacy.md"
BEGIN, END = "<!-- written by services.policy_page: from here -->", "<!-- to here -->"
LETTER = {right: letter for letter, right in LETTERS.items()}
WORDS = {Right.ALLOW: "the value", Right.MASK: "masked", Right.COUNT: "counted only", Right.DENY: "nothing"}


def printed() -> str:
    """The part of the page that follows from the table."""
    return "\n".join((BEGIN, "", *_legend(), *_rights(), *_rows(), END))


def page(text: str) -> str:
    """The whole page, with its written part as the code gives it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + printed() + after


def main(arguments: list[str]) -> int:
    """Write the page; with `--check`, compare instead and give 1 when it differs."""
    text = FILE.read_text(encoding="utf-8")
    if "--check" not in arguments:
        FILE.write_text(page(text), encoding="utf-8")
        return 0
    if text == page(text):
        return 0
    print(f"{FILE.name} is not what the table gives. Run `python -m services.policy_page`.", file=sys.stderr)
    return 1


def _legend() -> Iterator[str]:
    letters = ", ".join(f"`{LETTER[right]}` {words}" for right, words in WORDS.items())
    yield f"Four letters a cell, for {', '.join(FieldClass)} fields: {letters}."
    yield ""


def _rights() -> Iterator[str]:
    known = {(role, thing) for role, thing, _, _ in cells()}
    yield "| role | thing | " + " | ".join(Relation) + " |"
    yield "|---|---|" + "---|" * len(Relation)
    for role in Role:
        for thing in Thing:
            told = [_cell(role, thing, relation) for relation in Relation] if (role, thing) in known else ["`----`"] * 6
            yield f"| {role} | {thing} | " + " | ".join(told) + " |"
    yield ""


def _cell(role: Role, thing: Thing, relation: Relation) -> str:
    return "`" + "".join(LETTER[cells()[role, thing, relation, field]] for field in FieldClass) + "`"


def _rows() -> Iterator[str]:
    yield "Tables with row-level security: " + ", ".join(f"`{table}`" for table in sorted(ROWS)) + "."
    yield ""
    yield "Tables without, and why:"
    yield ""
    for reason in dict.fromkeys(OPEN.values()):
        tables = ", ".join(f"`{table}`" for table, why in sorted(OPEN.items()) if why == reason)
        yield f"- {tables}: {reason}."
    yield ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
