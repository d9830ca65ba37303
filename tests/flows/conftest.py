"""Fixtures of whole stories."""

from tests.roomfixtures import room, room_database

__all__ = ["room", "room_database"]
