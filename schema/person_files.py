"""People as rows on a register: suspected twice, merged, exported whole, erased."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON

from schema import areas
from schema.context import Info, id_of
from schema.lens import lens, listing, mutation, shown
from schema.residents import Resident
from services import erasure, person_files, residents
from services.models import Area
from services.models import Resident as ResidentRow
from services.residents import Duplicate as DuplicateFound

MOST_DUPLICATES = 100
MOST_ERASED = 50


@lens
class Duplicate:
    """Two people on the register who may be one."""

    first: Resident = shown("One of them.")
    second: Resident = shown("The other.")

    @listing(graphql_type=list[str], at_most=3)
    async def shared(self, row: strawberry.Parent[DuplicateFound]) -> list[str]:
        """What they share: IDENTITY, NAME_AND_BIRTH_DATE, NAME_AND_PHONE."""
        return row.shared


@lens
class KeptByLaw:
    """What is not erased, or not yet."""

    what: str = shown("A care record, or the proof of who read and who agreed.")
    until: datetime | None = shown("Until when; null for proof that holds no name.")
    ground: str | None = shown("Why it is kept.")


@lens
class Erasure:
    """What came of erasing a person."""

    @listing(graphql_type=list[str], at_most=MOST_ERASED)
    async def erased(self, row: strawberry.Parent[erasure.Erasure]) -> list[str]:
        """What was erased for good."""
        return row.erased

    @listing(graphql_type=list[KeptByLaw], at_most=MOST_ERASED)
    async def kept(self, row: strawberry.Parent[erasure.Erasure]) -> Any:
        """What is kept, and why."""
        return row.kept


@lens
class PersonFileQuery:
    """What can be asked of the register."""

    @listing(graphql_type=list[Duplicate] | None, at_most=MOST_DUPLICATES)
    async def duplicates(self, info: Info, area_id: strawberry.ID) -> Any:
        """Pairs in an area who may be one person, the surest first; for managers and community staff."""
        inside = await areas.inside(info.context, area_id)
        async with info.context.read() as session:
            grids = (await session.scalars(sa.select(Area.id).where(inside))).all()
            return await residents.duplicates(session, info.context.actor, grids, MOST_DUPLICATES)


@lens
class PersonFileMutation:
    """The acts by which the register is put right, and by which a person has his file."""

    @mutation(graphql_type=Resident)
    async def merge_residents(self, info: Info, keep: strawberry.ID, duplicate: strawberry.ID) -> ResidentRow:
        """Two rows are one person: records go to the one kept, the other stays with its history."""
        async with info.context.write() as session:
            keyring = info.context.api.keyring
            return await residents.merge(session, info.context.actor, keyring, id_of(keep), id_of(duplicate))

    @mutation(graphql_type=JSON)
    async def export_person(self, info: Info, resident_id: strawberry.ID) -> dict[str, Any]:
        """The person's file whole, for the person; each field of it is in the read log."""
        actor, keyring = info.context.actor, info.context.api.keyring
        async with info.context.read() as session:
            return await person_files.export(session, actor, keyring, id_of(resident_id), info.context.notes.add)

    @mutation(graphql_type=Erasure)
    async def erase_resident(self, info: Info, id: strawberry.ID, code: str) -> Any:
        """Erase a person for good; send the number on the register again, so that it is the right one."""
        async with info.context.write() as session:
            return await erasure.erase_resident(session, info.context.actor, id_of(id), code)
