"""Threads apart from those that everybody shares: the search for help waits behind no audit and no line that is dead.

What `asyncio.to_thread` does shares a handful of threads (the processors and four): an audit may have one for seconds,
and each push service that is not to be reached one for ten.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

Values = ParamSpec("Values")
Answer = TypeVar("Answer")

SEARCHES: Executor = ThreadPoolExecutor(4, "dispatch")
"""For whatever a call waits for: ways and times over the streets, assignments."""
PUSHES: Executor = ThreadPoolExecutor(64, "push")
"""For push services, which may be slow."""


async def run(pool: Executor, act: Callable[Values, Answer], *values: Values.args, **named: Values.kwargs) -> Answer:
    """The answer of `act`, called in a thread of the pool; raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(pool, partial(act, *values, **named))


async def search(act: Callable[Values, Answer], *values: Values.args, **named: Values.kwargs) -> Answer:
    """`run` in the threads of dispatch."""
    return await run(SEARCHES, act, *values, **named)
