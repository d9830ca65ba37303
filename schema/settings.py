"""Settings of this house that any page needs before somebody has signed in."""

from datetime import datetime

from strawberry import Parent

from schema.context import Info
from schema.lens import field, lens
from services import clock


@lens
class PublicSettings:
    """What this house has settled and tells anybody."""

    @field()
    def time_zone(self, row: Parent[datetime]) -> str:
        """The jurisdiction's time zone by its IANA name: of working days, of due times, of whatever is a local time."""
        return clock.zone().key

    @field(graphql_type=datetime)
    def now(self, row: Parent[datetime]) -> datetime:
        """The time by the server's clock, by which it is told whether something is late."""
        return row


@lens
class SettingsQuery:
    """What anybody can ask of the house."""

    @field(graphql_type=PublicSettings | None)
    def settings(self, info: Info) -> datetime:
        """What this house has settled; open to those who are not signed in."""
        return clock.now()
