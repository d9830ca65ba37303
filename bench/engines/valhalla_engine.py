"""Valhalla, asked over a pipe; runs under the peers' Python. Times are of the engine alone, without this pipe."""

import json
import sys
from time import perf_counter
from typing import Any

import numpy as np
import shapely
import valhalla

KILOMETERS_PER_HOUR = 4.68  # 1.3 m/s
FOOT = {"pedestrian": {"walking_speed": KILOMETERS_PER_HOUR, "shortest": True, "use_ferry": 0}}
homes: Any = None


def point(lonlat: list[float]) -> dict[str, float]:
    return {"lon": lonlat[0], "lat": lonlat[1]}


def open_actor(config: str, times: int) -> dict[str, Any]:
    seconds = []
    for _ in range(times):
        begun = perf_counter()
        valhalla.Actor(config)
        seconds.append(perf_counter() - begun)
    return {"seconds": seconds[0], "all": seconds}


def isochrone(actor: Any, place: list[float], minutes: float) -> Any:
    question = {"locations": [point(place)], "costing": "pedestrian", "costing_options": FOOT}
    return actor.isochrone(json.dumps({**question, "contours": [{"time": minutes}], "polygons": True}))


def remember(places: list[list[float]]) -> dict[str, Any]:
    """Keep the homes and index them; not part of what is measured."""
    global homes
    homes = shapely.points(np.array(places))
    return {"seconds": 0.0}


def audit(actor: Any, suppliers: list[list[float]], minutes: float) -> dict[str, Any]:
    """Isochrones of all suppliers, their union, and the homes in it."""
    begun = perf_counter()
    rings = [shapely.from_geojson(isochrone(actor, place, minutes)) for place in suppliers]
    union = shapely.union_all(shapely.make_valid(np.array(rings)))
    shapely.prepare(union)
    covered = int(shapely.contains(union, homes).sum())
    return {"seconds": perf_counter() - begun, "covered": covered}


def one_isochrone(actor: Any, place: list[float], minutes: float) -> dict[str, Any]:
    begun = perf_counter()
    text = isochrone(actor, place, minutes)
    seconds = perf_counter() - begun
    return {"seconds": seconds, "geojson": text if isinstance(text, str) else json.dumps(text)}


def matrix(actor: Any, sources: list[list[float]], targets: list[list[float]]) -> dict[str, Any]:
    question = {"sources": [point(p) for p in sources], "targets": [point(p) for p in targets]}
    text = json.dumps({**question, "costing": "pedestrian", "costing_options": FOOT})
    begun = perf_counter()
    answer = actor.matrix(text)
    seconds = perf_counter() - begun
    rows = (json.loads(answer) if isinstance(answer, str) else answer)["sources_to_targets"]
    return {"seconds": seconds, "kilometers": [[cell["distance"] for cell in row] for row in rows]}


def answer(actor: Any, config: str, question: str, details: dict[str, Any]) -> dict[str, Any]:
    match question:
        case "open":
            return open_actor(config, **details)
        case "remember":
            return remember(**details)
        case "audit":
            return audit(actor, **details)
        case "isochrone":
            return one_isochrone(actor, **details)
        case _:
            return matrix(actor, **details)


def main(config: str) -> None:
    actor = valhalla.Actor(config)
    for line in sys.stdin:
        details = json.loads(line)
        question = details.pop("question")
        print(json.dumps(answer(actor, config, question, details)), flush=True)


main(sys.argv[1])
