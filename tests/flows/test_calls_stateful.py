"""Calls under whatever may happen in any order: presses, answers, expiries, shifts, claims; the clock is moved by hand.

What must hold after every step: no press without a call, at most one holder, an open call is never without a next step,
the timeline alone tells the state, the area's events have no gap.
"""

import asyncio
import uuid
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gis import warming
from services import (
    bells,
    calls,
    clock,
    desk,
    dispatch,
    due_dispatch,
    events,
    moot_timers,
    offer_endings,
    offers,
    shift_ends,
    surge,
    sweep,
    timelines,
    unanswered,
    workers,
)
from services.access import Actor
from services.call_states import rebuild, state_of
from services.errors import Refusal
from services.ladder import RULES
from services.models import Call, CallEvent, CallOutcome, CallStatus, Offer, Press, Role, TerminalButton, Worker
from services.models.offers import binding
from services.presses import Ahead, Pressed
from tests import postgres
from tests.callroom import KEYRING, CallRoom, emptied, opened
from tests.conftest import StandingClock

Answer = TypeVar("Answer")

NUMBERS, HOMES = st.integers(0, 9), st.integers(0, 7)
HELP = ("nobody looks", "looked for", "thought of ahead", "thought of ahead, made late")
TOGETHER = replace(RULES, surge_calls=2)
"""Two calls are many, so that what is done together is done often."""


@dataclass
class Seen:
    """What the store holds after a step, read in one go: looking takes longer than acting."""

    presses: int
    found: sweep.Findings
    bound: list[uuid.UUID]
    held: list[uuid.UUID]
    calls: list[Call]
    lines: list[CallEvent]
    stream: list[events.Live]


class CallMachine(RuleBasedStateMachine):
    """Eight homes, four workers, two dispatchers, a supervisor."""

    url, owner_url = "", ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.clock = StandingClock()
        self.frozen = clock.frozen(self.clock)
        self.frozen.__enter__()
        self.presses = 0
        self.late: list[Ahead] = []

    def teardown(self) -> None:
        while self.late:
            self.an_offer_comes_late(0)
        self.run(self.context.__aexit__(None, None, None))
        self.frozen.__exit__(None, None, None)
        self.loop.close()

    @initialize()
    def open_the_neighbourhood(self) -> None:
        self.run(emptied(self.owner_url))
        self.context = opened(self.url, pool_size=4)
        self.room: CallRoom = self.run(self.context.__aenter__())
        self.run(self._people())
        self.press(0, TerminalButton.HELP, "looked for")

    # -- what users do ----------------------------------------------------------------------------------------------

    @rule(home=HOMES, button=st.sampled_from(TerminalButton), help_=st.sampled_from(HELP))
    def press(self, home: int, button: TerminalButton, help_: str) -> None:
        """Somebody presses; when nobody looks for help the server has died before."""
        pressed = self.run(self.room.press(home, button=button))
        self.presses += 1
        if help_ == "thought of ahead, made late" and pressed.ahead is not None:
            self.late.append(pressed.ahead)
        elif help_ != "nobody looks":
            self.run(self._help(pressed, ahead=help_ == "thought of ahead"))

    @rule(number=NUMBERS)
    def an_offer_comes_late(self, number: int) -> None:
        """An offer that was thought of while the call was committed is made only now."""
        if self.late:
            self.run(self.late.pop(number % len(self.late))())

    @rule(homes=st.lists(HOMES, min_size=2, max_size=6), help_=st.sampled_from(HELP[:3]))
    def many_press(self, homes: list[int], help_: str) -> None:
        """Several press in the same moment, also in one home; help is looked for together, or each offer made ahead."""
        pressed = self.run(self._at_once(homes))
        self.presses += len(homes)
        if help_ == "looked for":
            self.run(surge.attempt(self.room.database, [one.call.id for one in pressed], TOGETHER))
        elif help_ == "thought of ahead":
            self.run(self._help_each(pressed))

    @rule(home=HOMES, reference=st.sampled_from(["again", "and again"]))
    def send_again(self, home: int, reference: str) -> None:
        """A terminal that does not know whether it was heard sends the same press again."""
        pressed = self.run(self.room.press(home, reference))
        self.presses += not pressed.repeated

    @rule(offer=NUMBERS, answer=st.sampled_from(["accept", "decline", "accept twice"]))
    def answer(self, offer: int, answer: str) -> None:
        """A worker answers an offer, whichever: live, expired, long over."""
        found = self.run(self._any(sa.select(Offer).order_by(Offer.id.desc()), offer))
        if found is None:
            return
        if answer == "decline":
            self.attempt(self._decline(found))
            return
        for _ in range(1 + (answer == "accept twice")):
            self.attempt(self._write(lambda session: offers.accept(session, found.id, found.worker_id)))

    @rule(call=NUMBERS, who=NUMBERS, step=st.sampled_from(["arrive", "confirm", "resolve", "visit", "complain"]))
    def go_on(self, call: int, who: int, step: str) -> None:
        """Somebody goes on with a call: its holder mostly, else another worker."""
        found = self._call(call)
        if found is None:
            return
        holder = self.by_worker.get(found.holder_id) if found.holder_id else None
        actor = holder or self.actors[who % len(self.actors)]
        self.attempt(self._write(lambda session: self._step(session, step, found.id, actor)))

    @rule(
        call=NUMBERS, desk_=st.integers(0, 2), act=st.sampled_from(["claim", "beat", "release", "escalate", "cancel"])
    )
    def at_the_desk(self, call: int, desk_: int, act: str) -> None:
        """A dispatcher or the supervisor does something."""
        found, actor = self._call(call), self.desks[desk_]
        if found is None:
            return
        acts = {
            "claim": lambda s: desk.claim(s, found.id, actor),
            "beat": lambda s: desk.beat(s, found.id, actor),
            "release": lambda s: desk.release(s, KEYRING, found.id, actor, "because"),
            "escalate": lambda s: calls.escalate(s, KEYRING, found.id, actor, "because"),
            "cancel": lambda s: calls.cancel(s, KEYRING, found.id, actor, "because"),
        }
        self.attempt(self._write(acts[act]))

    @rule(call=NUMBERS, desk_=st.integers(0, 2), worker=st.integers(0, 3))
    def reroute(self, call: int, desk_: int, worker: int) -> None:
        """A dispatcher asks a worker of her choice."""
        found, actor = self._call(call), self.desks[desk_]
        if found is not None:
            chosen = self.crew[worker].id
            self.attempt(self._write(lambda s: dispatch.offer_to(s, found.id, chosen, actor)))

    @rule(
        crew=st.lists(st.integers(0, 3), min_size=1, max_size=4),
        goes=st.sampled_from(["on duty", "off duty", "offline"]),
        together=st.booleans(),
    )
    def duty(self, crew: list[int], goes: str, together: bool) -> None:
        """Workers begin, end, or lose the connection, all at once."""
        acts = {"on duty": workers.start_shift, "off duty": workers.end_shift, "offline": workers.went_offline}
        for number in crew:
            chosen = self.crew[number].id
            self.attempt(self._write(lambda s, chosen=chosen: acts[goes](s, chosen)))
        if together:
            self.run(self._done_together())
        self.run(self.room.tick())

    @rule(seconds=st.sampled_from([1, 2, 15, 30, 45, 60, 120, 180, 3600, 15_000]), together=st.booleans())
    def time_passes(self, seconds: int, together: bool) -> None:
        """The clock goes on, and any server does what has fallen due, one by one or what is alike together."""
        self.clock.forward(seconds=seconds)
        while (together and self.run(self._done_together())) or self.run(self.room.tick()):
            pass

    # -- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def what_must_hold(self) -> None:
        """After every step."""
        if hasattr(self, "room"):
            seen = self.run(self._look())
            self.every_press_has_its_call(seen)
            self.at_most_one_holder_and_always_a_next_step(seen)
            self.the_timeline_alone_tells_the_state(seen)

    def every_press_has_its_call(self, seen: Seen) -> None:
        """A press that was answered is in the store with a call, once."""
        assert seen.presses == self.presses

    def at_most_one_holder_and_always_a_next_step(self, seen: Seen) -> None:
        """The sweep finds nothing; nobody holds two calls and no call has two holders."""
        assert seen.found.count == 0, seen.found.wrong
        assert len(seen.bound) == len(set(seen.bound))
        assert len(seen.held) == len(set(seen.held))
        assert set(seen.held) <= set(seen.bound)

    def the_timeline_alone_tells_the_state(self, seen: Seen) -> None:
        """For each call the fold of its lines is its row, and the area's stream has each line once, in order."""
        for call in seen.calls:
            story = [line for line in seen.lines if line.call_id == call.id]
            assert [line.number for line in story] == list(range(1, call.version + 1))
            assert rebuild(timelines.happening(line) for line in story) == state_of(call)
        assert [live.sequence for live in seen.stream] == list(range(1, len(seen.lines) + 1))

    # -- helpers ----------------------------------------------------------------------------------------------------

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Try what may be refused; a refusal must have a name."""
        with suppress(*Refusal.__subclasses__()):
            self.run(work)

    async def _help(self, pressed: Pressed, *, ahead: bool) -> None:
        offered = await pressed.ahead() if ahead and pressed.ahead is not None else None
        if offered is None:
            await dispatch.attempt(self.room.database, pressed.call.id)

    async def _help_each(self, pressed: Sequence[Pressed]) -> None:
        await asyncio.gather(*(self._help(one, ahead=True) for one in pressed))

    async def _at_once(self, homes: Sequence[int]) -> list[Pressed]:
        return await asyncio.gather(*(self.room.press(home) for home in homes))

    async def _done_together(self) -> int:
        """What `services.background` does for many before the timers go one by one; how many calls there were."""
        async with self.room.database.write() as session:
            rung = await bells.ring_again(session, TOGETHER) + await unanswered.tell_many(session, TOGETHER)
            await shift_ends.leave_many(session, TOGETHER)
        async with self.room.database.write() as session:
            await moot_timers.clear(session)
            ended = await offer_endings.end_many(session, TOGETHER)
            lent = await due_dispatch.lend(session, TOGETHER.surge_calls, TOGETHER)
        await surge.attempt(self.room.database, list(ended | lent), TOGETHER)
        return rung + len(ended | lent)

    async def _people(self) -> None:
        for x in (100, 200, 400, 600, 800, 900):
            await self.room.add_home(0 if x < 500 else 1, x)
        self.crew: list[Worker] = [await self.room.worker(x, 500, *self.room.grids) for x in (150, 350, 650, 850)]
        self.actors = [await self.room.actor(Role.GRID_WORKER, worker=worker) for worker in self.crew]
        self.by_worker: dict[uuid.UUID | None, Actor] = {actor.worker_id: actor for actor in self.actors}
        roles = (Role.DISPATCHER, Role.DISPATCHER, Role.SUPERVISOR)
        self.desks = [await self.room.actor(role) for role in roles]

    async def _write(self, work: Any) -> Any:
        async with self.room.database.write() as session:
            return await work(session)

    async def _decline(self, offer: Offer) -> None:
        async with self.room.database.write() as session:
            _, call = await offers.decline(session, offer.id, offer.worker_id, "BUSY", KEYRING)
            await dispatch.go_on(session, call)

    async def _step(self, session: Any, step: str, call_id: uuid.UUID, actor: Actor) -> None:
        assert actor.worker_id is not None
        if step == "arrive":
            await calls.arrive(session, call_id, actor.worker_id)
        elif step == "confirm":
            await calls.confirm(session, call_id, actor.worker_id)
        elif step == "resolve":
            await calls.resolve(session, KEYRING, call_id, actor, CallOutcome.HELP_GIVEN)
        else:
            await calls.follow_up(session, KEYRING, call_id, actor, satisfied=step == "visit")

    def _call(self, number: int) -> Call | None:
        return self.run(self._any(sa.select(Call).order_by(Call.id.desc()), number))

    async def _any(self, select: Any, number: int) -> Any:
        async with self.room.database.read() as session:
            rows = (await session.scalars(select)).all()
            return rows[number % len(rows)] if rows else None

    async def _look(self) -> Seen:
        assert self.room.community is not None
        stream = await events.read_after(self.room.database, self.room.community.id, 0, limit=100_000)
        taken = Call.status.in_((CallStatus.ACCEPTED, CallStatus.ARRIVED))
        ordered = sa.select(CallEvent).order_by(CallEvent.call_id, CallEvent.number)
        async with self.room.database.read() as session:
            return Seen(
                presses=await session.scalar(sa.select(sa.func.count()).select_from(Press)) or 0,
                found=await sweep.look(session),
                bound=list(await session.scalars(sa.select(Offer.worker_id).where(binding()))),
                held=[holder for holder in await session.scalars(sa.select(Call.holder_id).where(taken)) if holder],
                calls=list(await session.scalars(sa.select(Call))),
                lines=list(await session.scalars(ordered)),
                stream=stream,
            )


def test_calls_under_whatever_happens(databases: postgres.WorkerDatabases, fresh_database: str) -> None:
    """Twenty stories of up to forty steps each, on the real store."""
    warming.warm()  # else no offer is thought of ahead
    CallMachine.url = databases.url(fresh_database)
    CallMachine.owner_url = databases.url(fresh_database, postgres.OWNER)
    few = settings(
        max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(CallMachine, settings=few)
