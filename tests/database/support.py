"""Helpers of the tests of transactions: run statements, inspect the database, and assert that nothing leaked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Self

import asyncpg
from piccolo.querystring import QueryString

from app.database.database import Database
from app.database.engine import ENGINE
from app.database.unit_of_work import UnitOfWork

_IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'interview-system%' AND state <> 'idle'
"""


async def sql(text: str, *values: object) -> list[dict[str, Any]]:
    """Run a statement in the current transaction through Piccolo. {} is the place of a value."""
    return [dict(row) for row in await ENGINE.run_querystring(QueryString(text, *values))]


class Timer:
    """Measure the time of a block in seconds."""

    def __enter__(self) -> Self:
        self._started = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = monotonic() - self._started


async def add_note(text: str) -> str:
    """Insert a note and return its text."""
    await sql("INSERT INTO note VALUES ({})", text)
    return text


async def count_notes(observer: asyncpg.Connection, text: str) -> int:
    """Count the stored notes with this text."""
    return await observer.fetchval("SELECT count(*) FROM note WHERE text = $1", text)


async def backend_pid() -> int:
    """Return the process id of the current transaction's backend."""
    return (await sql("SELECT pg_backend_pid() AS pid"))[0]["pid"]


async def kill_backend(observer: asyncpg.Connection, pid: int) -> None:
    """Terminate a backend and wait until it has ended."""
    await observer.execute("SELECT pg_terminate_backend($1)", pid)
    await wait_until(lambda: has_ended(observer, pid))


async def has_ended(observer: asyncpg.Connection, pid: int) -> bool:
    """Return whether a backend has ended."""
    return not await observer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid)


async def wait_until(condition: Callable[[], Awaitable[bool]], within: float = 20.0) -> None:
    """Wait until `condition` is true, at most `within` seconds."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.001)


@asynccontextmanager
async def hold_all_connections(unit_of_work: UnitOfWork, *, acquire_timeout: float) -> AsyncIterator[None]:
    """Hold every connection of the pool. Other transactions wait `acquire_timeout` seconds for one."""
    database = unit_of_work._database
    settings, size = database.settings, database.settings.pool_max_size
    all_held, release = asyncio.Barrier(size + 1), asyncio.Event()

    async def hold() -> None:
        await all_held.wait()
        await release.wait()

    holders = [asyncio.create_task(unit_of_work.read(hold)) for _ in range(size)]
    await all_held.wait()
    database.settings = settings.model_copy(update={"pool_acquire_timeout": acquire_timeout})
    yield
    database.settings = settings
    release.set()
    await asyncio.gather(*holders)


def open_files() -> int:
    """Return the number of open file descriptors."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def wait_until_files_are_closed(before: int) -> None:
    """Wait until at most `before` file descriptors are open."""

    async def are_closed() -> bool:
        return open_files() <= before

    await wait_until(are_closed)


async def is_pool_free(database: Database) -> bool:
    """Return whether every connection of the pool is free, leased by the service or not."""
    leases, pool = database._leases, database._pool
    return leases.free == pool.get_max_size() == pool._queue.qsize() + leases.leased


async def expire_connections(database: Database) -> None:
    """Make the next transactions open new connections."""
    await database._leases.return_idle()
    await database._pool.expire_connections()


async def assert_nothing_is_left(unit_of_work: UnitOfWork, observer: asyncpg.Connection) -> None:
    """Assert that no transaction is open, every connection is free, and the pool works."""
    assert ENGINE.current_transaction.get() is None
    database, size = unit_of_work._database, unit_of_work._database.settings.pool_max_size
    await wait_until(lambda: is_pool_free(database))

    async def all_idle() -> bool:
        return await observer.fetchval(_IN_TRANSACTION) == 0

    await wait_until(all_idle)
    rows = await asyncio.gather(*(unit_of_work.read(sql, "SELECT 1 AS one") for _ in range(size)))
    assert rows == [[{"one": 1}]] * size
    await wait_until(lambda: is_pool_free(database))  # idle connections may be on their way back to the pool
