"""./dev import and ./dev template as they are typed."""

import io
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from services import cli_imports
from services.imports import templates
from services.imports.kinds import KINDS
from services.imports.progress import PlainLines
from tests.services.county import AREAS, HOMES, WEST, County

app = typer.Typer()
cli_imports.register(app)


@pytest.fixture
def typed(county: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """A county whose database the commands use, from its folder."""
    for name in ("DATABASE_URL", "LINLI_OWNER_DATABASE_URL"):
        monkeypatch.setenv(name, county.url)
    monkeypatch.setenv("LINLI_SEALING_SECRET", "a secret of these tests, long enough")
    monkeypatch.chdir(county.folder)
    return county


def run(*words: str) -> Result:
    """What a command says and how it ends."""
    return CliRunner().invoke(app, list(words))


def test_an_import_tells_its_counts(typed: County) -> None:
    """On standard output, with progress apart from it; the second time nothing changes."""
    typed.bring_areas()
    typed.write("homes.csv", HOMES)
    first = run("import", "households", "homes.csv")
    assert first.exit_code == 0
    assert first.stdout == "homes.csv: 2 rows: 2 added, 0 changed, 0 unchanged, 0 bad\n"
    assert "reading: 2 of 2" in first.stderr
    again = run("import", "households", "homes.csv", "--dry-run")
    assert again.stdout == "homes.csv: 2 rows: 0 would be added, 0 would be changed, 2 unchanged, 0 bad\n"


def test_bad_rows_end_with_code_1_and_a_way_out(typed: County) -> None:
    """Row, column, sentence and code; then what to do."""
    typed.bring_areas()
    typed.write("homes.csv", HOMES + "H3,x,,,116.4,39.9\n")
    refused = run("import", "households", "homes.csv")
    assert refused.exit_code == 1
    assert "row 4, longitude: The place lies outside every grid" in refused.stderr
    assert "1 of 3 rows are bad, so nothing was imported." in refused.stderr
    kept = run("import", "households", "homes.csv", "--skip-bad")
    assert kept.exit_code == 0
    assert "2 added, 0 changed, 0 unchanged, 1 bad" in kept.stdout
    assert (typed.folder / "homes.csv.bad.csv").exists()


def test_a_kind_that_is_not_there(typed: County) -> None:
    """All kinds are named."""
    refused = run("import", "houses", "homes.csv")
    assert isinstance(refused.exception, templates.KindUnknown)
    assert "streets, areas, households, residents, workers, care-records, terminals" in str(refused.exception)


@pytest.mark.parametrize("option", [[], ["--xlsx"], ["--english"]])
def test_every_template_can_be_filled_in_and_imported(typed: County, option: list[str]) -> None:
    """Every template's example row goes in as it is, once its codes stand for what is there."""
    outline = [(code, (106.71, 26.57, 106.72, 26.58)) for code, _ in AREAS[:4]]
    typed.bring_areas(outline)
    for kind in ("households", "residents", "workers", "care-records", "terminals", "service-points", "organisations"):
        written = run("template", kind, *option)
        path = Path(written.stdout.strip())
        assert path.suffix == (".xlsx" if "--xlsx" in option else ".csv")
        if kind == "workers":  # a team of two
            typed.bring("workers", typed.write("two.csv", WORKER_TWO))
        outcome = typed.bring(kind, path)
        assert not outcome.problems
        assert outcome.counts.added == 1


WORKER_TWO = f"code,name,role,area_code,longitude,latitude\nW002,x,VOLUNTEER,{WEST},106.7135,26.5783\n"


def test_layer_templates_are_geojson(typed: County) -> None:
    """Streets go in as they are; an area needs its parents first."""
    streets = Path(run("template", "streets").stdout.strip())
    assert typed.bring("streets", streets).counts.added == 1
    areas = Path(run("template", "areas").stdout.strip())
    assert [problem.code for problem in typed.bring("areas", areas).problems] == ["PARENT_MISSING"]


def test_a_template_never_overwrites(typed: County) -> None:
    """A file that is there stays."""
    typed.write("households.csv", "mine")
    refused = run("template", "households")
    assert isinstance(refused.exception, templates.FileThere)
    assert (typed.folder / "households.csv").read_text() == "mine"


def test_progress_in_plain_lines() -> None:
    """Each step with its count; no bar where nobody looks."""
    stream = io.StringIO()
    lines = PlainLines(stream)
    lines.step("reading", 30_000)
    lines.written -= 10  # the last line is ten seconds old
    lines.began -= 10
    lines.advance(10_000)
    lines.advance(20_000)
    lines.close()
    first, last = stream.getvalue().splitlines()
    assert first == "  reading: 10,000 of 30,000, about 20 s left"
    assert last.startswith("  reading: 30,000 of 30,000, 10.")


def test_all_kinds_are_there() -> None:
    """The nine words of the command."""
    words = "streets areas households residents workers care-records terminals service-points organisations"
    assert sorted(KINDS) == sorted(words.split())
