"""Teams of volunteers and their rosters (S1, S9): posts to report to, training, kit, duty times.

An organisation and its members are in `organisations`. Rows here name workers, not residents: the staff of the area may
read them, each member the own ones. `area_id` is the column by which a row is judged.
"""

import uuid
from datetime import date, time

import sqlalchemy as sa
from geoalchemy2 import WKBElement
from sqlalchemy.orm import Mapped, mapped_column

from services.models.base import Identified, point


class Post(Identified):
    """A place where members of a team report for duty (报到点)."""

    __tablename__ = "posts"
    __table_args__ = (sa.Index("ix_posts_organisation_id", "organisation_id"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"), index=True)
    name: Mapped[str] = mapped_column(sa.Text)
    location: Mapped[WKBElement] = point(index=False)
    needed: Mapped[int] = mapped_column(default=1)


class RosterDuty(Identified):
    """A member stands at a post each week in these hours, local time; an end at or before the start is on the next day.

    `until` is the last day that it holds for.
    """

    __tablename__ = "roster_duties"
    __table_args__ = (
        sa.Index("ix_roster_duties_post_id", "post_id"),
        sa.Index("ix_roster_duties_worker_id", "worker_id"),
        sa.CheckConstraint("cardinality(weekdays) > 0", name="weekdays"),
        sa.CheckConstraint("until >= since", name="span"),
    )

    post_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("posts.id"))
    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    weekdays: Mapped[list[int]] = mapped_column(sa.ARRAY(sa.SmallInteger))
    starts: Mapped[time]
    ends: Mapped[time]
    since: Mapped[date]
    until: Mapped[date | None]


class Training(Identified):
    """A member was trained in something; after `valid_until` it has to be done again."""

    __tablename__ = "trainings"
    __table_args__ = (sa.Index("ix_trainings_worker_id", "worker_id"),)

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    subject: Mapped[str] = mapped_column(sa.String(80))
    held_on: Mapped[date]
    hours: Mapped[float]
    valid_until: Mapped[date | None]


class KitIssue(Identified):
    """A member has a piece of the team's kit (armband, vest, torch) until it is given back."""

    __tablename__ = "kit_issues"
    __table_args__ = (sa.Index("ix_kit_issues_worker_id", "worker_id"),)

    worker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("workers.id"))
    area_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("areas.id"))
    item: Mapped[str] = mapped_column(sa.String(80))
    number: Mapped[str | None] = mapped_column(sa.String(40))
    issued_on: Mapped[date]
    returned_on: Mapped[date | None]
