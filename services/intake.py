"""What follows a committed press at once, whichever way it came: help is looked for.

Those who watch were told by the commit.
"""

import asyncio

import structlog

from services.dispatcher import Dispatcher
from services.models.calls import CallStatus
from services.presses import Ahead, Pressed

log = structlog.get_logger()

_under_way: set["asyncio.Task[None]"] = set()


def begin(pressed: Pressed, dispatcher: Dispatcher) -> None:
    """Start what need not be waited for; a repeated press has been through here before."""
    if pressed.repeated or pressed.call.status is not CallStatus.OPEN:
        return
    if pressed.ahead is None or not dispatcher.idle:
        dispatcher.put(pressed.call.id, pressed.call.priority)
        return
    task = asyncio.create_task(_go_ahead(pressed, pressed.ahead, dispatcher))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _go_ahead(pressed: Pressed, offer: Ahead, dispatcher: Dispatcher) -> None:
    """Make the offer that was thought of ahead; the dispatcher looks again when that does not hold any longer."""
    try:
        offered = await offer()
    except Exception as problem:
        log.warning("not offered ahead", call=str(pressed.call.id), error=type(problem).__name__)
        offered = None
    if offered is None:
        dispatcher.put(pressed.call.id, pressed.call.priority)
