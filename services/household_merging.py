"""Two households become one (并户): people, terminals, contacts and what is open go along as one event on each side."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services import areas, clock, contents, households
from services.access import Actor
from services.cases import moving
from services.contents import Content
from services.database import speaking_as
from services.errors import Invalid
from services.models import (
    Call,
    EmergencyContact,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Residence,
    Role,
    Terminal,
)
from services.models.calls import is_open

PART = "households"


class SameHousehold(Invalid):
    """A household cannot join itself. Name two."""


class HouseholdClosed(Invalid):
    """The file of household {subject} is closed. Nobody lives there any more."""


async def merge(session: AsyncSession, actor: Actor, into_id: uuid.UUID, from_id: uuid.UUID) -> Household:
    """Household `from_id` joins `into_id` from today on; gives the one that goes on.

    Open calls and cases follow to the new home, since their people do; what has ended stays where it happened.
    Raises NotFound, SameHousehold, HouseholdClosed.
    """
    actor.require(Role.MANAGER, Role.COMMUNITY_STAFF)
    if into_id == from_id:
        raise SameHousehold
    found = {one: await households.find(session, actor, one, lock=True) for one in sorted((into_id, from_id))}
    into, gone = found[into_id], found[from_id]
    for one in (into, gone):
        if one.closed_at is not None:
            raise HouseholdClosed(one.code)
    async with speaking_as(session, PART):  # calls and contacts of both homes move, whoever else may see them
        carried = {"residents": await _people(session, into, gone)} | await _things(session, into, gone)
        carried["cases"] = sorted(map(str, await moving.into_household(session, actor, into, gone)))
        gone.closed_at = clock.now()
        for one in (into, gone):
            one.version += 1
            await _tell(session, actor, one, {"from": gone.code, "to": into.code, **carried})
    await contents.changed(session, Content.HOMES, Content.CARE)
    return into


async def _people(session: AsyncSession, into: Household, gone: Household) -> list[str]:
    living = sa.select(Residence).where(Residence.household_id == gone.id, Residence.until.is_(None))
    stays = (await session.scalars(living.with_for_update())).all()
    for stay in stays:
        stay.until = clock.today()
    await session.flush()
    for stay in stays:
        session.add(
            Residence(resident_id=stay.resident_id, household_id=into.id, relation=stay.relation, since=clock.today())
        )
    await session.flush()
    return sorted(str(stay.resident_id) for stay in stays)


async def _things(session: AsyncSession, into: Household, gone: Household) -> dict[str, Any]:
    """Terminals, contacts and open calls; gives the serials and ids that moved."""
    moved: dict[str, Any] = {}
    for name, table, told, open_ in (
        ("terminals", Terminal, Terminal.serial, sa.true()),
        ("contacts", EmergencyContact, EmergencyContact.id, sa.true()),
        ("calls", Call, Call.id, is_open()),
    ):
        move = sa.update(table).where(table.household_id == gone.id, open_).values(household_id=into.id)
        rows = await session.scalars(move.returning(told).execution_options(synchronize_session=False))
        moved[name] = sorted(map(str, rows))
    return moved


async def _tell(session: AsyncSession, actor: Actor, household: Household, detail: dict[str, Any]) -> None:
    session.add(
        HouseholdEvent(
            household_id=household.id,
            at=clock.now(),
            kind=HouseholdEventKind.MERGED,
            before={},
            after=detail,
            actor_id=actor.account_id,
            grid_version_id=await areas.current_version(session, household.grid_id),
        )
    )
    await session.flush()
