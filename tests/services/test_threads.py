"""Help is looked for while others have all the threads that everybody shares."""

import asyncio
import threading

import pytest

from services import threads
from services.models import CallStatus
from tests.callroom import CallRoom

MORE_THAN_THERE_ARE = 100


async def test_a_call_is_dispatched_while_every_shared_thread_is_busy(room: CallRoom) -> None:
    worker = await room.worker(300)
    over = threading.Event()
    busy = [asyncio.create_task(asyncio.to_thread(over.wait, 60)) for _ in range(MORE_THAN_THERE_ARE)]
    try:
        async with asyncio.timeout(30):
            call = await room.call_for_help()
        assert not over.is_set()
    finally:
        over.set()
        await asyncio.gather(*busy)
    assert call.status is CallStatus.OFFERED
    assert await room.asked(call.id) == worker.id


async def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await threads.search(divmod, 1, 0)
