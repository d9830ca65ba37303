"""Rotating the sealing secret: all rows under the new one, found by its index, resumable; the old one opens nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
from typer.testing import CliRunner

from fixtures import makers
from services import rotation, secrets, settings
from services.cli import app
from services.cli_rotate import register
from services.database import Database
from services.models import Base, Resident, TerminalKey, Worker
from services.models.base import Packed
from services.sealing import Keyring, SealBroken
from tests import postgres

FIRST, SECOND = b"the first secret of these tests 32", b"the second secret of these tests 32"
LOG = b"the log's own secret"
OLD = Keyring.from_secrets({1: FIRST}, LOG)
BOTH = Keyring.from_secrets({1: FIRST, 2: SECOND}, LOG)


@dataclass
class Store:
    """Three people, a worker with a phone, a terminal with two keys: five rows with six data keys under the first."""

    database: Database
    url: str


@pytest_asyncio.fixture
async def store(databases: postgres.WorkerDatabases) -> AsyncIterator[Store]:
    """Everything sealed under the first secret."""
    name = databases.make()
    database = Database(databases.url(name)).acting_as("rotation")
    async with database.write() as session:
        community = await makers.make_community(session)
        grid = await makers.make_grid(session, community, makers.box(0, 0, 500, 1000), 1)
        home = await makers.make_household(session, grid, 50, 500)
        for number in range(3):
            await makers.make_resident(session, home, f"Ping {number}", f"1380000000{number}", keyring=OLD)
        await makers.make_worker(session, grid, phone="13900000000", keyring=OLD)
        terminal = await makers.make_terminal(session, home)
        key, former = OLD.new_data_key(), OLD.new_data_key()
        sealed = {"key_sealed": OLD.seal(key, "terminal_keys.key", "ab"), "former_sealed": b"whatever"}
        times = {
            column.name: sa.func.now()
            for column in TerminalKey.__table__.columns
            if isinstance(column.type, sa.DateTime) and not column.nullable
        }
        values = {"terminal_id": terminal.id, "data_key": key, "former_data_key": former, **sealed, **times}
        await session.execute(sa.insert(TerminalKey).values(values))
    yield Store(database, databases.url(name, postgres.OWNER))
    await database.close()
    databases.drop(name)


async def people(store: Store) -> list[Resident]:
    """All of them by code."""
    async with store.database.read() as session:
        return list(await session.scalars(sa.select(Resident).order_by(Resident.code)))


async def test_all_rows_come_under_the_new_secret(store: Store) -> None:
    """Five rows; then the new secret alone opens and finds them, and the old one neither."""
    told: list[tuple[str, int, int]] = []
    found = await rotation.rotate(store.database, BOTH, lambda *step: told.append(step))
    assert (found.rows, found.left) == (5, 0)
    assert sorted(told) == [("residents", 3, 3), ("terminal_keys", 1, 1), ("workers", 1, 1)]
    new = Keyring.from_secrets({2: SECOND}, LOG)
    for number, row in enumerate(await people(store)):
        assert new.open(row.data_key, "residents.name", row.name_sealed) == f"Ping {number}"
        assert row.name_index == new.index("residents.name", f"Ping {number}")
        assert row.identity_index is None
        with pytest.raises(SealBroken):
            OLD.open(row.data_key, "residents.name", row.name_sealed)
    async with store.database.read() as session:
        key = (await session.scalars(sa.select(TerminalKey))).one()
        worker = (await session.scalars(sa.select(Worker))).one()
    assert new.open(key.data_key, "terminal_keys.key", key.key_sealed) == "ab"
    assert new.open(worker.data_key, "workers.phone", worker.phone_sealed) == "13900000000"


KEYS = {
    "accounts": ["data_key"],
    "attachments": ["data_key"],
    "call_notes": ["data_key"],
    "care_records": ["data_key"],
    "case_contacts": ["data_key"],
    "cases": ["data_key"],
    "consents": ["data_key"],
    "emergency_contacts": ["data_key"],
    "openings": ["data_key"],
    "phones": ["data_key"],
    "residents": ["data_key"],
    "terminal_keys": ["data_key", "former_data_key"],
    "visits": ["data_key"],
    "workers": ["data_key"],
}
"""Every table with data keys of its own."""
BY_ANOTHER = {"case_events.words_sealed": "the data key of its case"}
UNDER_NO_SECRET = {
    "attachments.digest": "under the lasting key, since it tells a file that is sent again",
    "cases.tracking_hash": "under the lasting key, since the code is not kept",
    **dict.fromkeys(("coverage_audits.by_category", "coverage_audits.by_grid", "coverage_audits.gaps"), "counts"),
    "coverage_results.supply": "places",
    "coverage_results.gap_areas": "no person",
    "coverage_results.seconds": "no person",
    "coverage_results.times": "no person",
    "coverage_rosters.feature_ids": "no person",
    "lockouts.key": "under the tokens' secret",
    "networks.content": "streets",
    "oidc_flows.state_hash": "SHA-256 of a random number",
    "phones.endpoint_digest": "SHA-256 of a random address",
    "reading_anchors.mac": "under the log's key, which is not rotated",
    "reading_heads.mac": "under the log's key, which is not rotated",
    "readings.mac": "under the log's key, which is not rotated",
    "recovery_codes.code_hash": "SHA-256 of a random number",
    "refresh_tokens.token_hash": "SHA-256 of a random number",
}


def test_every_sealed_column_is_rotated_with_its_key() -> None:
    """Whoever adds a column of bytes says what opens it: a key of its row, of another row, or no sealing secret."""
    assert {table.name: sorted(key.name for key in rotation._keys(table)) for table in rotation.sealed_tables()} == KEYS
    bytes_ = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (sa.LargeBinary, Packed))
    ]
    unknown = []
    for column in bytes_:
        table, place = column.table, f"{column.table.name}.{column.name}"
        own_key = "former_data_key" if column.name.startswith("former_") else "data_key"
        sealed = column.name.endswith("_sealed") and own_key in KEYS.get(table.name, [])
        found_by = column.name.endswith("_index") and column.name.removesuffix("_index") in rotation._indexed(table)
        if not (sealed or found_by or column.name in KEYS.get(table.name, []) or place in BY_ANOTHER):
            unknown.append(place)
    assert sorted(unknown) == sorted(UNDER_NO_SECRET)


async def test_what_is_not_kept_stays_the_same_under_a_new_secret(store: Store) -> None:
    """A tracking code that was given before the rotation opens its case after it, and after the old secret is gone."""
    new = Keyring.from_secrets({2: SECOND}, LOG)
    assert OLD.index("cases.tracking", "ABC") != new.index("cases.tracking", "ABC")
    assert OLD.lasting("cases.tracking", "ABC") == new.lasting("cases.tracking", "ABC")
    assert OLD.lasting_key == new.lasting_key != OLD.log_key


async def test_it_goes_on_where_it_was_cut_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row at a time, cut off after the second: two are done and stay done, the next run does three."""
    monkeypatch.setattr(rotation, "AT_ONCE", 1)
    steps = 0

    def cut(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate(store.database, BOTH, cut)
    assert await rotation.left(store.database, BOTH) == 3
    assert (await rotation.rotate(store.database, BOTH, lambda *_: None)).rows == 3


async def test_while_it_runs_people_are_found_under_either_index(store: Store) -> None:
    """A server with both secrets asks for both forms of a name."""
    forms = BOTH.indexes("residents.name", "Ping 1")
    assert forms == [BOTH.index("residents.name", "Ping 1"), OLD.index("residents.name", "Ping 1")]
    async with store.database.read() as session:
        found = (await session.scalars(sa.select(Resident.id).where(Resident.name_index.in_(forms)))).all()
    assert len(found) == 1


async def test_without_the_old_secret_nothing_is_touched(store: Store) -> None:
    """Refused by name of the table."""
    alone = Keyring.from_secrets({2: SECOND}, LOG)
    with pytest.raises(rotation.SecretGone, match="generation 1"):
        await rotation.rotate(store.database, alone, lambda *_: None)
    assert await rotation.left(store.database, BOTH) == 5


async def test_the_command(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both secrets from the environment it brings all rows over; run again it finds none."""
    monkeypatch.setenv("DATABASE_URL", store.url)
    monkeypatch.setenv("LINLI_SEALING_SECRET", SECOND.decode())
    monkeypatch.setenv("LINLI_FORMER_SEALING_SECRET", FIRST.decode())
    register(app)
    for rows in (5, 0):
        done = await asyncio.to_thread(CliRunner().invoke, app, ["rotate-key"])
        assert done.exit_code == 0, done.output
        assert f"{rows} rows brought to today's secret, 0 left" in done.output


def test_the_next_secret_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generation 2, then 3; each keyring still opens what the ones before have sealed, and the log's key stays."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    given = settings.load(data=tmp_path)
    first = secrets.keyring(given)
    key = first.new_data_key()
    sealed = first.seal(key, "residents.name", "Ping")
    assert [secrets.add_sealing_secret(given), secrets.add_sealing_secret(given)] == [2, 3]
    third = secrets.keyring(given)
    assert (third.generation, third.log_key) == (3, first.log_key)
    assert third.open(key, "residents.name", sealed) == "Ping"
    assert third.new_data_key()[0] == 3
    (tmp_path / "sealing-secret").unlink()  # destroyed after the rotation: its number is not given again
    assert sorted(secrets.keyring(given).wrapping) == [2, 3]


def test_secrets_of_the_environment_keep_their_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While both are given the new one is 2; afterwards it stays 2 by its stated generation."""
    monkeypatch.setenv("LINLI_SEALING_SECRET", SECOND.decode())
    monkeypatch.setenv("LINLI_FORMER_SEALING_SECRET", FIRST.decode())
    assert secrets.keyring(settings.load(data=tmp_path)).wrapping == BOTH.wrapping
    monkeypatch.delenv("LINLI_FORMER_SEALING_SECRET")
    monkeypatch.setenv("LINLI_SEALING_GENERATION", "2")
    assert secrets.keyring(settings.load(data=tmp_path)).wrapping == {2: BOTH.wrapping[2]}
    with pytest.raises(secrets.SecretGiven):
        secrets.add_sealing_secret(settings.load(data=tmp_path))
