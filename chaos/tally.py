"""What was done, what was broken, and what was lost: counted, and printed as a table."""

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

LATEST_OFFER_SECONDS = 5.0


@dataclass
class Tally:
    """Counts of one run; `losses` are sentences, and must be none."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    latest_step_seconds: float = 0.0
    latest_allowed_seconds: float = LATEST_OFFER_SECONDS

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
        table.add_row(
            "latest next step", f"{self.latest_step_seconds:.1f} s (at most {self.latest_allowed_seconds:.0f} s)"
        )
        table.add_row("lost", str(len(self.losses)))
        console.print(table)
        for loss in self.losses[:50]:
            console.print(f"LOST: {loss}")
