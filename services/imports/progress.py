"""How far an import is: counts and time left, as a moving bar on a terminal and as plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 2.0


class Reporter(Protocol):
    """Whoever is told how far the work is."""

    def step(self, name: str, total: int | None = None) -> None:
        """A new step begins; `total` is how much there is to do, if that is known."""

    def advance(self, count: int) -> None:
        """So much more of the step is done."""


class Silent:
    """Tells nobody."""

    def step(self, name: str, total: int | None = None) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""


class PlainLines:
    """A line for each step, and one every two seconds within it: for logs and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`, standard error if none is given."""
        self.stream = stream or sys.stderr
        self.name, self.total, self.done = "", 0, 0
        self.began = self.written = time.monotonic()

    def step(self, name: str, total: int | None = None) -> None:
        """End the line of the step before."""
        self.close()
        self.name, self.total, self.done = name, total or 0, 0
        self.began = self.written = time.monotonic()

    def advance(self, count: int) -> None:
        """Count; write when the last line is two seconds old."""
        self.done += count
        if time.monotonic() - self.written >= SECONDS_BETWEEN_LINES:
            self.written = time.monotonic()
            print(f"  {self.name}: {self._counts()}{self._left()}", file=self.stream, flush=True)

    def close(self) -> None:
        """Write the sum of the step."""
        if self.name:
            seconds = time.monotonic() - self.began
            counts = f" {self._counts()}," if self.done else ""
            print(f"  {self.name}:{counts} {seconds:.1f} s", file=self.stream, flush=True)
        self.name = ""

    def _counts(self) -> str:
        return f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}"

    def _left(self) -> str:
        if not self.total or not self.done:
            return ""
        seconds = (time.monotonic() - self.began) / self.done * max(self.total - self.done, 0)
        return f", about {seconds:.0f} s left"


class MovingBar:
    """A bar with counts and time left."""

    def __init__(self, console: Console) -> None:
        """Draw on `console`."""
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=console)
        self.task: TaskID | None = None
        self.progress.start()

    def step(self, name: str, total: int | None = None) -> None:
        """A new bar."""
        self._finish()
        self.task = self.progress.add_task(name, total=total)

    def advance(self, count: int) -> None:
        """Move the bar."""
        if self.task is not None:
            self.progress.advance(self.task, count)

    def close(self) -> None:
        """Leave the bars as they are."""
        self._finish()
        self.progress.stop()

    def _finish(self) -> None:
        if self.task is not None:
            task = self.progress.tasks[self.task]
            total = max(task.completed, 1)
            self.progress.update(self.task, total=total, completed=total)


class Shown:
    """`with shown() as reporter`: a bar on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        """Standard error is where progress goes."""
        console = console or Console(stderr=True)
        self.reporter: MovingBar | PlainLines = MovingBar(console) if console.is_terminal else PlainLines()

    def __enter__(self) -> MovingBar | PlainLines:
        """Begin."""
        return self.reporter

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, whatever happened."""
        self.reporter.close()
