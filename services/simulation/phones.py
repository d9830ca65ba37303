"""The phone of a simulated worker: on duty, asked, on the way, at the door; by what any worker's phone may say."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx

from services import clock
from services.simulation import pace as habits
from services.simulation.api import CONNECT_AGAIN_SECONDS, Api, Refused
from services.simulation.cast import Player
from services.simulation.pace import Pace
from services.simulation.walking import along

GO_ON_DUTY = "mutation { startShift { id } }"
GO_OFF_DUTY = "mutation { endShift { id } }"
REPORT = "mutation ($input: PositionInput!) { reportPosition(input: $input) { id } }"
ACCEPT = "mutation ($id: ID!) { acceptOffer(id: $id) { id } }"
DECLINE = 'mutation ($id: ID!) { declineOffer(id: $id, reason: "与另一户有约") { id } }'
ARRIVE = "mutation ($id: ID!) { arriveAtCall(id: $id) { id } }"
CONFIRM = "mutation ($id: ID!) { confirmCall(id: $id) { id } }"
RESOLVE = 'mutation ($id: ID!) { resolveCall(id: $id, outcome: HELP_GIVEN, note: "已上门处理") { id } }'
MY_OFFERS = """
subscription { myOffers { id status etaSeconds path call { id status household { location } } } }
"""


@dataclass
class Phone:
    """One worker, who answers what is asked, walks there, helps and closes."""

    api: Api
    player: Player
    pace: Pace
    _place: tuple[float, float] | None = None
    _acts: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def live(self) -> None:
        """On duty until cancelled; a dropped connection is taken up again."""
        self._place = self.player.place
        await self._say(GO_ON_DUTY)
        resting = asyncio.ensure_future(self._rest())
        try:
            while True:
                async for told in self.api.follow(self.player.token, MY_OFFERS):
                    self._hear(told["myOffers"])
                await asyncio.sleep(CONNECT_AGAIN_SECONDS)
        finally:
            for act in (resting, *self._acts.values()):
                act.cancel()
            await asyncio.gather(resting, *self._acts.values(), return_exceptions=True)

    async def leave(self) -> None:
        """Off duty."""
        await self._say(GO_OFF_DUTY)

    def _hear(self, offer: dict[str, Any]) -> None:
        """A new offer is answered; one that is over lets the worker stop where he stands."""
        known = self._acts.get(offer["id"])
        if offer["status"] not in ("OFFERED", "ACCEPTED"):
            if known is not None:
                known.cancel()
        elif known is None:
            self._acts[offer["id"]] = asyncio.ensure_future(self._deal_with(offer))

    async def _deal_with(self, offer: dict[str, Any]) -> None:
        """From being asked to the closed door. A refusal ends it: the platform has given the call to somebody else."""
        try:
            if offer["status"] == "OFFERED" and not await self._takes(offer):
                return
            call_id = offer["call"]["id"]
            if offer["call"]["status"] != "ARRIVED":
                await self._walk(offer)
                await self._ask(ARRIVE, id=call_id)
            await self.pace.wait(habits.AT_THE_DOOR)
            await self._ask(RESOLVE, id=call_id)
        except Refused:
            return

    async def _takes(self, offer: dict[str, Any]) -> bool:
        await self.pace.wait(habits.REACTION)
        declines = self.pace.declines()
        await self._ask(DECLINE if declines else ACCEPT, id=offer["id"])
        return not declines

    async def _walk(self, offer: dict[str, Any]) -> None:
        """Along the way that the offer came with, saying where he is; without one straight to the home."""
        course = _course(offer, self._place)
        whole = max(offer["etaSeconds"] or 0.0, habits.STEP)
        step = max(habits.STEP, habits.LEAST_STEP_SECONDS * self.pace.speed)
        walked = 0.0
        while walked < whole:
            await asyncio.sleep(min(step, whole - walked) / self.pace.speed)
            walked += step
            self._place = along(course, walked / whole)
            await self._report()

    async def _rest(self) -> None:
        """Say where he is now and then, so that the platform need not think him at his post."""
        while True:
            await self._report()
            await asyncio.sleep(habits.REST_SECONDS)

    async def _report(self) -> None:
        if self._place is not None:
            point = {"longitude": self._place[0], "latitude": self._place[1]}
            fixed_at = clock.now().isoformat()
            await self._say(REPORT, input={"point": point, "fixedAt": fixed_at, "accuracyMeters": 8.0})

    async def _say(self, query: str, **variables: Any) -> None:
        """What need not succeed: a report that is lost is followed by the next."""
        try:
            await self.api.ask(self.player.token, query, **variables)
        except (Refused, httpx.HTTPError):
            return

    async def _ask(self, query: str, **variables: Any) -> None:
        """What must be said: tried again while the server is away; every act said twice is done once."""
        while True:
            try:
                await self.api.ask(self.player.token, query, **variables)
            except httpx.HTTPError:
                await asyncio.sleep(CONNECT_AGAIN_SECONDS)
            else:
                return


def _course(offer: dict[str, Any], place: tuple[float, float] | None) -> list[list[float]]:
    if offer["path"]:
        found: list[list[float]] = offer["path"]["coordinates"]
        return found
    home = (offer["call"]["household"] or {}).get("location")
    there = list(home["coordinates"]) if home else list(place or (0.0, 0.0))
    return [list(place) if place else there, there]
