"""A second opinion by Valhalla: shortest ways on foot between junctions of Porto, 3 to 30 km apart.

Two differences are of definition. Valhalla has its own access rules (private ways, sidewalks, tracks), which makes a
few ways a per cent longer or shorter. And it moves a place on a small island of streets to the mainland beside it;
here a place on an island has no way out, and the network's report says how many edges lie apart. Our longest search is
53.6 km.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import peers, prepared
from gis.profiles import MAXIMUM_TICKS
from tests.gis.extracts import extract, network_of, streets_of
from tests.gis.junction_pairs import TICKS_PER_METER, Pairs, meters_on_foot, random_pairs

STARTS, ENDS = 20, 15


def _meters(pairs: Pairs) -> NDArray[np.float64]:
    if not peers.is_ready():
        pytest.skip("Valhalla is not installed: `python -m bench.engines` brings it")
    engine = peers.PeerProcess("valhalla_engine.py", str(prepared.valhalla_config(extract("porto-metro"))))
    rows = []
    for first in range(0, STARTS * ENDS, ENDS):
        sources, targets = pairs.from_place[[first]].tolist(), pairs.to_place[first : first + ENDS].tolist()
        rows += engine.ask("matrix", sources=sources, targets=targets)["kilometers"][0]
    engine.close()
    return np.array([np.inf if kilometers is None else kilometers * 1000 for kilometers in rows])


@pytest.mark.oracle
@pytest.mark.slow
def test_valhalla_agrees_but_for_its_rules() -> None:
    streets, network = streets_of("porto-metro"), network_of("porto-metro")
    pairs = random_pairs(streets, network, STARTS, ENDS, seed=9)
    ours, theirs = meters_on_foot(network, pairs), _meters(pairs)
    component = network.graphs["foot"].component
    on_one_island = component[pairs.from_junction] == component[pairs.to_junction]
    searched = on_one_island & (theirs < MAXIMUM_TICKS / TICKS_PER_METER)
    assert np.isfinite(theirs).all()
    assert np.array_equal(np.isfinite(ours), searched)
    ratio = ours[searched] / theirs[searched]
    assert np.median(ratio) == pytest.approx(1, abs=0.002)
    assert np.mean(np.abs(ratio - 1) < 0.01) > 0.95
    assert 0.98 < ratio.min() < ratio.max() < 1.04
