"""Tasks that are asked to end do end, also when the asking was lost on its way.

In Python 3.11 a cancellation is lost when it meets an answer in `asyncio.wait_for`, a fault in a `TaskGroup` whose
children are still ending, or a library's own fault on leaving a block: an endless loop would go on, and whoever waits
for its end with it.
"""

import asyncio
from typing import Any

ASK_AGAIN_SECONDS = 5.0


async def end(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel, again where it was lost, until all have ended; faults of theirs are nobody's any more."""
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=ASK_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)


def raise_if_asked_to_end() -> None:
    """Raises asyncio.CancelledError when the task that runs was cancelled and has gone on: for each round of a loop."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
