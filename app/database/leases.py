"""Connections on lease from asyncpg's pool, handed from one transaction to the next without a turn of the loop.

asyncpg's own way back and forth costs a task and two turns of the loop: 17 µs of CPU a transaction, 1 µs so, of 250
for a whole read. What it is good at stays its own: connecting, the number of connections, their age, caches that a
migration made stale. Hence the lease is short: a connection that is not wanted for a second goes back.
"""

import asyncio
from collections import deque
from typing import Any

import asyncpg
import structlog

from app.database.failures import PooledConnection, is_dead

log = structlog.get_logger(__name__)

LEASE = 1.0
"""Seconds after which connections that nobody uses go back to asyncpg's pool."""


class Leases:
    """The connections of a pool, on the loop that is running when this is made.

    leased: how many are out of asyncpg's pool, in use or parked.
    """

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """pool: open, and used by nobody else."""
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._parked: list[PooledConnection] = []
        self._waiters: deque[asyncio.Future[PooledConnection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._going_back: set[asyncio.Task[None]] = set()
        self._closed = False
        self.leased = 0

    @property
    def free(self) -> int:
        """How many connections could be had at once, made or not."""
        return self._pool.get_max_size() - self.leased + len(self._parked)

    def parked(self) -> PooledConnection | None:
        """A connection that is at hand, the one used last; None where there is none."""
        while self._parked:
            connection = self._parked.pop()
            if not is_dead(connection):
                return connection
            self.leased -= 1
        return None

    async def take(self) -> PooledConnection:
        """A connection, as soon as there is one. Raises what asyncpg raises where none can be made."""
        while True:
            connection = self.parked()
            if connection is None and self.leased < self._pool.get_max_size():
                connection = await self._lease()
            if connection is None:
                connection = await self._handed_over()
            if connection is not None:
                return connection

    def give(self, connection: PooledConnection) -> None:
        """Take a connection back, for whoever has waited longest, or to be parked; a dead one makes room for one."""
        if is_dead(connection) or self._closed:
            self._return(connection)
            return
        if self._call(connection):
            return
        self._parked.append(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(LEASE, self._end_leases)

    async def end(self) -> None:
        """Return to asyncpg's pool whatever nobody uses."""
        self._end_leases()
        while self._going_back:
            await asyncio.wait(self._going_back)

    async def close(self) -> None:
        """Return what nobody uses, and from now on whatever is given back."""
        self._closed = True
        await self.end()

    async def _lease(self) -> PooledConnection:
        self.leased += 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._make_room()
            raise

    async def _handed_over(self) -> PooledConnection | None:
        """Wait for a connection, or (None) for room to lease one."""
        waiter: asyncio.Future[PooledConnection | None] = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():  # called at the very moment
                self._pass_on(waiter.result())
            raise

    def _pass_on(self, connection: PooledConnection | None) -> None:
        if connection is None:
            self._call(None)
        else:
            self.give(connection)

    def _call(self, connection: PooledConnection | None) -> bool:
        """Hand a connection, or the room for one, to whoever has waited longest; False where nobody waits."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _make_room(self) -> None:
        self.leased -= 1
        self._call(None)

    def _end_leases(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        parked, self._parked = self._parked, []
        for connection in parked:
            self._return(connection)

    def _return(self, connection: PooledConnection) -> None:
        task = self._loop.create_task(self._pool.release(connection))
        self._going_back.add(task)
        task.add_done_callback(self._returned)

    def _returned(self, task: asyncio.Task[None]) -> None:
        self._going_back.discard(task)
        if not task.cancelled() and task.exception() is not None:  # asyncpg has closed it, and connects anew
            log.warning("connection_not_returned_cleanly", exc_info=task.exception())
        self._make_room()
