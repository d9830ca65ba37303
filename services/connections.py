"""Connections to the store: dead ones are found before they are handed out, and a transaction begins in one round trip.

PostgreSQL tells a client that it goes: the socket of a connection that died has something to read. So a connection
that was used a moment ago and whose socket is silent is handed out as it is; any other is asked first.

Who goes without a word is missed, too: a store whose machine is gone, by the signs of life of the line; a server that
stands still in the middle of a transaction, by the store, which then gives free what that one held.
"""

import select
import time
from collections.abc import Mapping
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.sql import Literal
from sqlalchemy.ext.asyncio import AsyncEngine

BEGIN = "linli_begin"
ASK_AFTER_SECONDS = 30.0
STANDS_STILL_SECONDS = 10.0
LINE: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""libpq's: so many seconds (the last: milliseconds) after which a machine that does not answer is gone."""
_USED = "linli_used"


def prepare(engine: AsyncEngine) -> None:
    """Make an engine whose connections are in autocommit begin its transactions by itself, and look at idle lines."""
    sa.event.listen(engine.sync_engine, "begin", _begin)
    sa.event.listen(engine.sync_engine, "checkin", _note)
    sa.event.listen(engine.sync_engine, "checkout", _look(engine.dialect))


async def own_line(address: sa.URL, **options: Any) -> psycopg.AsyncConnection[Any]:
    """A connection outside of the pool, in autocommit: for what listens, holds a lock, or speaks PostgreSQL itself."""
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return await psycopg.AsyncConnection.connect(plain, autocommit=True, **line(address), **options)


def line(address: sa.URL) -> dict[str, Any]:
    """How long a silent machine is waited for, save what the address itself says of it."""
    return {name: value for name, value in LINE.items() if name not in address.query}


def beginning(actor: str | None, *, only_reads: bool, one_plan: bool = False, brief: bool = False) -> dict[str, str]:
    """Execution options: how a transaction begins, with the speaker in the same message (see `database.IDENTITY`).

    `one_plan`: what is prepared is planned once a connection and not for each value. Planning under row security takes
    ten times as long as finding the nearest workers does. `brief`: what it holds others wait for, so the store ends it
    when nothing has come for `STANDS_STILL_SECONDS`.
    """
    begin = "BEGIN READ ONLY" if only_reads else "BEGIN"
    if actor is None:
        return {BEGIN: begin}
    said = Literal(actor).as_string(None).replace("%", "%%")
    plan = ", set_config('plan_cache_mode', 'force_generic_plan', true)" if one_plan else ""
    if brief:
        plan += f", set_config('idle_in_transaction_session_timeout', '{STANDS_STILL_SECONDS * 1000:.0f}', true)"
    return {BEGIN: f"{begin}; SELECT set_config('linli.actor', {said}, true){plan}"}


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))


def _note(_: Any, record: Any) -> None:
    record.info[_USED] = time.monotonic()


def _look(dialect: sa.Dialect) -> Any:
    def look(connection: Any, record: Any, _: Any) -> None:
        used = record.info.get(_USED)
        if used is None or (time.monotonic() - used < ASK_AFTER_SECONDS and is_silent(connection.driver_connection)):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise sa.exc.DisconnectionError from None

    return look


def is_silent(line: Any) -> bool:
    """True when nothing has come over the driver's line since it was last used: no farewell of a server that went."""
    if line.closed:
        return False
    asked = select.poll()
    asked.register(line.fileno(), select.POLLIN)
    return not asked.poll(0)
