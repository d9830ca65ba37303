"""Fixtures of the services' tests."""

from tests.roomfixtures import neighbourhoods, room, room_database
from tests.services.county import county, gridded, housed

__all__ = ["county", "gridded", "housed", "neighbourhoods", "room", "room_database"]
