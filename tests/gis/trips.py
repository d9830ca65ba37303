"""How long a drawn trip takes, by the search that everything uses."""

from gis.field import field, homes_reached
from gis.linking import Linker
from gis.profiles import BLOCKED, MAXIMUM_TICKS, WALK, Profile
from tests.drawing import Town


def ticks(plan: Town, start: str, end: str, profile: Profile = WALK, steps_factor: float = 1.0) -> int | None:
    """Give the ticks from door to door, None when there is no way."""
    network = plan.network(steps_factor)
    linker, graph = Linker(network), network.graphs[profile.graph]
    goer, home = (linker.link(*plan.at(name), graph=profile.graph).for_profile(profile) for name in (start, end))
    found = homes_reached(graph, field(graph, goer, MAXIMUM_TICKS), goer, home).ticks[0]
    return None if found == BLOCKED else int(found)


def meters(plan: Town, start: str, end: str, profile: Profile = WALK) -> float | None:
    """Give the metres from door to door on foot or by e-bike, to the tenth of a millimetre."""
    found = ticks(plan, start, end, profile)
    return None if found is None else found / 10_000
