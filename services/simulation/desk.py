"""The simulated duty desk: follows every call, tells what it sees, answers the alarm, pays the visit afterwards."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from services import clock
from services.simulation import pace as habits
from services.simulation.api import CONNECT_AGAIN_SECONDS, Api, Refused
from services.simulation.pace import Pace
from services.simulation.tally import Tally

AREAS = "{ viewer { areas { id } } }"
EVENTS = """
subscription ($areaId: ID!, $afterSequence: Int) { callEvents(areaId: $areaId, afterSequence: $afterSequence) {
  sequence at kind call { id status priority terminalSerial holder { code }
                          currentOffer { etaSeconds worker { code } } } } }
"""
CLAIM = "mutation ($id: ID!) { claimCall(id: $id) { id } }"
CANDIDATES = "query ($id: ID!) { call(id: $id) { candidates(first: 10) { eligible worker { id code } } } }"
OFFER = "mutation ($id: ID!, $workerId: ID!) { offerCall(id: $id, workerId: $workerId) { id } }"
RESOLVE = 'mutation ($id: ID!) { resolveCall(id: $id, outcome: HELP_GIVEN, note: "电话指导") { id } }'
VISIT = "mutation ($id: ID!) { followUpCall(id: $id, satisfied: true) { id } }"


@dataclass
class Desk:
    """One dispatcher with rights everywhere; `tell` takes each line."""

    api: Api
    token: str
    pace: Pace
    codes: set[str]
    tell: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    _acts: set["asyncio.Task[None]"] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)

    async def live(self) -> None:
        """Follow all districts until cancelled."""
        areas = (await self.api.ask(self.token, AREAS))["viewer"]["areas"]
        try:
            await asyncio.gather(*(self._follow(area["id"]) for area in areas))
        finally:
            for act in self._acts:
                act.cancel()

    async def _follow(self, area_id: str) -> None:
        """Every change once and in order, over any number of connections."""
        last: int | None = None
        while True:
            self.listening.set()
            async for told in self.api.follow(self.token, EVENTS, areaId=area_id, afterSequence=last):
                last = told["callEvents"]["sequence"]
                self._hear(told["callEvents"])
            await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    def _hear(self, event: dict[str, Any]) -> None:
        call, kind, at = event["call"], event["kind"], datetime.fromisoformat(event["at"])
        self.tally.hear(call["id"], kind, at)
        self.tell(line(self._numbers.setdefault(call["id"], len(self._numbers) + 1), kind, at, call))
        self.changed.set()
        if kind == "RANG":
            self._begin(self._answer(call["id"]))
        elif kind == "RESOLVED":
            self._begin(self._visit(call["id"]))

    def _begin(self, act: Any) -> None:
        task = asyncio.ensure_future(_unless_refused(act))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    async def _answer(self, call_id: str) -> None:
        """Take the call in hand, and give it to somebody who is free; if nobody is, help by telephone."""
        await self.pace.wait(habits.AT_THE_DESK)
        await self.api.ask(self.token, CLAIM, id=call_id)
        await self.pace.wait(habits.AT_THE_DESK)
        found = (await self.api.ask(self.token, CANDIDATES, id=call_id))["call"]["candidates"]
        free = [c["worker"]["id"] for c in found if c["eligible"] and c["worker"]["code"] in self.codes]
        if free:
            await self.api.ask(self.token, OFFER, id=call_id, workerId=free[0])
        else:
            await self.api.ask(self.token, RESOLVE, id=call_id)

    async def _visit(self, call_id: str) -> None:
        await self.pace.wait(habits.UNTIL_THE_VISIT)
        await self.api.ask(self.token, VISIT, id=call_id)


def line(number: int, kind: str, at: datetime, call: dict[str, Any]) -> str:
    """One event as a line: when, which call, what, who."""
    offer, holder = call["currentOffer"], call["holder"]
    who = ""
    if kind == "OPENED":
        who = f"{call['terminalSerial']}, priority {call['priority']}"
    elif kind == "OFFERED" and offer:
        away = "" if offer["etaSeconds"] is None else f", {offer['etaSeconds']:.0f} s away"
        who = offer["worker"]["code"] + away
    elif holder and kind in ("ACCEPTED", "ARRIVED", "RESOLVED"):
        who = holder["code"]
    return f"{at.astimezone(clock.zone()):%H:%M:%S}  call {number:<4} {kind:<16} {who}".rstrip()


async def _unless_refused(act: Any) -> None:
    """What the platform refuses has been done by somebody else meanwhile; the alarm rings again if it has not."""
    try:
        await act
    except (Refused, httpx.HTTPError):
        return
