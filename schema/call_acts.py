"""What is done about a call: claimed, given to somebody, escalated, cancelled, arrived at, resolved, visited again."""

from datetime import datetime

import strawberry

from schema.calls import Call
from schema.context import Info, id_of
from schema.lens import lens, mutation
from schema.service_points import ModeOfService
from services import calls, desk, dispatch
from services.call_rights import worker_of
from services.models import Call as CallRow
from services.models import CallOutcome


@lens
class CallMutation:
    """The acts on a call; each is one act, stored whole or refused by name."""

    @mutation(graphql_type=Call)
    async def claim_call(self, info: Info, id: strawberry.ID) -> CallRow:
        """Take the call in hand at the desk. One wins; who comes second is told who has it."""
        async with info.context.write("calls") as session:
            call = await desk.claim(session, id_of(id), info.context.actor, info.context.api.rules)
        await info.context.renew_self()
        return call

    @mutation(graphql_type=Call)
    async def keep_claim(self, info: Info, id: strawberry.ID) -> CallRow:
        """Say every 15 seconds that you still have it; a claim that is silent for 45 seconds lapses."""
        async with info.context.write("calls") as session:
            await desk.beat(session, id_of(id), info.context.actor)
            return await session.get_one(CallRow, id_of(id))

    @mutation(graphql_type=Call)
    async def release_call(self, info: Info, id: strawberry.ID, reason: str | None = None) -> CallRow:
        """Give your claim back; a supervisor may end another's, with a reason."""
        keyring = info.context.api.keyring
        async with info.context.write("calls") as session:
            call = await desk.release(session, keyring, id_of(id), info.context.actor, reason, info.context.api.rules)
        await info.context.renew_self()
        return call

    @mutation(graphql_type=Call)
    async def offer_call(self, info: Info, id: strawberry.ID, worker_id: strawberry.ID) -> CallRow:
        """Ask one worker yourself; a live offer to another is taken back."""
        async with info.context.write("calls") as session:
            rules = info.context.api.rules
            return await dispatch.offer_to(session, id_of(id), id_of(worker_id), info.context.actor, rules)

    @mutation(graphql_type=Call)
    async def escalate_call(self, info: Info, id: strawberry.ID, reason: str) -> CallRow:
        """More help, sooner: the call rises, and whoever is only being asked is passed over."""
        async with info.context.write("calls") as session:
            api, actor = info.context.api, info.context.actor
            return await calls.escalate(session, api.keyring, id_of(id), actor, reason, api.rules)

    @mutation(graphql_type=Call)
    async def cancel_call(self, info: Info, id: strawberry.ID, reason: str) -> CallRow:
        """No help is wanted, as you have made sure: a person's decision, never a button's."""
        async with info.context.write("calls") as session:
            call = await calls.cancel(session, info.context.api.keyring, id_of(id), info.context.actor, reason)
        await info.context.renew_self()
        return call

    @mutation(graphql_type=Call)
    async def confirm_call(self, info: Info, id: strawberry.ID) -> CallRow:
        """Asked whether you still come: yes."""
        worker_id = worker_of(info.context.actor)
        async with info.context.write("calls") as session:
            return await calls.confirm(session, id_of(id), worker_id, info.context.api.rules)

    @mutation(graphql_type=Call)
    async def arrive_at_call(self, info: Info, id: strawberry.ID) -> CallRow:
        """You are at the door."""
        worker_id = worker_of(info.context.actor)
        async with info.context.write("calls") as session:
            return await calls.arrive(session, id_of(id), worker_id)

    @mutation(graphql_type=Call)
    async def resolve_call(
        self,
        info: Info,
        id: strawberry.ID,
        outcome: CallOutcome,
        service_mode: ModeOfService | None = None,
        note: str | None = None,
        provider: str | None = None,
        appointment_at: datetime | None = None,
    ) -> CallRow:
        """Help was given; a market service needs `provider` and `appointmentAt`. Somebody looks in again later."""
        how = (outcome, service_mode, note, provider, appointment_at, info.context.api.rules)
        async with info.context.write("calls") as session:
            call = await calls.resolve(session, info.context.api.keyring, id_of(id), info.context.actor, *how)
        await info.context.renew_self()
        return call

    @mutation(graphql_type=Call)
    async def follow_up_call(self, info: Info, id: strawberry.ID, satisfied: bool, note: str | None = None) -> CallRow:
        """The visit afterwards: satisfied closes the call, not satisfied opens the same call again."""
        api, actor = info.context.api, info.context.actor
        async with info.context.write("calls") as session:
            return await calls.follow_up(session, api.keyring, id_of(id), actor, satisfied, note, api.rules)
