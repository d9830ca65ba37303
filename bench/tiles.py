"""Vector tiles: ours against tipg on the same tables, over HTTP, uncached, one tile after the other; and the 304.

    python -m bench.tiles [TOWNS [ZOOM ...]]

The town is imported into a private cluster, and for many of them side by side its rows are copied (`bench.manytowns`;
90 are a million homes). Both servers run one process each and are asked for the same tiles in turn: tiles that hold a
home at zoom 12 to 16, of many towns at 8 to 16 (40 at most a zoom, of many towns 10). From afar ours draws main roads
and numbers of homes, the peer all rows of its tables: that is what a map that opens there gets from each.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

from bench.asking import Asking
from bench.contest import interleaved, medians, print_missing, print_ratio, print_times
from bench.manytowns import multiply
from bench.peers import PeerMissing, folder
from fixtures.town import write_town
from gis.tiles import Tile
from services import clock, database, tokens
from services.cluster import OWNER, SUPERUSER, Cluster
from services.imports.kinds import KINDS
from services.imports.runs import import_file
from services.models import new_id
from services.sealing import Keyring

ROUNDS, ROUNDS_OF_MANY, ROUNDS_FROM_AFAR = 5, 3, 1
AFAR = 11
"""Up to this zoom the peer draws every row of many towns, and takes minutes for it."""
ZOOMS = range(12, 17)
ZOOMS_OF_MANY = range(8, 17)
MOST_TILES, MOST_TILES_OF_MANY = 40, 10
TARGET, KEPT_TARGET, MOST_BYTES = 2.0, 0.1, 500_000
TIPG = "tipg==1.6.1"
MOST_SECONDS_TO_START = 180.0
SECRET = "a secret of this bench, known to all of it"
KEYS = Keyring.from_secret(SECRET.encode())
PAIRS = {
    "streets": "streets",
    "water,green,buildings,rail": "map_features",
    "communities,grids": "areas",
    "households": "households",
}
"""Our layers, and tipg's table."""


def main() -> None:
    """Measure and print."""
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name, ExitStack() as stack:
        Path(name).chmod(0o711)
        url = stack.enter_context(_loaded(Path(name), towns))
        ours = stack.enter_context(_linli(url, Path(name)))
        try:
            theirs = stack.enter_context(_tipg(url))
        except PeerMissing as why:
            return print_missing("tiles", "tipg", why)
        most, rounds = (MOST_TILES, ROUNDS) if towns == 1 else (MOST_TILES_OF_MANY, ROUNDS_OF_MANY)
        for zoom in map(int, sys.argv[2:]) if sys.argv[2:] else ZOOMS if towns == 1 else ZOOMS_OF_MANY:
            from_afar = towns > 1 and zoom <= AFAR
            _contest(zoom, _tiles(url, zoom, most), ours, theirs, ROUNDS_FROM_AFAR if from_afar else rounds)
        _kept(_tiles(url, 14, most), ours)


def _contest(zoom: int, tiles: list[Tile], ours: Asking, theirs: Asking, rounds: int) -> None:
    largest = 0

    def linli() -> float:
        nonlocal largest
        begun = time.perf_counter()
        for tile in tiles:
            for layers in PAIRS:
                answer = ours.get(f"/tiles/{layers}/{tile.z}/{tile.x}/{tile.y}.mvt")
                assert answer.status_code in (200, 204), answer.content
                largest = max(largest, len(answer.content))
        return time.perf_counter() - begun

    def tipg() -> float:
        begun = time.perf_counter()
        for tile in tiles:
            for table in PAIRS.values():
                path = f"/collections/public.{table}/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}"
                answer = theirs.get(path)
                assert answer.status_code in (200, 204), answer.content
        return time.perf_counter() - begun

    seconds = interleaved({"linli": linli, "tipg": tipg}, rounds)
    asked = len(tiles) * len(PAIRS)
    middle = medians(seconds)
    print_times(seconds, {name: f"{asked / middle[name]:.0f} tiles/s at zoom {zoom}, {asked} tiles" for name in middle})
    print(f"largest tile {largest:,} bytes before compression, at most {MOST_BYTES:,}: {largest <= MOST_BYTES}")
    print_ratio(f"tiles-z{zoom}", "tipg", middle["tipg"] / middle["linli"], TARGET)


def _kept(tiles: list[Tile], ours: Asking) -> None:
    """Full answers against 304 for the same tiles."""
    paths = [f"/tiles/water,green,buildings,rail,streets/{tile.z}/{tile.x}/{tile.y}.mvt" for tile in tiles]
    marks = {path: ours.get(path).headers["etag"] for path in paths}

    def ask(headers: dict[str, dict[str, str]], status: tuple[int, ...]) -> float:
        begun = time.perf_counter()
        for path in paths:
            assert ours.get(path, headers=headers.get(path)).status_code in status
        return time.perf_counter() - begun

    known = {path: {"If-None-Match": mark} for path, mark in marks.items()}
    seconds = interleaved({"full": lambda: ask({}, (200, 204)), "304": lambda: ask(known, (304,))}, ROUNDS)
    print_times(seconds)
    middle = medians(seconds)
    print_ratio("tiles-304", "full-answer", middle["304"] / middle["full"], KEPT_TARGET, at_most=True)


def _tiles(url: str, zoom: int, most: int = MOST_TILES) -> list[Tile]:
    """The tiles that hold a home, evenly picked."""
    across, down = "(ST_X(location) + 180) / 360", "0.5 - asinh(tand(ST_Y(location))) / (2 * pi())"
    holding = f"SELECT DISTINCT floor(({across}) * %(n)s)::int, floor(({down}) * %(n)s)::int FROM households"
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        found = [Tile(zoom, x, y) for x, y in sorted(connection.execute(holding, {"n": 2**zoom}))]
    return found[:: max(1, len(found) // most)][:most]


@contextmanager
def _loaded(place: Path, towns: int) -> Iterator[str]:
    cluster = Cluster(place / "data").start()
    try:
        url = cluster.url(OWNER)
        database.migrate(url)
        write_town(place)
        for kind, name in (("streets", "streets.osm.pbf"), ("areas", "areas.gpkg"), ("households", "households.csv")):
            assert not import_file(url, KINDS[kind](), place / name, KEYS).refused
        if towns > 1:
            multiply(cluster.url(SUPERUSER), towns)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
        with psycopg.connect(cluster.url(SUPERUSER), autocommit=True) as connection:  # else the peer would see no home
            connection.execute('ALTER DATABASE linli SET linli.actor = \'{"system": "bench"}\'')
        yield url
    finally:
        cluster.stop()


@contextmanager
def _linli(url: str, place: Path) -> Iterator[Asking]:
    settings = {"DATABASE_URL": url, "LINLI_DATA": str(place), "LINLI_TOKEN_SECRET": SECRET}
    with _serving([sys.executable, "-m", "uvicorn", "server:create", "--factory"], settings, "/health/ready") as client:
        client.headers["Authorization"] = f"Bearer {_administrator(url)}"
        yield client


@contextmanager
def _tipg(url: str) -> Iterator[Asking]:
    python = folder() / "tipg" / "bin" / "python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", str(python.parents[1]))
        _run(str(python), "-m", "pip", "install", "-q", "--only-binary=:all:", TIPG, "uvicorn")
    settings = {"DATABASE_URL": _with_host(url), "TIPG_MAX_FEATURES_PER_TILE": "1000000"}
    with _serving([str(python), "-m", "uvicorn", "tipg.main:app"], settings, "/healthz") as client:
        yield client


def _with_host(url: str) -> str:
    """The address with the socket's folder where tipg wants a host."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    port = query.get("port", ["5432"])[0]
    return f"postgresql://{parts.username}:{parts.password}@{quote(query['host'][0], safe='')}:{port}{parts.path}"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"{' '.join(command)} failed: {(done.stdout + done.stderr)[-300:]}")


@contextmanager
def _serving(command: list[str], settings: dict[str, str], ready: str) -> Iterator[Asking]:
    """A server in a process of its own, and a client that keeps one connection and takes no compression."""
    port = _free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("LINLI_")}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--no-access-log"], env={**own, **settings}, stdout=log, stderr=log
        )
        try:
            with closing(Asking(port)) as client:
                _wait(client, ready, process, log)
                yield client
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(client: Asking, ready: str, process: subprocess.Popen[bytes], log: Any) -> None:
    """Until it says that it is ready: a server that has just been started is still busy with itself."""
    until = time.monotonic() + MOST_SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            if client.get(ready).status_code == 200:
                return
        time.sleep(0.2)
    log.seek(0)
    said = log.read()[-500:].decode(errors="replace")
    raise PeerMissing(f"{process.args!r} does not answer: {said}")


def _administrator(url: str) -> str:
    """A token of somebody who may see everything."""
    account = new_id()
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO accounts (id, login, name, created_at) VALUES (%s, 'bench', 'Bench', %s)",
            (account, clock.now()),
        )
        connection.execute(
            "INSERT INTO role_grants (id, account_id, role, valid_from) VALUES (%s, %s, 'ADMIN', %s)",
            (new_id(), account, clock.now()),
        )
    return tokens.issue(account, SECRET.encode())


if __name__ == "__main__":
    main()
