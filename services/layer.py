"""What a layer of the map is: a name, words, a select, who may see it, and what its colours say."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services import layer_rows as rows
from services.access import Actor
from services.contents import Content
from services.layer_rows import Asked, Rows, View
from services.models import Role


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of a legend: what a colour says; `night` is that of the dark style where it is another."""

    color: str
    label: Words
    night: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: its rows, who may see it (None: every person), what its freshness hangs on.

    `labels` gives points that go along in a tile as a layer of their own, `ID-labels`. `own_rows` says that two viewers
    of one role may get different rows; `live` that rows change without a new content version. `found` fetches what the
    rows hang on and no statement can look up by itself, by the names that the select knows it by.
    """

    id: str
    title: Words
    description: Words
    select: Callable[[View], Rows]
    geometry: str
    contents: frozenset[Content]
    min_zoom: int = 8
    max_zoom: int = 16
    labels: Callable[[View], Rows] | None = None
    found: Callable[[AsyncSession, View, Asked], Awaitable[dict[str, str]]] | None = None
    shown_to: frozenset[Role] | None = None
    own_rows: bool = False
    live: bool = False
    counts: Callable[[View], bool] = rows.counts_nothing
    base: bool = False
    attribution: str = ""
    legend: tuple[Sign, ...] = ()

    def allows(self, actor: Actor) -> bool:
        """Whether the actor may have this layer at all; a device has none."""
        return actor.terminal_id is None and (self.shown_to is None or bool(self.shown_to & actor.roles))
