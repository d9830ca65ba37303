"""The numbers of the calls as settings: windows, time-outs, ages; each is a field of `ladder.CallRules`."""

from dataclasses import fields, replace
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from services.ladder import RULES, CallRules

SECONDS = "a number of seconds, above 0"


def _number(name: str, meaning: str, allowed: str = SECONDS, **rules: Any) -> Any:
    return Field(getattr(RULES, name), description=meaning, json_schema_extra={"allowed": allowed}, **{"gt": 0} | rules)


class CallSettings(BaseSettings):
    """What an operator may change about calls; what is not here follows from the design."""

    join_seconds: float = _number("join_seconds", "Another press within this time joins the open call.")
    answer_seconds: float = _number("answer_seconds", "By when somebody should have taken a call.")
    own_grid_advantage_seconds: float = _number(
        "own_grid_advantage_seconds",
        "The own grid's worker is asked first when at most this much slower.",
        "a number of seconds, 0 or more",
        gt=-1,
    )
    position_stale_seconds: float = _number(
        "position_stale_seconds", "A position older than this counts no more; the worker's post stands for it."
    )
    claim_stale_seconds: float = _number(
        "claim_stale_seconds", "A claim at the desk lapses when `keepClaim` is silent for this long."
    )
    ask_after_seconds: float = _number(
        "ask_after_seconds", "Who has accepted and neither moves nor arrives is asked after this time."
    )
    ask_after_answer_seconds: float = _number(
        "ask_after_answer_seconds", "Who was asked after and does not answer in this time loses the call."
    )
    offline_seconds: float = _number(
        "offline_seconds", "A worker whose last socket dropped has this long to come back, then the next one is asked."
    )
    presence_stale_seconds: float = _number(
        "presence_stale_seconds",
        "A server process that is silent for this long is taken for dead, and its sockets for dropped.",
        "a number of seconds from 10",
        ge=10,
    )
    contacts_unanswered_seconds: float = _number(
        "contacts_unanswered_seconds", "Emergency contacts are told when nobody has taken a call for this long."
    )
    follow_up_seconds: float = _number("follow_up_seconds", "When the return visit is due, and asked for again.")
    desk_ring_seconds: float = _number(
        "desk_ring_seconds", "How often the duty desk rings again; twice as often in an emergency."
    )
    surge_calls: int = _number(
        "surge_calls", "From how many calls at once they are assigned together.", "a whole number from 2", ge=2
    )
    silent_beats: float = _number("silent_beats", "How many heartbeats a terminal may miss.", "a number above 0")
    silent_beats_in_care: float = _number(
        "silent_beats_in_care", "The same where somebody is under special care.", "a number above 0"
    )
    silent_beats_in_close_care: float = _number(
        "silent_beats_in_close_care", "The same where the level of that care is close.", "a number above 0"
    )
    close_care_days: int = _number(
        "close_care_days",
        "Care is close at a level that is visited at least once in so many days.",
        "a whole number from 1 to 90",
        ge=1,
        le=90,
    )
    low_battery_percent: int = _number(
        "low_battery_percent", "A terminal's battery is low from this down.", "a whole number from 1 to 99", ge=1, le=99
    )
    trouble_repeat_seconds: float = _number(
        "trouble_repeat_seconds", "A terminal's trouble that lasts is told again after this."
    )
    trouble_repeat_in_care_seconds: float = _number(
        "trouble_repeat_in_care_seconds", "The same where somebody is under special care."
    )
    trouble_repeat_in_close_care_seconds: float = _number(
        "trouble_repeat_in_close_care_seconds", "The same where the level of that care is close."
    )
    rung_seconds: float = Field(
        45,
        gt=0,
        description="How long each rung of the default ladder has; a community may have a ladder of its own.",
        json_schema_extra={"allowed": SECONDS},
    )
    rung_emergency_seconds: float = Field(
        30, gt=0, description="The same in an emergency.", json_schema_extra={"allowed": SECONDS}
    )


def call_rules(settings: CallSettings) -> CallRules:
    """The rules with the operator's numbers."""
    given = {each.name: getattr(settings, each.name) for each in fields(CallRules) if hasattr(settings, each.name)}
    time, emergency_time = settings.rung_seconds, settings.rung_emergency_seconds
    rungs = tuple(
        rung if rung.is_desk else replace(rung, time=time, emergency_time=emergency_time) for rung in RULES.rungs
    )
    return replace(RULES, rungs=rungs, **given)
