"""What the client holds without a browser: its operations fit the schema, its types fit, its stores do as they say."""

import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import concat_ast, parse, validate

from schema import build

WEB = Path(__file__).resolve().parents[2] / "web"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (WEB / "node_modules").exists(),
    reason="the client is not installed: ./dev test",
)


def test_every_operation_of_the_client_fits_the_schema() -> None:
    """All files together, since they share fragments."""
    files = sorted((WEB / "src" / "operations").glob("*.graphql"))
    assert len(files) >= 5
    whole = concat_ast([parse(one.read_text(encoding="utf-8")) for one in files])
    assert validate(build()._schema, whole) == []


@needs_node
def test_the_stores_pass_their_own_tests() -> None:
    """By node's own runner; it packs the operations and their types first."""
    ran = subprocess.run(["node", "test/run.mjs"], cwd=WEB, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


@needs_node
def test_the_types_fit() -> None:
    """What the schema gives is what the client reads."""
    ran = subprocess.run(["node_modules/.bin/tsc", "--noEmit"], cwd=WEB, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
