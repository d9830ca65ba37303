"""Starting: our network file mapped, against Valhalla's Actor opened on tiles of the same streets."""

import tempfile
from pathlib import Path

from bench.contest import interleaved, medians, print_missing, print_ratio, print_times, timed
from bench.dataset import load
from bench.peers import PeerMissing, PeerProcess
from bench.prepared import valhalla_config
from gis.linking import Linker
from gis.network import StreetNetwork

ROUNDS = 9


def main() -> None:
    """Measure and print."""
    dataset = load()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "streets.net"
        dataset.network.save(path)
        try:
            actor = PeerProcess("valhalla_engine.py", str(valhalla_config(dataset.path)))
        except PeerMissing as why:
            return print_missing("start", "valhalla", why)
        lon, lat = dataset.homes[0][:1], dataset.homes[1][:1]
        seconds = interleaved(
            {
                "linli, file mapped": timed(lambda: StreetNetwork.open(path)),
                "linli, and a first link": timed(lambda: Linker(StreetNetwork.open(path)).link(lon, lat)),
                "valhalla Actor": lambda: float(actor.ask("open", times=1)["seconds"]),
            },
            ROUNDS,
        )
        actor.close()
        print(f"{dataset.name}: network file of {path.stat().st_size / 1e6:.0f} MB")
    print_times(seconds)
    middle = medians(seconds)
    print_ratio("start", "valhalla", middle["linli, file mapped"] / middle["valhalla Actor"], 2, at_most=True)


if __name__ == "__main__":
    main()
