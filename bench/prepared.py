"""The peers' own files, made once from a street file and kept: Valhalla's tiles, OSRM's hierarchies."""

import hashlib
import json
import subprocess
from pathlib import Path

import osmium

from bench.peers import PeerMissing, folder, peer_python, site_packages


def valhalla_config(streets: Path) -> Path:
    """Give the path of a configuration whose tiles are built. Raises PeerMissing."""
    place = _place("valhalla", streets)
    config = place / "valhalla.json"
    if not config.exists():
        (place / "tiles").mkdir(exist_ok=True)
        command = [str(peer_python()), "-c", _CONFIG, str(place)]
        settings = subprocess.run(command, capture_output=True, text=True, check=True)
        draft = place / "draft.json"
        draft.write_text(settings.stdout)
        _run(site_packages() / "valhalla" / "bin" / "valhalla_build_tiles", "-c", draft, _sorted(streets, place))
        draft.rename(config)
    return config


_CONFIG = """
import json, sys, valhalla
config = valhalla.get_config(tile_extract="", tile_dir=sys.argv[1] + "/tiles")
for part in config.values():
    if isinstance(part, dict) and "logging" in part:
        part["logging"]["type"] = ""
config["service_limits"]["pedestrian"].update(max_matrix_location_pairs=1_000_000, max_matrix_distance=500_000)
print(json.dumps(config))
"""


def osrm_base(streets: Path, algorithm: str) -> Path:
    """Give the path of files that are ready for CH (contracted; minutes) or MLD (partitioned). Raises PeerMissing."""
    peer_python()
    place, package = _place(f"osrm-{algorithm.lower()}", streets), site_packages() / "osrm"
    base, done = place / "streets.osrm", place / "done"
    if not done.exists():
        foot = package / "share" / "profiles" / "foot.lua"
        _run(package / "bin" / "osrm-extract", "-p", foot, _sorted(streets, place))
        for program in ("osrm-contract",) if algorithm == "CH" else ("osrm-partition", "osrm-customize"):
            _run(package / "bin" / program, base)
        done.write_text(json.dumps({"algorithm": algorithm}))
    return base


def _sorted(streets: Path, place: Path) -> Path:
    """Write a copy whose objects stand in the order of their numbers: Valhalla reads no other."""
    copy = place / "streets.osm.pbf"
    reader = osmium.MergeInputReader()
    reader.add_file(str(streets))
    with osmium.SimpleWriter(str(copy), overwrite=True) as writer:
        reader.apply(writer, simplify=False)
    return copy


def _place(engine: str, streets: Path) -> Path:
    place = folder() / f"{engine}-{hashlib.sha256(streets.read_bytes()).hexdigest()[:12]}"
    place.mkdir(parents=True, exist_ok=True)
    return place


def _run(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr)[-500:]}")
