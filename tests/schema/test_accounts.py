"""Accounts over the API: what a manager does with them, and what nobody else sees or does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fixtures import makers
from schema import build
from services.models import Account, Role
from tests.conftest import StandingClock
from tests.schema.asking import Asking, storing
from tests.schema.entering import CHOOSE, NEW_PASSWORD, House, entering
from tests.schema.test_sign_in import quick_hashing

OPEN = "mutation ($input: OpenAccountInput!) { openAccount(input: $input) { firstPassword account { id login } } }"
GRANT = "mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id role validTo area { code } } }"
END = "mutation ($id: ID!) { endGrant(id: $id) { validTo } }"
APPOINT = "mutation ($input: AppointDeputyInput!) { appointDeputy(input: $input) { id } }"
END_DEPUTY = "mutation ($id: ID!) { endDeputy(id: $id) { validTo } }"
WHOLE = "{ viewer { roles deputyFor account { login secondFactor grants { role validTo area { code } } } } }"
LIST = "{ accounts { edges { node { login } } totalCount } }"
ONE = "query ($id: ID!) { account(id: $id) { login } }"


@pytest_asyncio.fixture
async def house(
    fresh_database_url: str, standing_clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A house where the clock stands still and hashing is quick."""
    quick_hashing(monkeypatch)
    async with entering(fresh_database_url) as found:
        yield found


async def test_a_new_colleague_comes_in(house: House) -> None:
    """Opened by the manager, first password changed, signed in with the role; listed for the manager."""
    chief = house.ask.as_(house.manager)
    wanted = {"login": "li-1", "name": "Li", "role": "VOLUNTEER", "areaId": str(house.community.id)}
    opened = (await chief(OPEN, input=wanted))["openAccount"]
    assert opened["account"]["login"] == "li-1"
    ticket = (await house.sign_in("li-1", opened["firstPassword"]))["ticket"]
    entered = await house.data(CHOOSE, {"input": {"ticket": ticket, "password": NEW_PASSWORD}})
    viewer = await house.data(WHOLE, token=entered["accessToken"])
    own = [{"role": "VOLUNTEER", "validTo": None, "area": {"code": house.community.code}}]
    account = {"login": "li-1", "secondFactor": False, "grants": own}
    assert viewer == {"roles": ["VOLUNTEER"], "deputyFor": [], "account": account}
    listed = (await chief(LIST))["accounts"]
    assert [edge["node"]["login"] for edge in listed["edges"]] == ["chief", "desk", "li-1"]
    assert listed["totalCount"] == 3
    assert await chief.code(OPEN, input=wanted) == "LOGIN_TAKEN"


async def test_a_role_is_given_and_taken(house: House) -> None:
    """It holds at once, and is over at once: rights are not remembered beyond it."""
    chief, desk = house.ask.as_(house.manager), house.ask.as_(house.dispatcher)
    given = {
        "accountId": str(house.dispatcher.id),
        "role": "SUPERVISOR",
        "areaId": str(house.community.id),
        "validTo": "2026-06-01T00:00:00Z",
    }
    grant = (await chief(GRANT, input=given))["grantRole"]
    house.ask.api.actors.forget()
    assert (await desk(WHOLE))["viewer"]["roles"] == ["DISPATCHER", "SUPERVISOR"]
    assert (await chief(END, id=grant["id"]))["endGrant"] == {"validTo": "2026-05-20T01:00:00+00:00"}
    house.ask.api.actors.forget()
    assert (await desk(WHOLE))["viewer"]["roles"] == ["DISPATCHER"]


async def test_a_deputy_sees_for_whom(house: House) -> None:
    chief, desk = house.ask.as_(house.manager), house.ask.as_(house.dispatcher)
    span = {"validFrom": "2026-05-20T00:00:00Z", "validTo": "2026-05-27T00:00:00Z"}
    pair = {"absentId": str(house.manager.id), "deputyId": str(house.dispatcher.id)}
    assert await desk.code(APPOINT, input={**pair, **span}) == "NOT_ALLOWED"
    deputy = (await chief(APPOINT, input={**pair, **span}))["appointDeputy"]
    house.ask.api.actors.forget()
    viewer = (await desk(WHOLE))["viewer"]
    assert (viewer["roles"], viewer["deputyFor"]) == (["DISPATCHER", "MANAGER"], [str(house.manager.id)])
    assert [row["role"] for row in viewer["account"]["grants"]] == ["DISPATCHER"]
    assert [row["id"] for row in (await desk("{ deputies { id } }"))["deputies"]] == [deputy["id"]]
    await desk(END_DEPUTY, id=deputy["id"])
    house.ask.api.actors.forget()
    assert (await desk(WHOLE))["viewer"]["roles"] == ["DISPATCHER"]


async def test_nobody_but_managers_does_anything_with_accounts(house: House) -> None:
    """Each act is refused, and of accounts one's own is seen, a device's none."""
    async with storing(house.url) as session:
        device = {"terminal_id": (await makers.make_terminal(session, None, serial="T-9")).id}
        others = [
            await makers.make_account(
                session, role, house.community, login=role.value, **(device if role is Role.TERMINAL else {})
            )
            for role in Role
            if role not in (Role.MANAGER, Role.ADMIN)
        ]
    for somebody in others:
        await _manages_nothing(house, house.ask.as_(somebody), somebody)


async def _manages_nothing(house: House, ask: Asking, somebody: Account) -> None:
    target, area = str(house.dispatcher.id), str(house.community.id)
    wanted = {"login": "li-1", "name": "Li", "role": "VOLUNTEER", "areaId": area}
    assert await ask.code(OPEN, input=wanted) == "NOT_ALLOWED"
    given = {"accountId": target, "role": "VOLUNTEER", "areaId": area}
    assert await ask.code(GRANT, input=given) == "NOT_ALLOWED"
    for act in ("resetPassword", "closeAccount", "reopenAccount"):
        what = "account { id }" if act == "resetPassword" else "id"
        assert await ask.code(f'mutation {{ {act}(accountId: "{target}") {{ {what} }} }}') == "NOT_ALLOWED"
    tie = f'mutation {{ tieIdentity(accountId: "{target}", issuer: "i", subject: "s") {{ id }} }}'
    assert await ask.code(tie) == "NOT_ALLOWED"
    assert await ask.code(ONE, id=target) == "NOT_FOUND"
    seen = [edge["node"]["login"] for edge in (await ask(LIST))["accounts"]["edges"]]
    assert seen == ([] if somebody.terminal_id else [somebody.login])


def test_secrets_of_accounts_are_not_in_the_schema() -> None:
    """No field gives a hash, a sealed secret or a sign-in."""
    told = str(build()).lower()
    for name in ("passwordhash", "totpsealed", "tokenhash", "datakey"):
        assert name not in told
