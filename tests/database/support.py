"""What the tests of transactions share: statements, looking from outside, and the assertion that nothing is left."""

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
    """Run a statement in the current transaction, the way Piccolo does; {} stands for a value."""
    return [dict(row) for row in await ENGINE.run_querystring(QueryString(text, *values))]


class Took:
    """How long the block took, to be compared with what it was allowed."""

    def __enter__(self) -> Self:
        self._started = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = monotonic() - self._started


async def add_note(text: str) -> str:
    """A use case that writes."""
    await sql("INSERT INTO note VALUES ({})", text)
    return text


async def notes(observer: asyncpg.Connection, text: str) -> int:
    """How often a note was stored."""
    return await observer.fetchval("SELECT count(*) FROM note WHERE text = $1", text)


async def backend() -> int:
    """The process number of the current transaction's backend."""
    return (await sql("SELECT pg_backend_pid() AS pid"))[0]["pid"]


async def kill(observer: asyncpg.Connection, pid: int) -> None:
    """End a backend and wait until it is gone."""
    await observer.execute("SELECT pg_terminate_backend($1)", pid)
    await eventually(lambda: gone(observer, pid))


async def gone(observer: asyncpg.Connection, pid: int) -> bool:
    """Whether a backend has ended."""
    return not await observer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid)


async def eventually(condition: Callable[[], Awaitable[bool]], within: float = 20.0) -> None:
    """Wait until another process has come so far."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - what another process does is no event here
            await asyncio.sleep(0.001)


@asynccontextmanager
async def all_connections_held(transactions: UnitOfWork, *, patience: float) -> AsyncIterator[None]:
    """Hold every connection of the pool; who else wants one waits for `patience` seconds."""
    database = transactions._database
    settings, size = database.settings, database.settings.pool_max_size
    all_hold, let_go = asyncio.Barrier(size + 1), asyncio.Event()

    async def hold() -> None:
        await all_hold.wait()
        await let_go.wait()

    holders = [asyncio.create_task(transactions.read(hold)) for _ in range(size)]
    await all_hold.wait()
    database.settings = settings.model_copy(update={"pool_acquire_timeout": patience})
    yield
    database.settings = settings
    let_go.set()
    await asyncio.gather(*holders)


def open_files() -> int:
    """How many file descriptors this process has."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def no_more_files_than(before: int) -> None:
    """Wait until the process has closed what it opened since."""

    async def closed() -> bool:
        return open_files() <= before

    await eventually(closed)


async def all_free(database: Database) -> bool:
    """Whether every connection that there may be could be had at once, on lease or not."""
    leases, pool = database._leases, database._pool
    return leases.free == pool.get_max_size() == pool._queue.qsize() + leases.leased


async def connect_anew(database: Database) -> None:
    """Have the next transactions open their connections."""
    await database._leases.return_idle()
    await database._pool.expire_connections()


async def assert_nothing_is_left(transactions: UnitOfWork, observer: asyncpg.Connection) -> None:
    """No transaction is current, every connection is free, no backend is in a transaction, and the pool serves."""
    assert ENGINE.current_transaction.get() is None
    database, size = transactions._database, transactions._database.settings.pool_max_size
    await eventually(lambda: all_free(database))

    async def none_in_transaction() -> bool:
        return await observer.fetchval(_IN_TRANSACTION) == 0

    await eventually(none_in_transaction)
    served = await asyncio.gather(*(transactions.read(sql, "SELECT 1 AS one") for _ in range(size)))
    assert served == [[{"one": 1}]] * size
    assert await all_free(database)
