"""Signing in: what is remembered, for how long, and what is not."""

import uuid
from datetime import timedelta

import pytest

from fixtures import makers
from fixtures.makers import SECRET
from schema.signing_in import REMEMBERED, Actors
from services import tokens
from services.errors import NotSignedIn
from services.models import Role
from tests.conftest import StandingClock
from tests.schema.asking import Asking
from tests.schema.town import Town


async def test_rights_are_looked_up_again_after_a_few_seconds(
    standing_clock: StandingClock, changing: tuple[Asking, Town]
) -> None:
    """A role given now is not seen yet just before 5 s have passed, and is seen then."""
    ask, town = changing
    actors, header = ask.api.actors, ask.headers["Authorization"]
    assert (await actors.by_token(header)).roles == {Role.MANAGER}
    async with ask.database.write({"everywhere": True}) as session:
        other = await makers.make_account(session, Role.AUDITOR, town.community)
    assert (await actors.of(other.id)).roles == {Role.AUDITOR}
    async with ask.database.write({"everywhere": True}) as session:
        account = await session.merge(other)
        account.disabled_at = standing_clock.moment
    standing_clock.forward(seconds=REMEMBERED.total_seconds() - 0.1)
    assert (await actors.of(other.id)).roles == {Role.AUDITOR}
    standing_clock.forward(seconds=0.1)
    with pytest.raises(NotSignedIn):
        await actors.of(other.id)


async def test_a_token_ends(standing_clock: StandingClock, ask: Asking, town: Town) -> None:
    """A token of one minute is taken at 59 s and refused once the memory of it has gone, too."""
    actors = Actors(ask.database, SECRET)
    header = f"Bearer {tokens.issue(town.manager.id, SECRET, timedelta(minutes=1))}"
    standing_clock.forward(seconds=50)
    assert (await actors.by_token(header)).account_id == town.manager.id
    standing_clock.forward(seconds=15)
    with pytest.raises(NotSignedIn):
        await actors.by_token(header)


async def test_unknown_accounts_are_nobody(ask: Asking) -> None:
    """A well-signed token of an account that is not there."""
    with pytest.raises(NotSignedIn):
        await ask.api.actors.by_token(f"Bearer {tokens.issue(uuid.uuid4(), SECRET)}")
