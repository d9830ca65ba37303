"""Emergency contacts on the wire: who may know whom a family wants told, and who may write it down."""

import pytest
import sqlalchemy as sa

from fixtures import makers
from services.models import Account, EmergencyContact, Role
from tests.schema.asking import Asking
from tests.schema.town import Town

ASK = "query ($home: ID!) { emergencyContacts(householdId: $home) { id name address channel language } }"
ADD = """mutation ($home: ID!, $input: EmergencyContactInput!) {
  addEmergencyContact(householdId: $home, input: $input) { id name address } }"""
CHANGE = """mutation ($id: ID!, $input: EmergencyContactInput!) {
  changeEmergencyContact(id: $id, input: $input) { id name address channel } }"""
REMOVE = "mutation ($id: ID!) { removeEmergencyContact(id: $id) }"
CHILD = {"name": "Daughter", "address": "13800000001"}


async def _somebody(ask: Asking, role: Role, town: Town, grid: int = 0) -> Account:
    where = town.community if role in (Role.DISPATCHER, Role.PLANNER, Role.AUDITOR) else town.grids[grid]
    async with ask.database.write() as session:
        return await makers.make_account(session, role, where, name="Somebody")


async def test_a_manager_adds_changes_and_removes_a_contact(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    manager, home = ask.as_(town.manager), str(town.households[0].id)
    added = (await manager(ADD, home=home, input=CHILD))["addEmergencyContact"]
    changed = {"name": "Son", "address": "+8613800000002", "channel": "VOICE", "language": "en"}
    assert (await manager(CHANGE, id=added["id"], input=changed))["changeEmergencyContact"]["name"] == "Son"
    assert (await manager(ASK, home=home))["emergencyContacts"] == [{"id": added["id"], **changed}]
    assert (await manager(REMOVE, id=added["id"]))["removeEmergencyContact"] is True
    assert (await manager(ASK, home=home))["emergencyContacts"] == []


@pytest.mark.parametrize(
    ("role", "grid", "code"),
    [
        (Role.GRID_WORKER, 0, None),
        (Role.GRID_WORKER, 1, "NOT_FOUND"),
        (Role.VOLUNTEER, 0, "NOT_ALLOWED"),
        (Role.DISPATCHER, 0, "NOT_ALLOWED"),
        (Role.AUDITOR, 0, "NOT_ALLOWED"),
        (Role.PLANNER, 0, "NOT_FOUND"),
        (Role.TERMINAL, 0, "NOT_FOUND"),
    ],
)
async def test_who_may_know_the_contacts_of_a_home_in_grid_one(
    changing: tuple[Asking, Town], role: Role, grid: int, code: str | None
) -> None:
    """Those of the own grid who may read a person's sensitive fields, and nobody else."""
    ask, town = changing
    home = str(town.households[0].id)
    await ask.as_(town.manager)(ADD, home=home, input=CHILD)
    somebody = ask.as_(await _somebody(ask, role, town, grid))
    if code is None:
        assert (await somebody(ASK, home=home))["emergencyContacts"][0]["address"] == "13800000001"
    else:
        assert await somebody.code(ASK, home=home) == code
        assert await somebody.code(ADD, home=home, input=CHILD) in (code, "NOT_ALLOWED")
        async with ask.database.acting_as("test").read() as session:
            assert await session.scalar(sa.select(sa.func.count()).select_from(EmergencyContact)) == 1


@pytest.mark.parametrize(
    "wrong", [{"address": "call me"}, {"name": " "}, {"channel": "WEB_PUSH"}, {"channel": "LOG"}, {"name": 61 * "x"}]
)
async def test_who_cannot_be_reached_is_not_kept(changing: tuple[Asking, Town], wrong: dict[str, str]) -> None:
    ask, town = changing
    manager, home = ask.as_(town.manager), str(town.households[0].id)
    assert await manager.code(ADD, home=home, input=CHILD | wrong) == "CONTACT_REFUSED"
    assert (await manager(ASK, home=home))["emergencyContacts"] == []


async def test_a_home_has_at_most_five_contacts(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    manager, home = ask.as_(town.manager), str(town.households[0].id)
    for _ in range(5):
        await manager(ADD, home=home, input=CHILD)
    assert await manager.code(ADD, home=home, input=CHILD) == "TOO_MANY_CONTACTS"
