"""The service circle (服务圈): what lies within so many minutes of one place, over the streets."""

import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon
from sqlalchemy.ext.asyncio import AsyncSession

from gis.linking import Linker
from gis.outlines import outlines
from gis.profiles import PROFILES, Profile, ticks
from gis.search import field, homes_reached
from gis.shapes import area_square_meters
from gis.streetnetwork import StreetNetwork
from services import networks
from services.access import Actor
from services.coverage_answer import circle_radius_meters, limit_seconds
from services.errors import Invalid, NotAllowed
from services.homes import Homes
from services.homes_in_memory import IN_MEMORY
from services.models import TravelMode


class PlaceUnlinked(Invalid):
    """No street lies near {longitude}, {latitude}, or a wall is in between. Choose a place by a street."""


@dataclass(frozen=True, slots=True, eq=False)
class ServiceCircle:
    """The area (degrees), and the homes in it: which ones, by the streets and by the straight line."""

    area: MultiPolygon
    network_version: str
    profile: Profile
    homes: Homes
    reached: NDArray[np.bool_]
    straight: NDArray[np.bool_]

    @property
    def area_square_meters(self) -> float:
        """The size of the area."""
        return area_square_meters(self.area)

    @property
    def resident_count(self) -> int:
        """How many people live in the homes reached."""
        return int(self.homes.residents[self.reached].sum())

    def people_by_category(self) -> NDArray[np.int64]:
        """People in care in the homes reached, int64[categories]."""
        counted = self.homes.care_people * self.reached[self.homes.care_home]
        return np.bincount(self.homes.care_category, counted, len(self.homes.category_ids)).astype(np.int64)


async def circle(
    session: AsyncSession, actor: Actor, longitude: float, latitude: float, minutes: float, mode: TravelMode
) -> ServiceCircle:
    """What is within `minutes` of a place (degrees). Raises PlaceUnlinked, MinutesOutOfRange, NoNetwork."""
    if actor.terminal_id is not None:
        raise NotAllowed
    network = networks.current()
    homes = await IN_MEMORY.get(session, network)
    return await asyncio.to_thread(drawn, network, homes, longitude, latitude, minutes, PROFILES[mode.value])


def drawn(
    network: StreetNetwork, homes: Homes, longitude: float, latitude: float, minutes: float, profile: Profile
) -> ServiceCircle:
    """The circle of one place, from the network and the homes."""
    seconds = limit_seconds(minutes, profile)
    graph = network.graphs[profile.graph]
    centre = Linker(network).link(longitude, latitude, profile.graph).for_profile(profile)
    if centre.edge[0] < 0:
        raise PlaceUnlinked(longitude=longitude, latitude=latitude)
    found = field(graph, centre, ticks(profile, seconds))
    reach = homes_reached(graph, found, centre, homes.prepared(graph, profile))
    apart = homes.meters(network) - np.column_stack(network.projection.to_meters([longitude], [latitude]))
    straight = np.hypot(apart[:, 0], apart[:, 1]) <= circle_radius_meters(profile, seconds)
    [area] = outlines(network, profile, centre, [seconds], reached=found)
    return ServiceCircle(area, network.version, profile, homes, reach.reached, straight)
