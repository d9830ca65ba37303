"""Reports that come together are kept together, the newest of each worker, each answered with its worker."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from geoalchemy2.shape import to_shape

from services import clock, fixes
from services.database import Database
from services.models import Position, Worker
from services.position_batches import MOST_LINES, PositionBatches
from services.workers import Fix
from tests.callroom import CallRoom


async def _place(room: CallRoom, worker_id: object) -> tuple[float, float]:
    async with room.database.read() as session:
        point = to_shape((await session.get_one(Position, worker_id)).location)
        return point.x, point.y


async def test_many_are_kept_and_each_is_answered_with_its_worker(room: CallRoom) -> None:
    crew = [await room.worker(x) for x in (100, 200, 300)]
    batches = PositionBatches(room.database)
    fixes = [Fix(worker.id, 106.7 + n / 1000, 26.57, clock.now(), 8) for n, worker in enumerate(crew)]
    found = await asyncio.gather(*map(batches.report, fixes))
    assert [worker.id for worker in found] == [worker.id for worker in crew]
    assert [await _place(room, worker.id) for worker in crew] == [(fix.longitude, fix.latitude) for fix in fixes]


async def test_the_newest_of_a_worker_stands_in_whatever_order_they_come(room: CallRoom) -> None:
    worker = await room.worker(100)
    batches, now = PositionBatches(room.database), clock.now()
    fixes = [Fix(worker.id, 106.7 + age / 1000, 26.57, now - timedelta(seconds=age)) for age in (3, 1, 0, 2)]
    await asyncio.gather(*map(batches.report, fixes))
    assert await _place(room, worker.id) == (106.7, 26.57)


async def test_when_a_batch_fails_each_is_kept_by_itself(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    crew = [await room.worker(x) for x in (100, 200, 300)]
    together: list[int] = []
    keep = fixes.keep

    async def only_one(database: Database, items: Sequence[Fix]) -> dict[uuid.UUID, Worker]:
        together.append(len(items))
        if len(items) > 1:
            raise RuntimeError("the store refused the batch")
        return await keep(database, items)

    monkeypatch.setattr(fixes, "keep", only_one)
    batches = PositionBatches(room.database)
    await asyncio.gather(*(batches.report(Fix(worker.id, 106.71, 26.57, clock.now())) for worker in crew))
    assert together == [3, 1, 1, 1]
    assert [await _place(room, worker.id) for worker in crew] == [(106.71, 26.57)] * 3


async def test_a_worker_that_is_gone_is_refused_alone(room: CallRoom) -> None:
    worker = await room.worker(100)
    batches = PositionBatches(room.database)
    nobody = Fix(room.homes[0].id, 106.71, 26.57, clock.now())
    good, bad = await asyncio.gather(
        batches.report(Fix(worker.id, 106.71, 26.57, clock.now())), batches.report(nobody), return_exceptions=True
    )
    assert getattr(good, "id", None) == worker.id
    assert isinstance(bad, Exception)
    assert await _place(room, worker.id) == (106.71, 26.57)


async def test_the_answer_is_the_workers_whole_row(room: CallRoom) -> None:
    made = await room.worker(100)
    async with room.database.write() as session:
        worker = await session.get_one(Worker, made.id)
        worker.skills, worker.languages = ["first aid", 'a "quoted", word'], []
        worker.data_key, worker.phone_sealed, worker.disabled_at = b"\x00key", b"\xffsealed", clock.now()
    answered = await PositionBatches(room.database).report(Fix(made.id, 106.71, 26.57, clock.now(), 8))
    async with room.database.read() as session:
        stored = await session.get_one(Worker, made.id)
    for column in Worker.__table__.columns.keys():
        assert getattr(answered, column) == getattr(stored, column), column


async def test_a_store_that_stands_still_gets_few_connections(room: CallRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    workers = [await room.worker(x) for x in range(100, 1000, 100)]
    keep, under_way, most = fixes.keep, 0, 0

    async def slow(database: Database, items: Sequence[Fix]) -> dict[uuid.UUID, Worker]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            if len(items) > 1:
                raise RuntimeError("the store refused the batch")
            return await keep(database, items)
        finally:
            under_way -= 1

    monkeypatch.setattr(fixes, "keep", slow)
    batches = PositionBatches(room.database)
    found = await asyncio.gather(*(batches.report(Fix(one.id, 106.71, 26.57, clock.now())) for one in workers))
    assert [one.id for one in found] == [one.id for one in workers]
    assert most == MOST_LINES == 4
