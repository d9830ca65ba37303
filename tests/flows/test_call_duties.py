"""What two servers do beside their requests, by the real clock: a press whose server died is offered and passed on."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from services import clock, sweep
from services.background import AFTER_FAULT_SECONDS, Background, again
from services.database import Database
from services.dispatcher import Dispatcher
from services.ladder import DEFAULT_RUNGS, CallRules
from services.models import CallEventKind, CallStatus, Message
from services.wakeups import Wakeups
from tests.callroom import CallRoom


async def test_two_servers_carry_a_call_up_the_ladder_without_being_asked(room: CallRoom) -> None:
    quick = tuple(replace(rung, time=0.6, emergency_time=0.6) for rung in DEFAULT_RUNGS)
    rules = CallRules(rungs=quick, dispatch_retry_seconds=0.2)
    told: list[str] = []

    async def send(message: Message) -> None:
        told.append(message.template)

    with clock.frozen(clock._system):
        await room.worker(300)
        await room.worker(350)
        room.rules = rules
        other = Database(room.database.engine.url.render_as_string(hide_password=False), 8).acting_as("tests")
        async with AsyncExitStack() as servers:
            for server in (room.database, other):
                background = Background(server, Dispatcher(server, rules), Wakeups(server), send, rules=rules)
                await servers.enter_async_context(background.running())
            call = (await room.press()).call  # nobody dispatches it: its server is gone
            async with asyncio.timeout(60):
                while told.count("DUTY_DESK_RINGS") == 0:
                    await asyncio.sleep(0.1)
        await other.close()
        assert (await room.call(call.id)).status is CallStatus.RINGING
    assert [kind for kind in await room.kinds(call.id) if kind is not CallEventKind.RUNG_SKIPPED][:6] == [
        CallEventKind.OPENED,
        CallEventKind.OFFERED,
        CallEventKind.EXPIRED,
        CallEventKind.OFFERED,
        CallEventKind.EXPIRED,
        CallEventKind.RANG,
    ]
    assert (told.count("OFFER"), told.count("DUTY_DESK_RINGS")) == (2, 1)
    assert (await sweep.sweep(room.database, rules)).count == 0


async def test_a_duty_that_fails_comes_again() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError

    task = asyncio.create_task(again(work, 0.01))
    await asyncio.sleep(AFTER_FAULT_SECONDS + 0.3)
    task.cancel()
    assert tries > 2
