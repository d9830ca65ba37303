"""Presses a second: committed and answered over HTTP by two server processes, against pgbench with the same inserts.

Every press is of another home, signed by its terminal, and makes a call; help is looked for meanwhile as always, among
500 workers on duty. They are so many that they last several times as long as help may wait for presses to be heard.
pgbench runs the statement that opens a call, prepared, one commit each, from as many connections as keep two cores
busy; more would only take the scheduler's time from whatever else runs. Its calls are not due before the next day, so
that the servers leave them alone.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence

import orjson

from bench.callplace import CallPlace, opened
from bench.contest import interleaved, medians, print_ratio, print_times
from bench.lines import Line, post
from services import postgres

ROUNDS = 5
PRESSES = 6000
AT_ONCE = 32
CONNECTIONS = 4
WORKERS = 500
TARGET = 0.5
HELPER = """
CREATE TABLE bench_homes AS
SELECT row_number() OVER (ORDER BY t.serial)::int AS number, t.id AS terminal_id, t.serial, h.id AS household_id,
       h.location, g.id AS grid_id, c.id AS community_id, ARRAY[g.id, c.id, s.id, d.id] AS area_ids
FROM terminals t JOIN households h ON h.id = t.household_id JOIN areas g ON g.id = h.grid_id
JOIN areas c ON c.id = g.parent_id JOIN areas s ON s.id = c.parent_id JOIN areas d ON d.id = s.parent_id;
CREATE UNIQUE INDEX ON bench_homes (number);
GRANT SELECT ON bench_homes TO PUBLIC;
"""
SCRIPT = """
\\set n random(1, {homes})
WITH home AS (SELECT *, gen_random_uuid() AS call_id, gen_random_uuid() AS line_id FROM bench_homes WHERE number = :n),
press AS (
  INSERT INTO presses (id, terminal_serial, reference, button, received_at, call_id, joined)
  SELECT gen_random_uuid(), serial, gen_random_uuid()::text, 'HELP', now(), call_id, false FROM home
  ON CONFLICT (terminal_serial, reference) DO NOTHING RETURNING call_id
), call AS (
  INSERT INTO calls (id, terminal_serial, terminal_id, household_id, grid_id, community_id, area_ids, location,
                     opened_at, answer_due_at, last_pressed_at, status, priority, press_count, rung, round,
                     cancel_pressed, asked_after, version)
  SELECT call_id, serial, terminal_id, household_id, grid_id, community_id, area_ids, location,
         now(), now(), now(), 'OPEN', 3, 1, 0, 1, false, false, 1 FROM home RETURNING id
), line AS (
  INSERT INTO call_events (id, call_id, number, at, kind, status, priority, detail)
  SELECT line_id, call_id, 1, now(), 'OPENED', 'OPEN', 3, '{{"mark": null, "button": "HELP", "priority": 3}}' FROM home
), live AS (
  INSERT INTO live_events (area_id, call_event_id) SELECT unnest(area_ids), line_id FROM home
), timer AS (
  INSERT INTO timers (id, kind, subject_id, due_at, guard, attempts)
  SELECT gen_random_uuid(), 'DISPATCH', call_id, now() + interval '1 day', '{{}}', 0 FROM home
), seen AS (
  UPDATE terminals SET last_seen_at = now() FROM home
  WHERE terminals.id = home.terminal_id AND last_seen_at < now() - interval '1 minute'
)
SELECT id FROM call;
"""


def main() -> None:
    """Measure and print."""
    with opened(terminals=PRESSES, workers=WORKERS, servers=2) as place:
        with place.connect() as connection:
            connection.execute(HELPER)
        (place.folder / "press.sql").write_text(SCRIPT.format(homes=PRESSES))
        seconds = interleaved({"linli": lambda: _ours(place), "pgbench": lambda: _theirs(place)}, ROUNDS)
    middle = medians(seconds)
    print_times(seconds, {name: f"{PRESSES / middle[name]:,.0f} presses/s" for name in middle})
    print_ratio("press", "pgbench", middle["pgbench"] / middle["linli"], TARGET)


def _ours(place: CallPlace) -> float:
    place.refresh()
    requests = [_request(place, serial) for serial in place.serials]
    return asyncio.run(sent(place.sites, requests))


def _theirs(place: CallPlace) -> float:
    place.refresh()
    command = [str(postgres.find().folder / "pgbench"), "-n", "-M", "prepared", "-f", str(place.folder / "press.sql")]
    command += ["-c", str(CONNECTIONS), "-j", "2", "-t", str(PRESSES // CONNECTIONS), place.url]
    speaker = '-c linli.actor={"system":"intake"}'  # row-level security asks who speaks
    environment = {**os.environ, "PGOPTIONS": speaker}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rate = next(line.split()[2] for line in done.stdout.splitlines() if line.startswith("tps"))
    return PRESSES / float(rate)


def _request(place: CallPlace, serial: str) -> bytes:
    return post("/terminals/press", orjson.dumps(place.press(serial)))


async def sent(sites: Sequence[str], requests: Sequence[bytes]) -> float:
    """Send all over `AT_ONCE` kept connections, half to each site; the seconds until the last is answered with 200."""
    waiting = list(reversed(requests))
    lines = [await Line.to(sites[number % len(sites)]) for number in range(AT_ONCE)]
    begun = time.perf_counter()
    await asyncio.gather(*(_press_on(line, waiting) for line in lines))
    took = time.perf_counter() - begun
    for line in lines:
        line.close()
    return took


async def _press_on(line: Line, waiting: list[bytes]) -> None:
    while waiting:
        await line.answered(waiting.pop())


if __name__ == "__main__":
    main()
