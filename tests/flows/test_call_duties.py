"""The duties of two servers at once, with the real clock: a press whose server died is offered, told, and passed on."""

import asyncio
from dataclasses import replace

from services import call_duties, clock
from services.database import Database
from services.ladder import DEFAULT_RUNGS, CallRules
from services.models import CallEventKind, CallStatus, Message
from services.sweep import Findings
from tests.callroom import CallRoom


async def test_two_servers_carry_a_call_up_the_ladder_without_being_asked(room: CallRoom) -> None:
    quick = tuple(replace(rung, time=0.6, emergency_time=0.6) for rung in DEFAULT_RUNGS)
    rules = CallRules(rungs=quick, dispatch_retry_seconds=0.2)
    told: list[str] = []
    findings: list[Findings] = []

    async def send(message: Message) -> None:
        told.append(message.template)

    with clock.frozen(clock._system):
        await room.worker(300)
        await room.worker(350)
        room.rules = rules
        other = Database(room.database.engine.url.render_as_string(hide_password=False), 8)
        servers = [room.database, other]
        running = [asyncio.create_task(call_duties.run(server, send, findings.append, rules)) for server in servers]
        try:
            call = (await room.press()).call  # nobody dispatches it: its server is gone
            async with asyncio.timeout(60):
                while told.count("DUTY_DESK_RINGS") == 0:
                    await asyncio.sleep(0.1)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
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
    assert findings
    assert {found.count for found in findings} == {0}


async def test_a_duty_that_fails_comes_again() -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError

    task = asyncio.create_task(call_duties.every(0.01, work))
    await asyncio.sleep(0.2)
    task.cancel()
    assert tries > 2
