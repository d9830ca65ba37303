"""Connections to the store: dead ones are found before they are handed out, and a transaction begins in one round trip.

PostgreSQL tells a client that it goes: the socket of a connection that died has something to read. So a connection
that was used a moment ago and whose socket is silent is handed out as it is; any other is asked first.
"""

import select
import time
from typing import Any

import sqlalchemy as sa
from psycopg.sql import Literal
from sqlalchemy.ext.asyncio import AsyncEngine

BEGIN = "linli_begin"
ASK_AFTER_SECONDS = 30.0
_USED = "linli_used"


def prepare(engine: AsyncEngine) -> None:
    """Make an engine whose connections are in autocommit begin its transactions by itself, and look at idle lines."""
    sa.event.listen(engine.sync_engine, "begin", _begin)
    sa.event.listen(engine.sync_engine, "checkin", _note)
    sa.event.listen(engine.sync_engine, "checkout", _look(engine.dialect))


def beginning(actor: str | None, *, only_reads: bool, one_plan: bool = False) -> dict[str, str]:
    """Execution options: how a transaction begins, with the speaker in the same message (see `database.IDENTITY`).

    `one_plan`: what is prepared is planned once a connection and not for each value. Planning under row security takes
    ten times as long as finding the nearest workers does.
    """
    begin = "BEGIN READ ONLY" if only_reads else "BEGIN"
    if actor is None:
        return {BEGIN: begin}
    said = Literal(actor).as_string(None).replace("%", "%%")
    plan = ", set_config('plan_cache_mode', 'force_generic_plan', true)" if one_plan else ""
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
