"""Fixtures of the services' tests."""

from tests.roomfixtures import room, room_database
from tests.services.county import county, county_database, gridded, housed

__all__ = ["county", "county_database", "gridded", "housed", "room", "room_database"]
