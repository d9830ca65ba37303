"""The first offer of a new call, chosen ahead: who is near is read with the press, and judged while it is committed.

It is made by one conditional message after the commit. When anything is not as it was thought (nobody fits, another
call was quicker with that worker, the call has gone on meanwhile) nothing is written, and the call goes the usual way.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache, reduce
from types import SimpleNamespace
from typing import Any

import orjson

from services import candidates, clock, contacts, dispatch_sheets, ladder, ladders, reach
from services.candidates import FREE_AND_NEW, nearest_sql
from services.choosing import Candidate, choose
from services.contacts import Moment
from services.direct_lines import Value
from services.ladder import CallRules, Rung
from services.models.calls import Call
from services.proposals import Proposal
from services.reach import Door, Place

_AROUND = f"""
WITH home AS MATERIALIZED (
  SELECT h.id, h.location, h.grid_id, g.parent_id AS community_id, h.floor, h.has_lift,
         {dispatch_sheets.SKILLS.format(home="h.id")} AS skills,
         (SELECT rungs FROM ladders WHERE community_id = g.parent_id AND matter = '{ladders.CALL}') AS rungs
  FROM terminals t JOIN households h ON h.id = t.household_id JOIN areas g ON g.id = h.grid_id
  WHERE t.serial = :serial
)
SELECT json_build_object(
  'home', (SELECT json_build_object('door', json_build_array(ST_X(location), ST_Y(location), floor, has_lift),
                                    'skills', skills, 'rungs', rungs) FROM home),
  'contacts', (SELECT json_agg(json_build_array(id, language, channel) ORDER BY id)
               FROM emergency_contacts WHERE household_id = (SELECT id FROM home)),
  'near', (%s)
)::text
"""
_OF_THE_HOME = {
    ":longitude": "(SELECT ST_X(location) FROM home)",
    ":latitude": "(SELECT ST_Y(location) FROM home)",
    ":grid_id": "(SELECT grid_id FROM home)",
    ":community_id": "(SELECT community_id FROM home)",
    ":roles": "ARRAY[:role]",
    ":free_only": "true",
}


@cache
def around(count: int) -> str:
    """What must be known of a terminal's home, and the nearest `count` who are free: one JSON object.

    Values as `values` gives them.
    """
    near = reduce(lambda sql, one: sql.replace(*one), _OF_THE_HOME.items(), nearest_sql(count, FREE_AND_NEW))
    return _AROUND % f"SELECT coalesce(json_agg(found), '[]') FROM ({near}) AS found"


def values(serial: str, rules: CallRules) -> dict[str, Value]:
    """Those who are asked are of the role of the first rung of the rules; another ladder asks others, later."""
    now, role = clock.now(), rules.rungs[0].role
    since = now - timedelta(seconds=rules.position_stale_seconds)
    return {"serial": serial, "role": role.value if role else "", "now": now, "today": clock.today(), "since": since}


def proposal(call: Call, told: str, rules: CallRules) -> Proposal | None:
    """Whom to ask first, with the way there, of what `around` has told; None when that takes a closer look.

    A search of the streets nearby, of a millisecond or two: shorter than it takes to hand it to a thread.
    """
    found, rung = orjson.loads(told), rules.rungs[0]
    home = found["home"]
    if home is None or call.mark or not _is_as_asked(home["rungs"], rung):
        return None
    near = _near(Door(*home["door"]), found["near"], rung, rules)
    choice = choose(near, rung, home["skills"], rules) if near else None
    if choice is None or choice.chosen is None:
        return None
    urgent = rules.is_emergency(call.priority)
    seconds = rung.emergency_time if urgent else rung.time
    also = _told(call, found["contacts"] or ()) if urgent else ()
    return Proposal(call, choice.chosen, choice.verdicts, rung.code, 1, seconds, also=also)


def _is_as_asked(rungs: Sequence[Mapping[str, Any]] | None, rung: Rung) -> bool:
    """Whether the ladder of the home begins as the rules do, and asks nobody who is far."""
    near = rung.limit_seconds is not None and rung.limit_seconds <= reach.NEAR_SECONDS
    return near and not rung.is_desk and (not rungs or ladder.read(rungs)[0] == rung)


def _near(door: Door, told: Sequence[Mapping[str, Any]], rung: Rung, rules: CallRules) -> list[Candidate]:
    """Who is near with their trips; nobody when somebody farther away might be there first."""
    rows = [SimpleNamespace(**{**row, "id": uuid.UUID(row["id"])}) for row in told]
    places = [Place(row.longitude, row.latitude) for row in rows]
    trips = reach.trips(reach.current_network(), door, places, rung.limit_seconds, rules=rules)
    near = [candidates.candidate(row, trip) for row, trip in zip(rows, trips, strict=True)]
    within = [row.degrees for row in rows if row.within]
    everybody = len(within) < rules.candidates_searched
    return near if everybody or candidates.is_final(near, within[-1], door, rung.limit_seconds) else []


def _told(call: Call, those: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """What the contacts of the home hear of an emergency."""
    return [contacts.message(call, id_, language, channel, Moment.EMERGENCY) for id_, language, channel in those]
