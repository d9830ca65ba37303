"""Community detox plan (社区戒毒, S11): taken over without a gap, a team of five, tests by schedule, reviews, three
years.

Sealed: seen by the case's own team alone. The five are joined with the parts of `FIVE`; without all five the plan does
not begin, and whoever leaves is replaced before it goes into its next year. 禁毒法 art. 33: three years; 戒毒条例
art. 14: report within 15 days. Tests monthly, then every two, then every three months; a summary each half year, a
review each year, as local practice has it. All spans are calendar days.
"""

import enum
from datetime import date

from pydantic import Field

from services.cases.common import clock_actions, team_actions
from services.cases.kind import STAY, Action, Form, Kind, Party, Rung, Situation, Start, Term, action
from services.cases.refusals import NotMet
from services.errors import Refusal
from services.ladder import TimeUnit
from services.models.accounts import Role
from services.models.areas import AreaLevel

DAY = 86_400
FIVE = frozenset({"GRID_WORKER", "ANTI_DRUG_CADRE", "SOCIAL_WORKER", "VOLUNTEER", "POLICE_OFFICER"})
YEARS = ("YEAR_ONE", "YEAR_TWO", "YEAR_THREE")
EVERY_DAYS = {"YEAR_ONE": 30, "YEAR_TWO": 60, "YEAR_THREE": 90}
YEAR_DAYS = 365
OF_YEAR = {
    "YEAR_ONE": ("BEGIN", "NEXT_YEAR"),
    "YEAR_TWO": ("NEXT_YEAR", "LAST_YEAR"),
    "YEAR_THREE": ("LAST_YEAR", "COMPLETE"),
}
"""The action with which a year begins, and the one with which it ends."""


class Result(enum.StrEnum):
    """What a test gave."""

    NEGATIVE = "NEGATIVE"
    POSITIVE = "POSITIVE"
    NOT_TAKEN = "NOT_TAKEN"


class Plan(Form):
    """A plan as it is ordered; who it is for is in the care record, not here."""

    ordered_on: date = Field(title="决定日期")
    care_record_id: str = Field(default="", max_length=40, title="关爱档案")


class Begun(Form):
    """The person has reported, and has signed the agreement on community detox."""

    reported_on: date
    agreement_signed: bool


class Test(Form):
    """One test."""

    taken_on: date
    result: Result


class Review(Form):
    """The review at a year's end."""

    fit_to_go_on: bool


class Elsewhere(Form):
    """Where the person moves to, and who takes the plan over there."""

    area_code: str = Field(pattern="^[0-9]{12}$")
    leaves_on: date


class Received(Form):
    """The other community has taken the plan over."""

    received_on: date


def team(situation: Situation) -> set[str]:
    """The parts that are filled now."""
    parts: dict[str, str] = {}
    for each in situation.past:
        if each.action == "JOIN_MEMBER":
            parts[each.fields["account_id"]] = each.fields["part"]
        elif each.action == "LEAVE_MEMBER":
            parts.pop(each.fields["account_id"], None)
    return set(parts.values())


def five_stand(situation: Situation) -> Refusal | None:
    """All five parts are filled."""
    missing = sorted(FIVE - team(situation))
    return NotMet(reason=f"The team of five lacks: {', '.join(missing)}.") if missing else None


def may_begin(situation: Situation) -> Refusal | None:
    """The agreement is signed, and all five stand ready."""
    if not situation.fields["agreement_signed"]:
        return NotMet(reason="The agreement on community detox is not signed.")
    return five_stand(situation)


def year_is_over(situation: Situation) -> Refusal | None:
    """A year goes from the beginning, or from the review before; the team of five stands."""
    since = [each for each in situation.past if each.action in ("BEGIN", "NEXT_YEAR", "LAST_YEAR")][-1]
    if (situation.today - since.at.date()).days < YEAR_DAYS:
        return NotMet(reason=f"The year is not over: it began on {since.at.date()}.")
    if not situation.fields["fit_to_go_on"]:
        return NotMet(reason="A review that does not let the plan go on ends it: use BREAK_OFF.")
    return five_stand(situation)


def without_gap(situation: Situation) -> Refusal | None:
    """The other community takes over no later than the day on which the person leaves."""
    handed = situation.done("HAND_OVER")
    if not handed:
        return NotMet(reason="Say first where the person moves to, with HAND_OVER.")
    leaves = handed[-1].fields["leaves_on"]
    late = situation.fields["received_on"] > leaves
    return NotMet(reason=f"That leaves a gap: the person leaves on {leaves}.") if late else None


def tested(year: str) -> Action:
    """The test of a year: each starts the clock of the next."""
    return action(f"TEST_{year}", f"{year} >", (Party.TEAM,), fields=Test)


def test_term(year: str) -> Term:
    """When the next test of a year is due."""
    begins, ends = OF_YEAR[year]
    return Term(
        f"TEST_{year}",
        EVERY_DAYS[year] * DAY,
        met_by=(f"TEST_{year}", ends, "BREAK_OFF", "TAKEN_OVER"),
        starts=Start.ACTION,
        started_by=(begins, f"TEST_{year}"),
        unit=TimeUnit.SECONDS,
        missed=STAY,
    )


def spaced(name: str, days: int, met_by: tuple[str, ...], started_by: tuple[str, ...]) -> Term:
    """Something due so many days after an action."""
    return Term(name, days * DAY, met_by, Start.ACTION, started_by=started_by, unit=TimeUnit.SECONDS, missed=STAY)


TEAM = (Party.TEAM,)
RUNNING = " ".join(YEARS)
OPEN = f"ORDERED {RUNNING}"

KIND = Kind(
    code="DETOX",
    prefix="JD",
    name="社区戒毒帮教",
    name_en="Community detox plan",
    details=Plan,
    states={
        "ORDERED": "待报到",
        "YEAR_ONE": "第一年",
        "YEAR_TWO": "第二年",
        "YEAR_THREE": "第三年",
        "COMPLETED": "期满解除",
        "BROKEN_OFF": "终止",
        "TAKEN_OVER": "已移交外地",
    },
    initial="ORDERED",
    ends=frozenset({"COMPLETED", "BROKEN_OFF", "TAKEN_OVER"}),
    rungs=(Rung("COMMUNITY", AreaLevel.COMMUNITY, (Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER)),),
    actions=(
        action("BEGIN", "ORDERED > YEAR_ONE", TEAM, fields=Begun, guard=may_begin),
        *(tested(year) for year in YEARS),
        action("SUMMARISE", f"{RUNNING} >", TEAM, needs_note=True),
        action("NEXT_YEAR", "YEAR_ONE > YEAR_TWO", TEAM, fields=Review, guard=year_is_over),
        action("LAST_YEAR", "YEAR_TWO > YEAR_THREE", TEAM, fields=Review, guard=year_is_over),
        action("COMPLETE", "YEAR_THREE > COMPLETED", TEAM, fields=Review, guard=year_is_over),
        action("BREAK_OFF", f"{OPEN} > BROKEN_OFF", TEAM, needs_note=True),
        action("HAND_OVER", f"{RUNNING} >", TEAM, fields=Elsewhere),
        action("TAKEN_OVER", f"{RUNNING} > TAKEN_OVER", TEAM, fields=Received, guard=without_gap),
        action("NOTE", f"{OPEN} >", TEAM, needs_note=True, while_paused=True),
        *team_actions(OPEN),
        *clock_actions(OPEN),
    ),
    terms=(
        Term("REPORT", 15 * DAY, met_by=("BEGIN", "BREAK_OFF"), unit=TimeUnit.SECONDS, missed=STAY),
        *(test_term(year) for year in YEARS),
        spaced("SUMMARY", 182, ("SUMMARISE",), ("BEGIN", "SUMMARISE")),
        spaced("REVIEW", YEAR_DAYS, ("NEXT_YEAR", "LAST_YEAR", "COMPLETE"), ("BEGIN", "NEXT_YEAR", "LAST_YEAR")),
    ),
    roles=frozenset({Role.SOCIAL_WORKER, Role.COMMUNITY_STAFF, Role.MANAGER}),
    sealed=True,
)
