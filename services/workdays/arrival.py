"""A year's days were published: deadlines that were provisional are told anew, each change as a value.

Whoever keeps terms fetches those that are provisional, passes them through `recomputed`, stores what comes back and
writes an event for each in the same transaction. Terms that neither moved nor settled do not come back, so that running
it twice does nothing the second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.workdays.calendar import WorkCalendar
from services.workdays.law import Deadline, Pause

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Running(Generic[Subject]):
    """A term that runs: whose, since when, how long, its pauses, and what its deadline was told to be."""

    subject: Subject
    started_at: datetime
    working_days: int
    due_at: datetime
    provisional: bool = True
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class Recomputed(Generic[Subject]):
    """What became of it: the deadline now, and the one told before. `moved` is false when it is only settled."""

    subject: Subject
    deadline: Deadline
    before: datetime

    @property
    def moved(self) -> bool:
        """Whether the due time is another one."""
        return self.deadline.at != self.before


def recomputed(calendar: WorkCalendar, terms: Iterable[Running[Subject]]) -> Iterator[Recomputed[Subject]]:
    """Those of `terms` whose deadline moved or is settled now, by the calendar as it is now known.

    A term that is paused has no deadline; it gets one when it goes on.
    """
    for term in terms:
        deadline = calendar.deadline(term.started_at, term.working_days, term.pauses)
        if deadline and (deadline.at, deadline.provisional) != (term.due_at, term.provisional):
            yield Recomputed(term.subject, deadline, term.due_at)
