"""A thousand failures of each kind leak no connection, no transaction and no file descriptor."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from app.database.errors import ConnectionLost
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import (
    assert_nothing_is_left,
    hold_all_connections,
    open_files,
    sql,
    wait_until_files_are_closed,
)

TIMES = 1000
POOL = 4


async def raise_error() -> None:
    await sql("SELECT 1")
    raise ValueError("of the use case")


async def run_invalid_sql() -> None:
    await sql("SELECT 1 / 0")


async def kill_own_backend() -> None:
    await sql("SELECT pg_terminate_backend(pg_backend_pid())")


async def exceed_statement_timeout() -> None:
    await sql("SET LOCAL statement_timeout = 1")
    await sql("SELECT pg_sleep(30)")


async def exceed_lock_timeout() -> None:
    await sql("SET LOCAL lock_timeout = 1")
    await sql("LOCK TABLE always_locked")


async def cancel_own_task() -> None:
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(task.cancel)
    await sql("SELECT pg_sleep(30)")


FAILURES: dict[Callable[[], Awaitable[None]], type[BaseException]] = {
    raise_error: ValueError,
    run_invalid_sql: asyncpg.DivisionByZeroError,
    kill_own_backend: ConnectionLost,
    exceed_statement_timeout: DatabaseUnavailable,
    exceed_lock_timeout: DatabaseUnavailable,
    cancel_own_task: asyncio.CancelledError,
}


@pytest.fixture
async def locked_table(observer: asyncpg.Connection, scratch_url: str) -> AsyncIterator[None]:
    """Lock the table `always_locked` until the test ends."""
    await observer.execute("CREATE TABLE always_locked ()")
    holder = await asyncpg.connect(scratch_url)
    await holder.execute("BEGIN; LOCK TABLE always_locked")
    yield
    await holder.close()
    await observer.execute("DROP TABLE always_locked")


@pytest.mark.usefixtures("locked_table")
@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
async def test_a_failure_leaks_nothing(
    make_database: MakeDatabase, observer: asyncpg.Connection, fail: Callable[[], Awaitable[None]]
) -> None:
    database = await make_database(pool_max_size=POOL, transaction_attempts=1)
    await assert_nothing_is_left(database, observer)
    files = open_files()

    for _ in range(TIMES // POOL):
        runs = [database.read(fail), database.write(fail), database.read(fail), database.write(fail)]
        outcomes = await asyncio.gather(*(asyncio.ensure_future(run) for run in runs), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [FAILURES[fail]] * POOL

    await assert_nothing_is_left(database, observer)
    await wait_until_files_are_closed(files)
    assert database._database._pool.get_size() == POOL


async def test_a_timeout_of_the_pool_leaks_nothing(make_database: MakeDatabase, observer: asyncpg.Connection) -> None:
    database = await make_database(pool_max_size=POOL)

    async with hold_all_connections(database, acquire_timeout=0.05):
        attempts = (database.write(sql, "SELECT 1") for _ in range(TIMES))
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
    await assert_nothing_is_left(database, observer)
