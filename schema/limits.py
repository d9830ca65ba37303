"""How much one client may ask at once; every bound has one place and one default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request. Cost is the number of values that the answer may hold."""

    body_bytes: int = 1_000_000
    tokens: int = 2_500
    depth: int = 14
    aliases: int = 40
    directives: int = 40
    cost: int = 100_000
    page: int = 200
    seconds: float = 15.0
    reads_at_once: int = 4
    suppress_below: int = 5
    socket_message_bytes: int = 256_000
    socket_init_seconds: float = 5.0
    socket_operations: int = 50
