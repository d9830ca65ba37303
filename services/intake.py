"""What follows a committed press at once, whichever way it came: help is looked for, and those who watch look."""

from services import events
from services.dispatcher import Dispatcher
from services.models.calls import CallStatus
from services.presses import Pressed
from services.wakeups import Wakeups


def begin(pressed: Pressed, dispatcher: Dispatcher, wakeups: Wakeups) -> None:
    """Start what need not be waited for; a repeated press has been through here before."""
    if pressed.repeated:
        return
    if pressed.call.status is CallStatus.OPEN:
        dispatcher.put(pressed.call.id)
    wakeups.ring(events.CALLS, *pressed.call.area_ids)
