"""What came of the calls: counted from the events that a desk follows, by the server's clock. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

OFFERED_SECONDS = 10.0
ANSWERED_SECONDS = (60.0, 180.0)
ANSWERS = ("ACCEPTED", "CLAIMED")
ENDS = {"FOLLOWED_UP": True, "CANCELLED": False}


@dataclass
class Story:
    """One call: when it first came to each point."""

    opened: datetime
    offered: datetime | None = None
    answered: datetime | None = None
    arrived: datetime | None = None
    ended: bool = False
    closed: bool = False


@dataclass
class Tally:
    """All calls of the play, by id."""

    stories: dict[str, Story] = field(default_factory=dict)

    def hear(self, call_id: str, kind: str, at: datetime) -> None:
        """Take one event; those of calls that were open before are left aside."""
        if kind == "OPENED":
            self.stories.setdefault(call_id, Story(at))
        story = self.stories.get(call_id)
        if story is None:
            return
        if kind == "OFFERED":
            story.offered = story.offered or at
        elif kind in ANSWERS:
            story.answered = story.answered or at
        elif kind == "ARRIVED":
            story.arrived = story.arrived or at
        elif kind in ENDS:
            story.ended, story.closed = True, ENDS[kind]
        elif kind == "REOPENED":
            story.ended = story.closed = False

    def all_ended(self, call_ids: set[str]) -> bool:
        """True when each of these calls was seen and is over."""
        return all(call_id in self.stories and self.stories[call_id].ended for call_id in call_ids)

    def summary(self) -> str:
        """The figures that a reader looks for."""
        stories = list(self.stories.values())
        offered = _within([(s.opened, s.offered) for s in stories], OFFERED_SECONDS)
        answered = [_within([(s.opened, s.answered) for s in stories], limit) for limit in ANSWERED_SECONDS]
        parts = [
            f"{len(stories)} calls",
            f"{offered} offered in {OFFERED_SECONDS:g} s",
            *(f"{n} answered in {limit:g} s" for n, limit in zip(answered, ANSWERED_SECONDS, strict=True)),
            f"{sum(story.closed for story in stories)} closed",
        ]
        return ", ".join(parts)


def _within(spans: list[tuple[datetime, datetime | None]], seconds: float) -> int:
    return sum(end is not None and (end - begin).total_seconds() <= seconds for begin, end in spans)
