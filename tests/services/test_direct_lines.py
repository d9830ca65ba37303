"""Direct lines: one message a question, planned once, for whom it is asked, and never handed out dead."""

import asyncio
import uuid
from datetime import date, datetime, timedelta, timezone

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.sql import Literal

from services import direct_lines
from services.database import Database, platform, told
from services.direct_lines import Question, Value

WHO = "SELECT current_setting('linli.actor', true)"
PREPARED = "SELECT string_agg(statement, '|' ORDER BY prepare_time) FROM pg_prepared_statements"
CHINA = timezone(timedelta(hours=8))
ODD = "100 % of 'quotes' and \\ bars"


def _question(part: str, statement: str, *names: str) -> Question:
    return Question.of(Literal(told(platform(part))).as_string(), statement, names)


async def _asked(database: Database, statement: str, *names: str, **values: float | str) -> object:
    (found,) = await database.direct.ask([_question("tests", statement, *names)], values)
    return found


async def test_each_question_is_asked_for_its_own_speaker_and_leaves_no_name(fresh_database_url: str) -> None:
    """Two in one message, by two parts of the platform; afterwards the line speaks for nobody."""
    database = Database(fresh_database_url, 1)
    asked = [_question("intake", WHO), _question(ODD, WHO)]
    assert await database.direct.ask(asked, {}) == [told(platform("intake")), told(platform(ODD))]
    (line,) = database.direct._idle
    assert await (await line._connection.execute(WHO)).fetchone() == ("",)
    await database.close()


async def test_values_go_in_by_name_and_the_statement_is_prepared_once(fresh_database_url: str) -> None:
    """0.1 + 0.25 is 0.35; what is asked three times on one line stands prepared there once."""
    database = Database(fresh_database_url, 1)
    for _ in range(3):
        found = await _asked(database, "SELECT $2 || ($1 + 0.25)", "number", "word", word="it's \\ ", number=0.1)
        assert found == "it's \\ 0.35"
    prepared = str(await _asked(database, PREPARED))
    assert prepared.count("0.25") == 1
    await database.close()


async def test_what_was_not_asked_for_longest_is_forgotten(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three are kept: of 1, 2, 1, 3, 4 the second was not asked for longest, then comes the question itself for 1."""
    monkeypatch.setattr(direct_lines, "MOST_PREPARED", 3)
    database = Database(fresh_database_url, 1)
    for number in (1, 2, 1, 3, 4):
        assert await _asked(database, f"SELECT {number} AS n{number}") == number
    assert [one for one in ("n1", "n2", "n3", "n4") if one in str(await _asked(database, PREPARED))] == ["n3", "n4"]
    assert await _asked(database, "SELECT 2 AS n2") == 2
    await database.close()


async def test_a_line_that_died_or_failed_is_not_used_again(fresh_database_url: str) -> None:
    database = Database(fresh_database_url, 1)
    whose = "SELECT pg_backend_pid()"
    first = await _asked(database, whose)
    assert await _asked(database, whose) == first
    async with await psycopg.AsyncConnection.connect(fresh_database_url, autocommit=True) as other:
        await other.execute("SELECT pg_terminate_backend(%s, 10000)", (first,))
    second = await _asked(database, whose)
    assert second != first
    with pytest.raises(psycopg.errors.DivisionByZero):
        await _asked(database, "SELECT 1 / 0")
    assert await _asked(database, whose) not in (first, second)
    await database.close()


async def test_lines_are_as_many_as_are_asked_at_once_up_to_a_limit(fresh_database_url: str) -> None:
    """Two, then seven at once of whom three find a line; what was opened is kept."""
    database = Database(fresh_database_url, 3)
    for asked, lines in ((2, 2), (7, 3)):
        found = await asyncio.gather(*(_asked(database, "SELECT pg_backend_pid()") for _ in range(asked)))
        assert len(set(found)) == lines
    assert await _asked(database, "SELECT pg_backend_pid()") in found
    await database.close()


async def test_a_press_waits_behind_nobody_who_draws_or_looks(fresh_database_url: str) -> None:
    """The only line of all others is taken by one who waits for a lock; the press asks, and then sets that one free."""
    database = Database(fresh_database_url, 1)
    async with await psycopg.AsyncConnection.connect(fresh_database_url, autocommit=True) as holder:
        await holder.execute("SELECT pg_advisory_lock(1)")
        waiting = asyncio.create_task(_asked(database, "SELECT pg_advisory_xact_lock(1)"))
        (found,) = await database.acting_as("intake").ask("SELECT :word || ' first'", word="presses")
        assert found == "presses first"
        assert not waiting.done()
        await holder.execute("SELECT pg_advisory_unlock(1)")
        await waiting
    await database.close()


async def test_what_is_asked_by_keys_reads_no_table_whole_and_leaves_that_to_nobody(fresh_database_url: str) -> None:
    """The plan is kept while tables grow that were empty; tiles, on the same line, are planned as PostgreSQL likes."""
    database, whether = Database(fresh_database_url, 1), "SELECT current_setting('enable_seqscan')"
    for _ in range(2):
        assert await database.acting_as("tests").ask(whether) == ["off"]
        assert await _asked(database, whether) == "on"
    await database.close()


async def test_values_of_all_types_go_in_as_they_are(fresh_database_url: str) -> None:
    """A time keeps its zone, an id and a day are no text: a day later, and the same id."""
    database, made = Database(fresh_database_url, 1), uuid.UUID("0192ce2a-b000-7abc-8def-0123456789ab")
    values: dict[str, Value] = {"id": made, "day": date(2026, 2, 28), "at": datetime(2026, 5, 1, 8, tzinfo=CHINA)}
    told = "'id', :id, 'kind', pg_typeof(:id), 'next', :day + 1, 'at', :at = '2026-05-01 00:00Z'"
    (found,) = await database.acting_as("tests").ask(f"SELECT json_build_object({told})", **values)
    assert found == {"id": str(made), "kind": "uuid", "next": "2026-03-01", "at": True}
    await database.close()


async def test_a_store_that_is_away_is_told_as_sessions_tell_it() -> None:
    database = Database("postgresql://nobody@/nothing?host=/nowhere")
    with pytest.raises(sa.exc.OperationalError):
        await _asked(database, "SELECT 1")
    await database.close()
