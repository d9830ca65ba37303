"""Steps told to the person who waits: each with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the step's name and its seconds to standard error when it has ended well."""
    begun = time.perf_counter()
    yield
    tell(f"{name:<44} {time.perf_counter() - begun:7.1f} s")


def tell(line: str) -> None:
    """Print a line to standard error at once; standard output is for what a command gives."""
    print(line, file=sys.stderr, flush=True)
