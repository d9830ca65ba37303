"""./dev itself: what it asks of the machine, and that the locked environment is the one that the project names."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?: ; (?P<marker>[^\\]+?))? \\$", re.MULTILINE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("apt-get"), reason="Debian's package names")
def test_without_the_right_to_install_it_names_the_packages_and_stops(root: Path, tmp_path: Path) -> None:
    told = _on_a_machine_without("chromium", "sudo", root=root, tmp_path=tmp_path)
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    assert re.fullmatch(
        r"Missing here, and no right to install\. As root:  apt-get install (\S+ )*chromium (\S+ )*", line
    )


def _on_a_machine_without(*missing: str, root: Path, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """./dev test as an ordinary user, with all programs of this machine but some."""
    for program in Path("/usr/bin").iterdir():
        if program.name not in (*missing, "id"):
            (tmp_path / program.name).symlink_to(program)
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    return subprocess.run(
        [str(root / "dev"), "test"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_is_listed(root: Path) -> None:
    listed = (root / "dev").read_text().split("TEXT")[1]
    for command in ("run", "test", "check", "bench", "token"):
        assert f"./dev {command}" in listed


@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_the_scripts_are_executable_and_whole(root: Path, script: str) -> None:
    assert os.access(root / script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(root / script)], check=False).returncode == 0


@pytest.mark.parametrize(("lock", "extras"), [("run", []), ("dev", ["dev"])])
def test_the_lock_holds_all_that_the_project_names(root: Path, lock: str, extras: list[str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    pinned = _pins(root, lock)
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate():
            assert pinned[requirement.name.lower()] in requirement.specifier, str(requirement)


def _pins(root: Path, lock: str) -> dict[str, Version]:
    found = {}
    for pin in PIN.finditer((root / "requirements" / f"{lock}.lock").read_text()):
        if pin["marker"] is None or Requirement(f"{pin['name']} ; {pin['marker']}").marker.evaluate():  # type: ignore[union-attr]
            found[pin["name"]] = Version(pin["version"])
    return found


def test_the_environment_for_tests_holds_that_for_running(root: Path) -> None:
    assert _pins(root, "run").items() <= _pins(root, "dev").items()


@pytest.mark.parametrize("lock", ["run", "dev", "node"])
def test_a_lock_has_only_pins_and_their_hashes_and_no_address(root: Path, lock: str) -> None:
    text = (root / "requirements" / f"{lock}.lock").read_text()
    others = [line for line in text.splitlines() if not PIN.match(line) and not HASH.match(line)]
    assert others == []
    unhashed = re.findall(r"^\S.*\n(?!    --hash=)", text, re.MULTILINE)
    assert unhashed == []
