"""Where to put the next suppliers: places on the streets that bring most homes within the limit, existing ones stay."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import Point
from sqlalchemy.ext.asyncio import AsyncSession

from gis.links import Links
from gis.profiles import BLOCKED, PROFILES, Profile, ticks
from gis.search import field, homes_reached, pairs
from gis.sites import best, covering
from gis.streetnetwork import StreetNetwork
from services import coverage, networks, supply
from services.access import Actor
from services.coverage_answer import limit_seconds
from services.errors import Invalid
from services.homes import Homes
from services.homes_in_memory import IN_MEMORY
from services.models import CoverageSupply, TravelMode
from services.supply import Supply

MOST_SITES = 50
MOST_CANDIDATES = 4_000
SOLVE_SECONDS = 8.0
"""Below the time that a request may take; the gap that is left is reported."""


class SiteCountOutOfRange(Invalid):
    """{subject} sites cannot be suggested. Ask for 1 to {most}."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A place (degrees), the homes it adds, and the share of the area's homes covered from then on."""

    place: Point
    newly_covered_households: int
    covered_share_after: float


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """Sites, the one that adds most first; no other choice covers more than (1 + gap) times what these add."""

    sites: Sequence[Site]
    optimality_gap: float


async def suggest(
    session: AsyncSession,
    actor: Actor,
    area_id: uuid.UUID,
    count: int,
    minutes: float,
    mode: TravelMode,
    kind: CoverageSupply,
) -> Suggestion:
    """Suggest places in an area. Raises SiteCountOutOfRange, MinutesOutOfRange, NotAllowed, NoNetwork."""
    actor.require(*coverage.PLANNERS)
    if not 1 <= count <= MOST_SITES:
        raise SiteCountOutOfRange(count, most=MOST_SITES)
    profile = PROFILES[mode.value]
    limit_seconds(minutes, profile)
    network = networks.current()
    area = await coverage.area_for(session, actor, area_id)
    existing = await supply.find(session, network, profile.graph, kind)
    homes = (await IN_MEMORY.get(session, network)).of(area.code)
    return await asyncio.to_thread(chosen, network, homes, existing, profile, minutes, count)


def chosen(
    network: StreetNetwork,
    homes: Homes,
    existing: Supply,
    profile: Profile,
    minutes: float,
    count: int,
    solve_seconds: float = SOLVE_SECONDS,
) -> Suggestion:
    """The best `count` places for the homes that the existing supply leaves uncovered."""
    graph, limit = network.graphs[profile.graph], ticks(profile, limit_seconds(minutes, profile))
    suppliers, prepared = existing.links.for_profile(profile), homes.prepared(graph, profile)
    covered = homes_reached(graph, field(graph, suppliers, limit), suppliers, prepared).reached
    candidates, x, y = _candidates(network, homes, profile)
    reached = pairs(graph, candidates, prepared, limit)
    home = np.repeat(np.arange(len(homes), dtype=np.int32), np.diff(reached.first))
    weight = (~covered).astype(np.int64)
    found = best(covering(reached.supplier, home, len(candidates), weight), count, solve_seconds)
    lon, lat = network.projection.to_degrees(x[found.candidates], y[found.candidates])
    shares = (covered.sum() + np.cumsum(found.added)) / max(len(homes), 1)
    rows = zip(lon.tolist(), lat.tolist(), found.added.tolist(), shares.tolist(), strict=True)
    return Suggestion([Site(Point(a, b), added, share) for a, b, added, share in rows], found.gap)


def _candidates(
    network: StreetNetwork, homes: Homes, profile: Profile
) -> tuple[Links, NDArray[np.float64], NDArray[np.float64]]:
    """Junctions and the middles of edges on which homes stand, one a square, fewer where there are too many."""
    mode = network.modes[profile.graph]
    near = np.unique(homes.links[profile.graph].edge)
    edges = near[near >= 0]
    edge = np.concatenate([edges, edges, edges]).astype(np.int32)
    fraction = np.repeat([0.0, 0.5, 1.0], len(edges))
    passable = (mode.graph.forward_ticks[edge] != BLOCKED) & (mode.graph.backward_ticks[edge] != BLOCKED)
    edge, fraction = edge[passable], fraction[passable]
    x, y = mode.place(edge, fraction) if len(edge) else (np.zeros(0), np.zeros(0))
    kept = _one_a_square(x, y)
    return Links(edge[kept], fraction[kept], np.zeros(len(kept), np.int32)), x[kept], y[kept]


def _one_a_square(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """The first place of each square of 30 m, or of as much more as leaves at most MOST_CANDIDATES."""
    size = 30.0
    while True:
        squares = np.stack([np.floor(x / size), np.floor(y / size)])
        kept = np.unique(squares, axis=1, return_index=True)[1]
        if len(kept) <= MOST_CANDIDATES:
            return np.sort(kept)
        size *= 1.5
