"""What import-linter cannot see: the start-up story is a module, and nobody leans on it, on fixtures or on tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("gis", "services", "schema")


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def product_files() -> Iterator[Path]:
    """All Python files of the product."""
    for folder in PRODUCT:
        yield from (ROOT / folder).rglob("*.py")


def test_nobody_imports_the_start_up_story_or_the_tests() -> None:
    """`server` is where all comes together; the product works without it."""
    wrong = {
        str(path.relative_to(ROOT)): names
        for path in product_files()
        if (names := imported(path) & {"server", "tests"})
    }
    assert wrong == {}


def test_the_start_up_story_leans_on_schema_and_services_only() -> None:
    """It holds no geometry of its own."""
    assert imported(ROOT / "server.py") & {"gis", "fixtures", "tests", "bench"} == set()


def test_one_clock() -> None:
    """Nobody but the clock asks the system for the time of day."""
    asked = ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time()")
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("services", "schema")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "clock.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(words in line for words in asked)
    ]
    assert wrong == []
