"""The database under the servers: killed, frozen, and asked when it was away."""

import asyncio
import os
import signal
import time
from datetime import datetime
from pathlib import Path

import psycopg

from services import clock
from services.cluster import SUPERUSER, Cluster
from services.cluster_process import ClusterDown

AWAY_SECONDS = 60.0


class StoreStayedAway(Exception):
    """The database did not come back."""


class Store:
    """One private cluster, owned and watched by this process."""

    def __init__(self, cluster: Cluster) -> None:
        """Running, with its watch."""
        self._cluster = cluster
        self.outages: list[tuple[datetime, datetime]] = []

    async def kill(self) -> None:
        """kill -9 of the postmaster; the owner's watch starts it again."""
        begun, pid = clock.now(), self._postmaster()
        os.kill(pid, signal.SIGKILL)
        await self._until_back(other_than=pid)
        self.outages.append((begun, clock.now()))

    async def restart(self) -> None:
        """A shutdown in order, as for an update: clients are told and cut off; the owner's watch starts it again."""
        begun, pid = clock.now(), self._postmaster()
        os.kill(pid, signal.SIGINT)
        await self._until_back(other_than=pid)
        self.outages.append((begun, clock.now()))

    async def freeze(self, seconds: float) -> None:
        """SIGSTOP for all its processes, as a storage that hangs; then they go on as if nothing had been."""
        begun, stopped = clock.now(), [self._postmaster()]
        os.kill(stopped[0], signal.SIGSTOP)  # first, so that it starts no more
        stopped += _children(stopped[0])
        for pid in stopped:
            _signal(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            for pid in reversed(stopped):
                _signal(pid, signal.SIGCONT)
        await self._until_back()
        self.outages.append((begun, clock.now()))

    async def who_holds_a_timer(self, seconds: float) -> str | None:
        """The name of a server that is just doing what a timer asks for; None when none was met in that time."""
        return await asyncio.to_thread(self._timer_holder, seconds)

    def _timer_holder(self, seconds: float) -> str | None:
        until = time.monotonic() + seconds
        held = """SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                  WHERE l.relation = 'timers'::regclass AND l.mode = 'RowShareLock' AND l.granted
                    AND a.application_name LIKE 'server-%' LIMIT 1"""
        with psycopg.connect(self._cluster.url(SUPERUSER), autocommit=True) as connection:
            while time.monotonic() < until:
                if row := connection.execute(held).fetchone():
                    return str(row[0])
        return None

    def _postmaster(self) -> int:
        found = self._cluster.running()
        if found is None:
            raise StoreStayedAway
        return found.pid

    async def _until_back(self, other_than: int | None = None) -> None:
        until = time.monotonic() + AWAY_SECONDS
        while time.monotonic() < until:
            if await asyncio.to_thread(self._answers, other_than):
                return
            await asyncio.sleep(0.1)
        raise StoreStayedAway

    def _answers(self, other_than: int | None) -> bool:
        found = self._cluster.running()
        if found is None or found.pid == other_than:
            return False
        try:
            with psycopg.connect(self._cluster.url(SUPERUSER), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, ClusterDown):  # a start that has to wait for the old processes is begun again
            return False
        return True


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _signal(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass
