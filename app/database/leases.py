"""Connections leased from asyncpg's pool, which pass from one transaction to the next without a turn of the event loop.

asyncpg's own acquire and release cost a task and two turns of the loop: 10 % of the CPU time of a whole read, and 19 %
of a 404 (README.md has the measurement). Its pool still opens the connections, limits their number and age, and drops
those that a migration made stale. So a lease is short: a connection that is idle for a second goes back.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

log = structlog.get_logger(__name__)

LEASE = 1.0
"""Seconds after which idle connections go back to asyncpg's pool."""


if TYPE_CHECKING:
    PooledConnection: TypeAlias = PoolConnectionProxy[asyncpg.Record]
    AnyConnection: TypeAlias = PooledConnection | asyncpg.Connection[asyncpg.Record]
else:  # generic in its stubs only
    PooledConnection = PoolConnectionProxy
    AnyConnection = PoolConnectionProxy | asyncpg.Connection


def is_dead(connection: AnyConnection | None) -> bool:
    """Return whether a connection is closed. None counts as closed."""
    if connection is None:
        return True
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool has dropped it; then every attribute raises
        return True


class Leases:
    """The connections of a pool. leased: how many are outside asyncpg's pool, in use or idle."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """pool: an open pool that nothing else uses. It belongs to the running event loop."""
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._idle: list[PooledConnection] = []
        self._waiters: deque[asyncio.Future[PooledConnection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Task[None]] = set()
        self._closed = False
        self.leased = 0

    @property
    def free(self) -> int:
        """The number of connections that `acquire` could return without waiting, open or not."""
        return self._pool.get_max_size() - self.leased + len(self._idle)

    def acquire_idle(self) -> PooledConnection | None:
        """Return the idle connection that was used last, or None if no connection is idle."""
        while self._idle:
            connection = self._idle.pop()
            if not is_dead(connection):
                return connection
            self.leased -= 1
        return None

    async def acquire(self) -> PooledConnection:
        """Return a connection, after waiting for one if all are in use. Raises the errors of connecting."""
        while True:
            connection = self.acquire_idle()
            if connection is None and self.leased < self._pool.get_max_size():
                connection = await self._lease()
            if connection is None:
                connection = await self._wait()
            if connection is not None:
                return connection

    def release(self, connection: PooledConnection) -> None:
        """Take a connection back: the longest waiter gets it, or it becomes idle. A closed one goes to the pool."""
        if is_dead(connection) or self._closed:
            self._return(connection)
            return
        if self._wake_waiter(connection):
            return
        self._idle.append(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(LEASE, self._return_idle)

    async def return_idle(self) -> None:
        """Return all idle connections to asyncpg's pool."""
        self._return_idle()
        while self._returning:
            await asyncio.wait(self._returning)

    async def close(self) -> None:
        """Return all idle connections, and from then on each one that is released."""
        self._closed = True
        await self.return_idle()

    async def _lease(self) -> PooledConnection:
        self.leased += 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._end_lease()
            raise

    async def _wait(self) -> PooledConnection | None:
        """Wait for a connection. None: there is room to lease another one."""
        waiter: asyncio.Future[PooledConnection | None] = self._loop.create_future()
        self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():  # the waiter got its result at the same moment
                self._pass_on(waiter.result())
            raise

    def _pass_on(self, connection: PooledConnection | None) -> None:
        if connection is None:
            self._wake_waiter(None)
        else:
            self.release(connection)

    def _wake_waiter(self, connection: PooledConnection | None) -> bool:
        """Give the longest waiter a connection, or None if there is room for one. Returns False if nothing waits."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _end_lease(self) -> None:
        self.leased -= 1
        self._wake_waiter(None)

    def _return_idle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        idle, self._idle = self._idle, []
        for connection in idle:
            self._return(connection)

    def _return(self, connection: PooledConnection) -> None:
        task = self._loop.create_task(self._pool.release(connection))
        self._returning.add(task)
        task.add_done_callback(self._on_returned)

    def _on_returned(self, task: asyncio.Task[None]) -> None:
        self._returning.discard(task)
        if not task.cancelled() and task.exception() is not None:  # asyncpg has closed it, and opens another one
            log.warning("connection_not_returned_cleanly", exc_info=task.exception())
        self._end_lease()
