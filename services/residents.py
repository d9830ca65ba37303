"""People who were registered twice: found by what they share, merged into one with both histories kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services import care_records, clock, contents
from services.access import Actor, visible
from services.contents import Content
from services.database import speaking_as
from services.errors import Invalid, NotFound
from services.models import (
    CareEventKind,
    CareRecord,
    Consent,
    Household,
    HouseholdEvent,
    HouseholdEventKind,
    Residence,
    Resident,
    Role,
    Visit,
)
from services.models.residents import home_of
from services.sealing import Keyring

MERGERS = (Role.MANAGER, Role.COMMUNITY_STAFF)
PART = "residents"
SHOWN_DIGITS = 4
CARRIED = ("phone", "identity")


class SamePerson(Invalid):
    """A person cannot be merged with itself. Name two."""


class IdentityNumbersDiffer(Invalid):
    """The two have different identity numbers: they are not one person. Compare the numbers first."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two rows that may be one person, and what they share: IDENTITY, NAME_AND_BIRTH_DATE or NAME_AND_PHONE."""

    first: Resident
    second: Resident
    shared: list[str]


def masked_number(number: str) -> str:
    """An identity number as it may be shown: its last four characters."""
    return "*" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]


async def duplicates(session: AsyncSession, actor: Actor, grid_ids: Sequence[uuid.UUID], most: int) -> list[Duplicate]:
    """Pairs that may be one person, one of them at home in these grids, both the actor's to find; the surest first."""
    actor.require(*MERGERS)
    one, other = aliased(Resident), aliased(Resident)
    tests = {
        "IDENTITY": one.identity_index == other.identity_index,
        "NAME_AND_BIRTH_DATE": sa.and_(one.name_index == other.name_index, one.birth_date == other.birth_date),
        "NAME_AND_PHONE": sa.and_(one.name_index == other.name_index, one.phone_index == other.phone_index),
    }
    lives = sa.select(Residence.resident_id).join(Household, Household.id == Residence.household_id)
    here = lives.where(Residence.until.is_(None), Household.grid_id.in_(grid_ids))
    mine = visible(sa.select(Resident.id), actor)
    shared = [sa.func.coalesce(test, sa.false()) for test in tests.values()]
    pairs = (
        sa.select(one, other, *shared)
        .join(other, sa.and_(one.id < other.id, sa.or_(*tests.values())))
        .where(*(sa.and_(row.merged_into_id.is_(None), row.erased_at.is_(None)) for row in (one, other)))
        .where(one.id.in_(mine), other.id.in_(mine), sa.or_(one.id.in_(here), other.id.in_(here)))
        .order_by(*(test.desc() for test in shared), one.id, other.id)
        .limit(most)
    )
    rows = (await session.execute(pairs)).all()
    return [Duplicate(row[0], row[1], [name for name, yes in zip(tests, row[2:], strict=True) if yes]) for row in rows]


async def merge(
    session: AsyncSession, actor: Actor, keyring: Keyring, kept_id: uuid.UUID, duplicate_id: uuid.UUID
) -> Resident:
    """Make one person of two: records and visits go to the one kept, the other stays as a row with its history.

    The one kept gets what only the other had: birth date, home, phone, identity number; of two phones the other stays
    with the other's row. Raises NotFound, SamePerson, IdentityNumbersDiffer.
    """
    actor.require(*MERGERS)
    if kept_id == duplicate_id:
        raise SamePerson
    kept, gone = await _two(session, actor, kept_id, duplicate_id)
    if kept.identity_index and gone.identity_index and kept.identity_index != gone.identity_index:
        raise IdentityNumbersDiffer
    async with speaking_as(session, PART):  # sealed records of either go along, unseen
        await _carry_records(session, actor, kept, gone)
        await _carry_home(session, actor, kept, gone)
        gone.merged_into_id, gone.merged_at = kept.id, clock.now()
        kept.birth_date = kept.birth_date or gone.birth_date
        for name in CARRIED:
            _carry_sealed(keyring, kept, gone, name)
        await session.flush()
    await contents.changed(session, Content.HOMES, Content.CARE)
    return kept


async def _two(
    session: AsyncSession, actor: Actor, kept_id: uuid.UUID, duplicate_id: uuid.UUID
) -> tuple[Resident, Resident]:
    wanted = visible(sa.select(Resident).where(Resident.id.in_([kept_id, duplicate_id])), actor)
    rows = await session.scalars(wanted.order_by(Resident.id).with_for_update(of=Resident))
    found = {row.id: row for row in rows if row.merged_into_id is None and row.erased_at is None}
    for wanted_id in (kept_id, duplicate_id):
        if wanted_id not in found:
            raise NotFound(wanted_id)
    return found[kept_id], found[duplicate_id]


def _carry_sealed(keyring: Keyring, kept: Resident, gone: Resident, name: str) -> None:
    """What only the other had, sealed anew: a value opens under the key of its own row alone."""
    place, text = f"residents.{name}", keyring.open(gone.data_key, f"residents.{name}", getattr(gone, f"{name}_sealed"))
    if text is None or getattr(kept, f"{name}_sealed") is not None:
        return
    kept.data_key = kept.data_key or keyring.new_data_key()
    setattr(kept, f"{name}_sealed", keyring.seal(kept.data_key, place, text))
    setattr(kept, f"{name}_index", keyring.index(place, text))


async def _carry_records(session: AsyncSession, actor: Actor, kept: Resident, gone: Resident) -> None:
    """Records change hands; where both have an open one in a category, the visits join it and the other is closed."""
    both = sa.select(CareRecord).where(CareRecord.resident_id.in_([kept.id, gone.id])).with_for_update()
    records = (await session.scalars(both)).all()
    standing = {one.category_id: one for one in records if one.resident_id == kept.id and one.closed_at is None}
    for record in (one for one in records if one.resident_id == gone.id):
        twin = standing.get(record.category_id) if record.closed_at is None else None
        if twin is not None:
            await session.execute(
                sa.update(Visit).where(Visit.care_record_id == record.id).values(care_record_id=twin.id)
            )
            twin.last_visit_at = max(filter(None, (twin.last_visit_at, record.last_visit_at)), default=None)
            await care_records.end(session, record, actor, "PERSON_MERGED")
        record.resident_id = kept.id
        detail = {"from": str(gone.id), "to": str(kept.id), **({"into": str(twin.id)} if twin else {})}
        await care_records.tell(session, record, CareEventKind.PERSON_MERGED, actor, detail)
    await session.execute(sa.update(Consent).where(Consent.resident_id == gone.id).values(resident_id=kept.id))


async def _carry_home(session: AsyncSession, actor: Actor, kept: Resident, gone: Resident) -> None:
    """The other's residence ends today; who had none until now lives where the other did."""
    homes = {key: stay for key, stay in (await session.execute(home_of([kept.id, gone.id]))).all()}
    stay = homes.get(gone.id)
    if stay is None:
        return
    stay.until = clock.today()
    await session.flush()
    if kept.id not in homes:
        since = clock.today()
        session.add(Residence(resident_id=kept.id, household_id=stay.household_id, relation=stay.relation, since=since))
    session.add(
        HouseholdEvent(
            household_id=stay.household_id,
            at=clock.now(),
            kind=HouseholdEventKind.LEFT,
            before={"resident": str(gone.id)},
            after={"merged_into": str(kept.id)},
            actor_id=actor.account_id,
        )
    )
