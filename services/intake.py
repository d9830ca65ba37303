"""What follows a committed press at once, whichever way it came: help is looked for.

Those who watch were told by the commit.
"""

from services.dispatcher import Dispatcher
from services.models.calls import CallStatus
from services.presses import Pressed


def begin(pressed: Pressed, dispatcher: Dispatcher) -> None:
    """Start what need not be waited for; a repeated press has been through here before."""
    if not pressed.repeated and pressed.call.status is CallStatus.OPEN:
        dispatcher.put(pressed.call.id)
