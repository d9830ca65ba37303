"""Fixtures of whole stories."""

from tests.roomfixtures import neighbourhoods, room, room_database

__all__ = ["neighbourhoods", "room", "room_database"]
