"""A lane for what can wait: one step at a time, and the process's other work between two steps.

An event loop runs all that is ready before it looks at what came: behind a hundred reports of positions a press would
stand still at each of its steps. In a lane a hundred reports are a hundred turns, and a press waits for one of them.
Nothing is dropped, and nobody is overtaken within the lane; it moves on each time round, so that it always moves.
"""

import asyncio
from collections import deque


class Lane:
    """The turns of one server process."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_moving = False

    async def turn(self) -> None:
        """Returns when it is one's turn: at once where nobody had one this time round."""
        loop = asyncio.get_running_loop()
        if not self._is_moving:
            self._is_moving = True
            loop.call_soon(self._move)
            return
        waiting = loop.create_future()
        self._waiting.append(waiting)
        await waiting

    def _move(self) -> None:
        """The next who still waits; whoever went away meanwhile costs no turn."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                asyncio.get_running_loop().call_soon(self._move)
                return
        self._is_moving = False
