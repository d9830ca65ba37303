"""The engines that we measure ourselves against, in an environment of their own (`.peers`, or LINLI_PEERS_DIR).

Valhalla and OSRM have wheels for Python 3.12 and later only, so a newer interpreter of the machine runs them, in a
process that is asked over a pipe and tells how long the engine itself took. `python -m bench.engines` makes the
environment.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
PACKAGES = ("pyvalhalla>=3.9", "osrm-bindings>=26.10", "numpy", "shapely")
OLDEST = (3, 12)


class PeerMissing(RuntimeError):
    """A peer cannot be installed here; the message names it and why."""


def folder() -> Path:
    """Where the environment and the peers' prepared files are kept."""
    return Path(os.environ.get("LINLI_PEERS_DIR", CHECKOUT / ".peers"))


@cache
def peer_python() -> Path:
    """The interpreter of the peers' environment, which is made when it is missing. Raises PeerMissing."""
    python = folder() / "env" / "bin" / "python"
    if not _works(python, "import valhalla, osrm, shapely"):
        new_enough = f"import sys, venv; sys.version_info >= {OLDEST} or 1/0"
        base = next((path for path in _interpreters() if _works(path, new_enough)), None)
        if base is None:
            raise PeerMissing("Valhalla and OSRM need Python 3.12 or later beside this one; install it and try again.")
        _run(base, "-m", "venv", "--clear", str(folder() / "env"))
        _run(python, "-m", "pip", "install", "-q", "--only-binary=:all:", *PACKAGES)
    return python


def is_ready() -> bool:
    """Whether the environment has been made: to ask takes no time and installs nothing."""
    return (folder() / "env" / "bin" / "python").is_file()


def site_packages() -> Path:
    """Where the peers' packages lie; their programs are inside."""
    return next((folder() / "env" / "lib").glob("python3*")) / "site-packages"


def _interpreters() -> Iterator[Path]:
    yield Path(sys.executable)
    for number in range(20, OLDEST[1] - 1, -1):
        for place in os.environ.get("PATH", "").split(os.pathsep):
            yield Path(place) / f"python3.{number}"
    yield from sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"), reverse=True)


def _works(python: Path, statement: str) -> bool:
    if not python.is_file():
        return False
    return subprocess.run([python, "-c", statement], capture_output=True, check=False).returncode == 0


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"{' '.join(str(word) for word in command)} failed: {(done.stdout + done.stderr)[-500:]}")


class PeerProcess:
    """A script under the peers' Python that answers questions, one line of JSON each way."""

    def __init__(self, script: str, *arguments: str) -> None:
        """Start it; `script` lies beside this file. Raises PeerMissing."""
        command = [str(peer_python()), str(Path(__file__).parent / "engines" / script), *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question: str, **details: Any) -> dict[str, Any]:
        """Put a question; the answer has `seconds`, how long the engine took. Raises PeerMissing when it died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"question": question, **details}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise PeerMissing(f"The engine stopped at the question {question}; see its words above.")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()
