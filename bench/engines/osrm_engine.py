"""OSRM, asked over a pipe; runs under the peers' Python. Times are of the engine alone, without this pipe."""

import json
import sys
from time import perf_counter
from typing import Any

import osrm


def table(engine: Any, sources: list[list[float]], targets: list[list[float]]) -> dict[str, Any]:
    """Times from each source to each target, in seconds."""
    places = [tuple(place) for place in sources + targets]
    count = len(sources)
    parameters = osrm.TableParameters(
        coordinates=places, sources=list(range(count)), destinations=list(range(count, len(places)))
    )
    begun = perf_counter()
    answer = engine.Table(parameters)
    seconds = perf_counter() - begun
    return {"seconds": seconds, "times": [list(row) for row in answer["durations"]]}


def main(path: str, algorithm: str) -> None:
    engine = osrm.OSRM(storage_config=path, algorithm=algorithm, use_shared_memory=False)
    for line in sys.stdin:
        details = json.loads(line)
        details.pop("question")
        print(json.dumps(table(engine, **details)), flush=True)


main(*sys.argv[1:])
