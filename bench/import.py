"""The import: 100,000 homes from CSV (grid found, linked, stored, an event each) against a bare COPY of the same rows.

The peer puts the very rows that the import stored into the same table, with its indexes and keys, by one COPY from a
file that PostgreSQL wrote itself; both commit to a durable cluster. Memory is the most that a process of its own ever
held, for 100,000 and for 300,000 homes.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.contest import interleaved, medians, print_ratio, print_times, timed
from fixtures.town import write_town
from services import database
from services.cluster import OWNER, Cluster
from services.imports.kinds import KINDS
from services.imports.runs import import_file
from services.sealing import Keyring

ROUNDS = 3
HOMES, TOWNS = 100_000, 9  # a town has over 11,000 homes
LARGER = 3
TARGET, MEMORY_TARGET = 6.0, 1.1
KEYS = Keyring.from_secret(b"nothing is sealed in this bench")
EMPTY = "TRUNCATE households, household_events, street_links CASCADE"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _migrated(folder) as url:
            small, large = _homes(folder)
            _bring(url, "streets", folder / "streets.osm.pbf")
            _bring(url, "areas", folder / "areas.gpkg")
            _contest(url, folder, small)
            _memory(url, small, large)


def _contest(url: str, folder: Path, homes: Path) -> None:
    copied = folder / "households.copy"
    _bring(url, "households", homes)
    _copy_out(url, copied)
    seconds = interleaved(
        {
            "linli import": timed(lambda: _bring(url, "households", homes)),
            "bare COPY": timed(lambda: _copy_in(url, copied)),
        },
        ROUNDS,
    )
    print_times(seconds, {"linli import": f"{HOMES:,} homes, {homes.stat().st_size / 1e6:.0f} MB of CSV"})
    middle = medians(seconds)
    print_ratio("import", "bare-copy", middle["linli import"] / middle["bare COPY"], TARGET, at_most=True)


def _memory(url: str, small: Path, large: Path) -> None:
    held = [_peak_bytes(url, path) for path in (small, large)]
    sizes = " and ".join(f"{peak / 1e6:.0f} MB" for peak in held)
    print(f"most memory held: {sizes} for {HOMES:,} and {LARGER * HOMES:,} homes")
    print_ratio("import", f"memory-of-{HOMES}-homes", held[1] / held[0], MEMORY_TARGET, at_most=True)


def _homes(folder: Path) -> tuple[Path, Path]:
    """Two files of homes: as many as asked for, and three times as many, at the same places under other codes."""
    write_town(folder, scale=TOWNS)
    small, large = folder / "small.csv", folder / "large.csv"
    with (folder / "households.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = list(csv.reader(file))[: HOMES + 1]
    assert len(rows) == HOMES
    for path, times in ((small, 1), (large, LARGER)):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows([f"{row[0]}-{time}", *row[1:]] for time in range(times) for row in rows)
    return small, large


@contextmanager
def _migrated(folder: Path) -> Iterator[str]:
    cluster = Cluster(folder / "data").start()
    try:
        url = cluster.url(OWNER)
        database.migrate(url)
        yield url
    finally:
        cluster.stop()


def _bring(url: str, kind: str, path: Path) -> None:
    if kind == "households":
        with psycopg.connect(url) as connection:
            connection.execute(EMPTY)
    outcome = import_file(url, KINDS[kind](), path, KEYS)
    assert not outcome.counts.bad
    assert outcome.counts.added == outcome.counts.total


def _copy_out(url: str, path: Path) -> None:
    with psycopg.connect(url) as connection, path.open("wb") as file:
        names = (
            "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'households'::regclass"
        )
        found = connection.execute(names + " AND attnum > 0 AND NOT attisdropped").fetchone()
        assert found is not None
        with connection.cursor().copy(f"COPY households ({found[0]}) TO STDOUT") as copy:
            for block in copy:
                file.write(block)


def _copy_in(url: str, path: Path) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(EMPTY)
    with psycopg.connect(url) as connection, path.open("rb") as file:
        with connection.cursor().copy("COPY households FROM STDIN") as copy:
            while block := file.read(1024**2):
                copy.write(block)


def _peak_bytes(url: str, path: Path) -> int:
    """What a process of its own held at most while it imported the file."""
    command = [sys.executable, "-m", "bench.import", "alone", str(path)]
    done = subprocess.run(command, env={**os.environ, "BENCH_URL": url}, check=True, capture_output=True, text=True)
    return int(done.stdout)


def _alone(path: Path) -> None:
    _bring(os.environ["BENCH_URL"], "households", path)
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        _alone(Path(sys.argv[2]))
    else:
        main()
