"""Fixtures of the services' tests."""

from tests.roomfixtures import room, room_database
from tests.services.county import county, gridded, housed

__all__ = ["county", "gridded", "housed", "room", "room_database"]
