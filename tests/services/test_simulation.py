"""The parts of the made-up day that decide: where a walker is, what is counted, who plays."""

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.models import Role
from services.simulation import cast
from services.simulation.tally import Tally
from services.simulation.walking import along
from services.tokens import account_of
from tests.callroom import CallRoom
from tests.postgres import OWNER, WorkerDatabases

SECRET = b"a secret of this test, known to all of it"
NINE = datetime(2026, 5, 20, 9, tzinfo=UTC)


def test_a_walker_is_where_the_share_of_the_way_leads() -> None:
    # On the equator a degree east is as long as a degree north: legs of 3 and 1, so 3/4 of the way is the corner.
    course = [[0.0, 0.0], [0.03, 0.0], [0.03, 0.01]]
    assert along(course, 0) == (0.0, 0.0)
    assert along(course, 0.5) == pytest.approx((0.02, 0.0))
    assert along(course, 0.875) == pytest.approx((0.03, 0.005), abs=1e-7)
    assert along(course, 7) == (0.03, 0.01)


def test_a_way_without_length_leads_nowhere() -> None:
    assert along([[106.7, 26.5], [106.7, 26.5]], 0.5) == (106.7, 26.5)


def test_the_tally_counts_by_the_servers_clock() -> None:
    tally = Tally()

    def hear(call_id: str, *happened: tuple[str, float]) -> None:
        for kind, seconds in happened:
            tally.hear(call_id, kind, NINE + timedelta(seconds=seconds))

    # Offered after 10 and 10.5 s; answered after 60, 180 and never; the second offer of a call does not count.
    hear("a", ("OPENED", 0), ("OFFERED", 10), ("DECLINED", 20), ("OFFERED", 20.1), ("ACCEPTED", 60))
    hear("b", ("OPENED", 0), ("OFFERED", 10.5), ("EXPIRED", 55.5), ("CLAIMED", 180))
    hear("c", ("OPENED", 0), ("CANCELLED", 5))
    hear("before", ("ACCEPTED", 1))
    assert not tally.all_ended({"a", "c"})
    hear("a", ("ARRIVED", 300), ("RESOLVED", 600), ("FOLLOWED_UP", 900))
    assert tally.all_ended({"a", "c"})
    assert not tally.all_ended({"unseen"})
    assert tally.summary() == ("3 calls, 1 offered in 10 s, 1 answered in 60 s, 2 answered in 180 s, 1 closed")
    hear("a", ("REOPENED", 1000))
    assert not tally.all_ended({"a"})


async def test_who_is_on_duty_plays_and_others_until_there_are_enough(
    room: CallRoom, databases: WorkerDatabases, room_database: str
) -> None:
    url = databases.url(room_database, OWNER)
    on_duty = [await room.worker(100 * number, 500, room.grids[0]) for number in range(2)]
    await room.worker(300, 500, room.grids[0], duty=False)
    await room.worker(400, 500, room.grids[0], duty=False)
    found = cast.gather(url, SECRET, least=3)
    assert [player.was_on_duty for player in found.workers] == [True, True, False]
    assert {player.worker_id for player in found.workers[:2]} == {worker.id for worker in on_duty}
    assert found.serials == sorted(terminal.serial for terminal in room.terminals)
    again = cast.gather(url, SECRET, least=3)
    speakers = [account_of(player.token, SECRET) for player in found.workers]
    assert [account_of(player.token, SECRET) for player in again.workers] == speakers
    assert _roles(url, speakers[0]) == [(Role.GRID_WORKER.value, room.grids[0].id)]
    cast.dismiss(url)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        open_ = connection.execute("SELECT count(*) FROM accounts WHERE disabled_at IS NULL").fetchone()
    assert open_ == (0,)


async def test_without_workers_there_is_no_play(room: CallRoom, databases: WorkerDatabases, room_database: str) -> None:
    with pytest.raises(cast.NobodyToPlay, match="no workers here to simulate"):
        cast.gather(databases.url(room_database, OWNER), SECRET, least=3)


def _roles(url: str, account_id: uuid.UUID) -> list[tuple[str, uuid.UUID]]:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('linli.actor', '{\"everywhere\": true}', true)")
        return connection.execute(
            "SELECT role, area_id FROM role_grants WHERE account_id = %s", [account_id]
        ).fetchall()
