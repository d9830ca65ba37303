"""The keys that terminals sign with: given by a manager, shown once, changed without a gap."""

from datetime import datetime, timedelta
from typing import Annotated

import strawberry

from schema.context import Info, id_of
from schema.lens import lens, mutation, shown
from services import terminal_keys

Hours = Annotated[int, strawberry.argument(description="0 to 720; 0 ends the former key at once, as after a theft.")]


@lens
class NewTerminalKey:
    """A key as it is given to a terminal; nobody can ask for it again."""

    key: str = shown("The key itself, 64 hexadecimal digits.")
    made_at: datetime = shown("When it was made.")
    former_good_until: datetime | None = shown("Until when the key before it is still taken.")


@lens
class TerminalKeyMutation:
    """What a manager does with keys."""

    @mutation(graphql_type=NewTerminalKey)
    async def give_terminal_key(
        self, info: Info, terminal_id: strawberry.ID, former_good_for_hours: Hours = 24
    ) -> NewTerminalKey:
        """A new key for a terminal. The former one stays good for a while, so that no press is refused meanwhile."""
        api, grace = info.context.api, timedelta(hours=former_good_for_hours)
        async with info.context.write() as session:
            key, row = await terminal_keys.rotate(session, api.keyring, info.context.actor, id_of(terminal_id), grace)
        return NewTerminalKey(key=key.hex(), made_at=row.made_at, former_good_until=row.former_until)
