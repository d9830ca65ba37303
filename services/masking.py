"""Masking: what is left of a name, a phone or a place for those whose role gives no more (`services.policy`).

What is masked is the same at each reading, so that nothing is learnt by reading often.
"""

import hashlib
import hmac
import math
import re
import struct
import uuid

from shapely import Point
from shapely.geometry.base import BaseGeometry

HIDDEN = "**"
NEAREST_METERS, FARTHEST_METERS = 80.0, 250.0
TRIES = 32
METERS_PER_DEGREE = 111_320.0


def name(text: str | None) -> str | None:
    """张** for any name that begins so: neither the rest nor its length."""
    return text[0] + HIDDEN if text else text


def phone(text: str | None) -> str | None:
    """138****1234; nothing but stars of a number too short to hide between its ends."""
    if not text:
        return text
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else "****"


def address(text: str) -> str:
    """The address without its numbers: the street, not the door."""
    return re.sub(r"[0-9０-９]+", HIDDEN, text)


def place(location: Point, grid: BaseGeometry, id_: uuid.UUID, key: bytes) -> Point:
    """A point of the grid 80 to 250 m from the true one, in degrees (WGS 84); the same for an id at each reading.

    Direction and distance come from HMAC-SHA256 of the id under a key outside the database, so that they cannot be
    taken back. In a grid too small for it, some point of the grid that tells nothing of the true one.
    """
    for count in range(TRIES):
        moved = _moved(location, hmac.digest(key, b"place" + id_.bytes + bytes([count]), hashlib.sha256))
        if grid.contains(moved):
            return moved
    inside: Point = grid.representative_point()
    return inside


def _moved(location: Point, digest: bytes) -> Point:
    turn, share = (number / 2**32 for number in struct.unpack(">II", digest[:8]))
    meters = math.sqrt(NEAREST_METERS**2 + share * (FARTHEST_METERS**2 - NEAREST_METERS**2))  # even over the ring
    north = meters * math.cos(2 * math.pi * turn) / METERS_PER_DEGREE
    east = meters * math.sin(2 * math.pi * turn) / METERS_PER_DEGREE / math.cos(math.radians(location.y))
    return Point(location.x + east, location.y + north)
