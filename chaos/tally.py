"""What was done, what was broken, and what was lost: counted, and printed as a table."""

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.table import Table

LATEST_OFFER_SECONDS = 5.0


@dataclass
class Tally:
    """Counts of one run; `losses` are sentences, and must be none."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    latest_allowed_seconds: float = LATEST_OFFER_SECONDS
    steps: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    steps_by_fault: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    told: list[tuple[datetime, datetime]] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)

    def step(self, after: str, fault: str, seconds: float) -> None:
        """A call has waited for its next step: after what, which fault was going on, and how long."""
        self.steps[after].append(seconds)
        self.steps_by_fault[fault].append(seconds)

    @property
    def latest_step_seconds(self) -> float:
        """How long a call has waited at most for its next step while the store was there."""
        return max((seconds for some in self.steps.values() for seconds in some), default=0.0)

    def lost(self, what: str) -> None:
        """Something that may never happen has happened."""
        if what not in self.losses:
            self.losses.append(what)

    def show(self, console: Console) -> None:
        """Print all of it."""
        table = Table("what", "how often", title="chaos")
        for name, count in self.faults.items():
            table.add_row(f"fault: {name}", str(count))
        for name, count in self.counts.items():
            table.add_row(name, str(count))
        for after, some in sorted(self.steps.items()):
            table.add_row(f"next step after {after}", _told(some))
        for fault, some in sorted(self.steps_by_fault.items()):
            table.add_row(f"next step, {fault}", _told(some))
        table.add_row(
            "latest next step", f"{self.latest_step_seconds:.1f} s (at most {self.latest_allowed_seconds:.0f} s)"
        )
        table.add_row("from an event to who watches", _told(self.watched))
        table.add_row("lost", str(len(self.losses)))
        console.print(table)
        for loss in self.losses[:50]:
            console.print(f"LOST: {loss}")


def _told(seconds: list[float]) -> str:
    if not seconds:
        return "never"
    return f"{len(seconds)} times, median {statistics.median(seconds):.2f} s, latest {max(seconds):.1f} s"
