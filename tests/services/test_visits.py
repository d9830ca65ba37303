"""When a visit is due, how late it is, what stands against one that came late; who may consent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services import consents, openings, visits
from services.care_records import days_between
from services.care_teams import missing_duties
from services.consents import ConsentGiven
from services.models import CareCategory, CareRecord, CareTeamMember, ConsentGiver, Visit, VisitConflict, new_id
from services.residents import masked_number
from services.visits import Told

NINE = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
BY_RISK = {"HIGH": 7, "KEY": 30, "GENERAL": 90}


def category(**more: object) -> CareCategory:
    """Elders living alone: monthly, or by risk."""
    return CareCategory(code="ELDER_ALONE", visit_every_days=30, visit_days_by_level=BY_RISK, team_duties=[], **more)


def record(**more: object) -> CareRecord:
    """Opened at nine."""
    return CareRecord(id=new_id(), opened_at=NINE, version=3, **more)


@pytest.mark.parametrize(("level", "days"), [(None, 30), ("HIGH", 7), ("KEY", 30), ("GENERAL", 90), ("UNKNOWN", 30)])
def test_the_level_says_how_often(level: str | None, days: int) -> None:
    """Else the category."""
    assert days_between(category(), level) == days


def test_due_after_the_last_visit_or_the_opening_or_sooner() -> None:
    """A week after the opening; a week after the visit of the third day; at once when a change says so, never later."""
    assert visits.due_at(category(), record(level="HIGH")) == NINE + timedelta(days=7)
    seen = NINE + timedelta(days=3)
    assert visits.due_at(category(), record(level="HIGH", last_visit_at=seen)) == NINE + timedelta(days=10)
    soon, far = NINE + timedelta(hours=24), NINE + timedelta(days=60)
    assert visits.due_at(category(), record(level="HIGH", visit_by=soon)) == soon
    assert visits.due_at(category(), record(level="HIGH", visit_by=far)) == NINE + timedelta(days=7)


def test_overdue_in_full_days() -> None:
    """Not yet, a second, a day less a second, a day."""
    late = [timedelta(days=-2), timedelta(seconds=1), timedelta(days=1, seconds=-1), timedelta(days=1)]
    assert [visits.overdue_days(NINE, NINE + one) for one in late] == [0, 0, 0, 1]


def test_what_stands_against_a_visit() -> None:
    """Another on that day, a record changed since version 2, a closed one; nothing against version 3 alone."""
    told = Told(new_id(), NINE, "ROUTINE", based_on=3)
    assert visits.conflicts(told, record(), []) == []
    old = Told(new_id(), NINE, "ROUTINE", based_on=2)
    assert visits.conflicts(old, record(closed_at=NINE), [Visit()]) == [
        VisitConflict.SAME_DAY,
        VisitConflict.RECORD_CHANGED,
        VisitConflict.RECORD_CLOSED,
    ]


def test_the_team_of_five() -> None:
    """Community detox wants five; two are there, three are named in the category's order."""
    detox = category()
    detox.team_duties = ["GRID_WORKER", "ANTI_DRUG_CADRE", "SOCIAL_WORKER", "VOLUNTEER", "POLICE_OFFICER"]
    there = [CareTeamMember(duty="SOCIAL_WORKER"), CareTeamMember(duty="GRID_WORKER")]
    assert missing_duties(detox, there) == ["ANTI_DRUG_CADRE", "VOLUNTEER", "POLICE_OFFICER"]


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2012, 5, 20), date(2026, 5, 19), 13),
        (date(2012, 5, 20), date(2026, 5, 20), 14),
        (date(2012, 2, 29), date(2026, 2, 28), 13),
        (date(2012, 2, 29), date(2026, 3, 1), 14),
    ],
)
def test_full_years(born: date, day: date, years: int) -> None:
    """The birthday itself counts; a leap day's is on the first of March."""
    assert consents.years_between(born, day) == years


def test_who_may_consent() -> None:
    """At 13 a named guardian and nobody else; at 14 oneself; with an unknown birth date whoever says so."""
    today = date(2026, 5, 20)
    alone = ConsentGiven(ConsentGiver.PERSON, today, ["VISITS"])
    unnamed = ConsentGiven(ConsentGiver.GUARDIAN, today, ["VISITS"], " ")
    guardian = ConsentGiven(ConsentGiver.GUARDIAN, today, ["VISITS"], "Hui An")
    for refused in (alone, unnamed):
        with pytest.raises(consents.GuardianMustConsent, match="13 years old"):
            consents.check(refused, date(2012, 5, 21), today)
    consents.check(guardian, date(2012, 5, 21), today)
    consents.check(alone, date(2012, 5, 20), today)
    consents.check(alone, None, today)


def test_a_reason_has_to_say_something() -> None:
    """Spaces do not count, nor one letter over and over; kept with single spaces."""
    for reason in ("", " " * 40, "too short", "aaaaaaaaaaaaaaaaaaaaaaaa"):
        with pytest.raises(openings.ReasonTooShort, match="at least 15"):
            openings.checked_reason(reason, 15)
    assert openings.checked_reason("  gas  smelt at\nher door ", 15) == "gas smelt at her door"


def test_of_a_number_the_last_four_remain() -> None:
    """Eighteen characters, fourteen stars."""
    assert masked_number("11010119900307003X") == "*" * 14 + "003X"
