"""Those who use the platform while it breaks: terminals that press, workers' phones, desks, and who watches events."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chaos import lines
from chaos.lines import Line
from chaos.servers import NotAnswered, Server, Servers
from chaos.tally import Tally
from chaos.town import Town, TownTerminal
from services import clock, terminal_keys

MY_OFFERS = "subscription { myOffers { id status call { id status } } }"
ACCEPT = "mutation ($id: ID!) { acceptOffer(id: $id) { id status } }"
DECLINE = 'mutation ($id: ID!) { declineOffer(id: $id, reason: "BUSY") { id status } }'
ARRIVE = "mutation ($id: ID!) { arriveAtCall(id: $id) { id status } }"
RESOLVE = "mutation ($id: ID!) { resolveCall(id: $id, outcome: HELP_GIVEN) { id status } }"
RINGING = "{ calls(filter: {status: RINGING}, first: 20) { edges { node { id } } } }"
CLAIM = "mutation ($id: ID!) { claimCall(id: $id) { id status } }"
EVENTS = """subscription ($area: ID!, $after: Int) {
  callEvents(areaId: $area, afterSequence: $after) { sequence at kind call { id status } } }"""


LONGEST_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A press that was answered: whoever got this answer counts on the call."""

    serial: str
    reference: str
    call_id: uuid.UUID


class Clients:
    """All of them on one set of servers; each goes on until told to stop."""

    def __init__(self, town: Town, servers: Servers, tally: Tally, chance: random.Random) -> None:
        """Nobody acts yet."""
        self._town, self._servers, self._tally, self._chance = town, servers, tally, chance
        self.acknowledged: list[Acknowledged] = []
        self.lines: set[Line] = set()
        self.seen: list[int] = []
        self.last_pressed_at: Server | None = None
        self._pressing = True

    def all(self) -> list[Any]:
        """What is to run, endless each, save the pressing."""
        watchers = [self._watch(number) for number in range(len(self._servers.members))]
        self.seen = [0] * len(watchers)
        phones = [self._phone(token) for token in self._town.crew]
        return [*phones, *(self._desk(token) for token in self._town.desks), *watchers]

    def pressing(self) -> list[Any]:
        """The terminals; each ends after its last press is answered, once told to `calm`."""
        return [self._press_on(terminal) for terminal in self._town.terminals]

    def calm(self) -> None:
        """Nobody presses anew; what was sent is still sent again until it is answered."""
        self._pressing = False

    # -- terminals --------------------------------------------------------------------------------------------------

    async def _press_on(self, terminal: TownTerminal) -> None:
        number = 0
        await asyncio.sleep(self._chance.uniform(0, 3))
        while self._pressing:
            number += 1
            button = "EMERGENCY" if self._chance.random() < 0.1 else "HELP"
            await self._press(terminal, f"{number}", button)
            await asyncio.sleep(self._chance.uniform(3, 8))

    async def _press(self, terminal: TownTerminal, reference: str, button: str) -> None:
        """Send until it is answered, to any server, as the page on calls asks of terminals."""
        time = (clock.now() + timedelta(days=terminal.clock_error_days)).isoformat()
        proof = terminal_keys.signature(terminal.key, terminal.serial, reference, button, time)
        body = {"serial": terminal.serial, "reference": reference, "button": button, "pressedAt": time}
        pause = 0.2
        while True:
            server = self._servers.any()
            try:
                self._tally.counts["presses sent"] += 1
                answer = await self._servers.post(server, "/terminals/press", {**body, "signature": proof})
                break
            except NotAnswered:
                self._tally.counts["presses not answered, sent again"] += 1
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self.last_pressed_at = server
        self._tally.counts["presses acknowledged"] += 1
        self.acknowledged.append(Acknowledged(terminal.serial, reference, uuid.UUID(answer["call"])))

    # -- workers ----------------------------------------------------------------------------------------------------

    async def _phone(self, token: str) -> None:
        """Follow the own offers; come back to any server when the line breaks."""
        while True:
            try:
                async with lines.connected(self._servers.any(), token) as line:
                    await self._answer_offers(line, token)
            except lines.BROKEN:
                self._tally.counts["sockets broken"] += 1
            await asyncio.sleep(self._chance.uniform(0.1, 1))

    async def _answer_offers(self, line: Line, token: str) -> None:
        self.lines.add(line)
        try:
            async for data in line.follow(MY_OFFERS):
                offer = data["myOffers"]
                if offer["status"] == "OFFERED":
                    await self._consider(token, offer)
                elif offer["status"] == "ACCEPTED" and offer["call"] and offer["call"]["status"] != "RESOLVED":
                    await self._go(token, offer["call"])
        finally:
            self.lines.discard(line)

    async def _consider(self, token: str, offer: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, 0.6))
        draw = self._chance.random()
        if draw < 0.65:
            await self._insist("offers accepted", token, ACCEPT, offer["id"])
        elif draw < 0.85:
            await self._insist("offers declined", token, DECLINE, offer["id"])
        else:
            self._tally.counts["offers left without answer"] += 1

    async def _go(self, token: str, call: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 0.8))
        await self._insist("arrived", token, ARRIVE, call["id"])
        await self._insist("resolved", token, RESOLVE, call["id"])

    async def _insist(self, what: str, token: str, mutation: str, id_: str) -> bool:
        """Send until an answer comes; a refusal is an answer."""
        while True:
            try:
                _, code = await self._servers.ask(token, mutation, id=id_)
                self._tally.counts[what if code is None else f"{what}: {code}"] += 1
                return code is None
            except NotAnswered:
                await asyncio.sleep(0.3)

    # -- desks ------------------------------------------------------------------------------------------------------

    async def _desk(self, token: str) -> None:
        """Answer what rings; two desks reach for the same calls."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1))
            try:
                data, _ = await self._servers.ask(token, RINGING)
            except NotAnswered:
                continue
            for edge in data["calls"]["edges"] if data and data["calls"] else ():
                if await self._insist("claimed", token, CLAIM, edge["node"]["id"]):
                    await self._insist("resolved at the desk", token, RESOLVE, edge["node"]["id"])

    # -- those who watch --------------------------------------------------------------------------------------------

    async def _watch(self, number: int) -> None:
        """Follow the community's events over every break: each number once, none missing."""
        token, area = self._town.desks[0], str(self._town.community_id)
        while True:
            try:
                async with lines.connected(self._servers.any(), token) as line:
                    self.lines.add(line)
                    try:
                        async for data in line.follow(EVENTS, area=area, after=self.seen[number]):
                            self._see(number, data["callEvents"])
                    finally:
                        self.lines.discard(line)
            except lines.BROKEN:
                self._tally.counts["sockets broken"] += 1
            await asyncio.sleep(self._chance.uniform(0.1, 0.5))

    def _see(self, number: int, event: dict[str, Any]) -> None:
        sequence, expected = event["sequence"], self.seen[number] + 1
        self._tally.told.append((datetime.fromisoformat(event["at"]), clock.now()))
        if sequence != expected:
            self._tally.lost(f"watcher {number} expected event {expected} and got {sequence}")
        self.seen[number] = max(sequence, self.seen[number])
        self._tally.counts["events watched"] += 1
