"""The ports of this machine."""

import socket

from services.errors import Refusal


class PortTaken(Refusal):
    """Port {subject} of {host} is taken: {reason}. Stop what listens there, or give another --port."""


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        refuse_taken(host, port)
    except PortTaken:
        return False
    return True


def refuse_taken(host: str, port: int) -> None:
    """Raise PortTaken when a server could not listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTaken(port, host=host, reason=problem.strerror or str(problem)) from None
