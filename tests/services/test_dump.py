"""A dump of the database shows nothing that was sealed: planted marks are looked for in every form they could take."""

import base64
import subprocess
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from fixtures import makers
from services import care_records, clock, openings, visits
from services.access import Actor
from services.actors import actor_of
from services.care_records import Order, Writing
from services.consents import ConsentGiven
from services.database import Database
from services.models import Account, ConsentGiver, Resident, Role, Visit
from services.postgres import find
from services.visits import Told
from tests import postgres

KEYS = makers.KEYRING
MARKS = {
    "name": "Zyx Markname",
    "phone": "13912345678",
    "identity": "110101199003070038",
    "notes": "marknotes drinks alone",
    "diagnosis": "markdiagnosis of the lung",
    "visit": "markvisit saw the stove on",
    "giver": "Qwv Markgiver",
    "reason": "markreason smells gas at the door",
}
"""Made up, each found nowhere else."""


def forms(mark: str) -> set[bytes]:
    """The mark as it is, as PostgreSQL writes bytes, as base64, and in UTF-16."""
    plain = mark.encode()
    return {plain, plain.hex().encode(), base64.b64encode(plain)[:-4], mark.encode("utf-16-le").hex().encode()}


async def plant(database: Database) -> None:
    """Every mark through the services that keep it."""
    async with database.write() as session:
        community = await makers.make_community(session)
        grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), 1)
        home = await makers.make_household(session, grid, 50, 500)
        resident = await makers.make_resident(session, home, name=MARKS["name"], phone=MARKS["phone"])
        key = resident.data_key or b""
        resident.identity_sealed = KEYS.seal(key, "residents.identity", MARKS["identity"])
        resident.identity_index = KEYS.index("residents.identity", MARKS["identity"])
        category = await makers.make_category(session)
        worker = await makers.make_worker(session, grid, phone=MARKS["phone"])
        account = await makers.make_account(session, Role.MANAGER, community, worker=worker)
    actor = await _actor(database, account)
    async with database.write() as session:
        given = ConsentGiven(ConsentGiver.GUARDIAN, clock.today(), ["VISITS"], MARKS["giver"])
        writing = Writing(None, MARKS["notes"], MARKS["diagnosis"])
        order = Order(resident.id, category.code, given, writing)
        record = await care_records.open_record(session, actor, KEYS, order)
        told = Told(record.id, clock.now() - timedelta(hours=1), "ROUTINE", MARKS["visit"])
        await visits.record_visit(session, actor, KEYS, told)
        await openings.open_sealed(session, actor, KEYS, home.id, MARKS["reason"])


async def _actor(database: Database, account: Account) -> Actor:
    async with database.read() as session:
        return await actor_of(session, account.id)


async def test_a_dump_shows_none_of_the_marks(databases: postgres.WorkerDatabases, tmp_path: Path) -> None:
    """All tables as pg_dump writes them; that the rows are there is seen by their ids."""
    name = databases.make()
    database = Database(databases.url(name)).acting_as("tests")
    await plant(database)
    async with database.read() as session:
        person = (await session.scalars(sa.select(Resident.id))).one()
        visit = (await session.scalars(sa.select(Visit.id))).one()
    await database.close()
    dump = tmp_path / "dump.sql"
    url = databases.url(name, postgres.SUPERUSER)  # whom row-level security does not bind, as a backup wants it
    subprocess.run([find().folder / "pg_dump", "--file", dump, url], check=True, capture_output=True)
    databases.drop(name)

    content = dump.read_bytes()

    assert str(person).encode() in content
    assert str(visit).encode() in content
    found = {name for name, mark in MARKS.items() if any(form in content for form in forms(mark))}
    assert found == set()
