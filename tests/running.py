"""A real ./dev run in processes of its own, for tests that stop, kill and crowd it."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Running:
    """One server on `data`; `ready()` waits for it."""

    def __init__(self, data: Path, *options: str) -> None:
        """Start it on a free port, without the demo town."""
        self.port = free_port()
        self.log = data / f"server-{self.port}.log"
        command = [sys.executable, "-P", "-m", "services.cli", "run", "--empty", "--data", str(data)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *options],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> "Running":
        """Wait until it is ready."""
        return self.ready()

    def __exit__(self, *_: object) -> None:
        """Leave nothing running, however the test ended."""
        if self.process.poll() is None:
            self.stop()

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a GET; status 0 when nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return 0, ""

    def checks(self) -> dict[str, Any]:
        """What /health/ready says, by check."""
        body = self.get("/health/ready")[1]
        said: dict[str, Any] = json.loads(body)["checks"] if body else {}
        return said

    def ready(self, seconds: float = 120) -> "Running":
        """Wait until it is ready; if it does not come to that, end it and fail with its log."""
        # Asked once: of several processes behind one socket, another may still be getting ready.
        came = soon(lambda: self.process.poll() is not None or self.get("/health/ready")[0] == 200, seconds)
        if self.process.poll() is not None or not came:
            self.process.terminate()
            self.process.wait(30)
            raise AssertionError(self.said)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 60) -> int:
        """Send the signal and wait for the end; gives the exit code."""
        self.process.send_signal(how)
        return self.process.wait(seconds)

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text()


def free_port() -> int:
    """A port that nobody listens on now, and that the system gives to no other line before somebody does."""
    while True:
        port = random.randrange(10_000, 32_000)  # what the system gives begins at 32,768
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def soon(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes to hold within the time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def postmasters(folder: Path) -> list[int]:
    """The databases' main processes on the data, by the kernel's list of processes and not by the pid file."""
    found = [pid for pid, words in processes() if words[0].endswith("/postgres") and str(folder / "postgres") in words]
    return [pid for pid in found if parent(pid) not in found]  # a child just forked still bears its parent's command


def processes() -> list[tuple[int, list[str]]]:
    """All processes of the machine: number and command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append((int(entry.parent.name), entry.read_text(errors="replace").split("\0")))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def parent(pid: int) -> int | None:
    """The process that started `pid`, or None when it is gone (proc(5), field 4)."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid: int) -> list[int]:
    """The processes that `pid` started and that live."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
