"""A thousand failures of each kind cost no connection, no transaction and no file descriptor."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from app.database.errors import ConnectionLost
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import all_connections_held, assert_nothing_is_left, no_more_files_than, open_files, sql

TIMES = 1000
POOL = 4


async def use_case_raises() -> None:
    await sql("SELECT 1")
    raise ValueError("of the use case")


async def sql_error() -> None:
    await sql("SELECT 1 / 0")


async def backend_killed() -> None:
    await sql("SELECT pg_terminate_backend(pg_backend_pid())")


async def statement_timeout() -> None:
    await sql("SET LOCAL statement_timeout = 1")
    await sql("SELECT pg_sleep(30)")


async def lock_timeout() -> None:
    await sql("SET LOCAL lock_timeout = 1")
    await sql("LOCK TABLE always_locked")


async def cancelled() -> None:
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(task.cancel)
    await sql("SELECT pg_sleep(30)")


FAILURES: dict[Callable[[], Awaitable[None]], type[BaseException]] = {
    use_case_raises: ValueError,
    sql_error: asyncpg.DivisionByZeroError,
    backend_killed: ConnectionLost,
    statement_timeout: DatabaseUnavailable,
    lock_timeout: DatabaseUnavailable,
    cancelled: asyncio.CancelledError,
}


@pytest.fixture
async def a_locked_table(observer: asyncpg.Connection, scratch_url: str) -> AsyncIterator[None]:
    """`always_locked`, as long as the test runs."""
    await observer.execute("CREATE TABLE always_locked ()")
    holder = await asyncpg.connect(scratch_url)
    await holder.execute("BEGIN; LOCK TABLE always_locked")
    yield
    await holder.close()
    await observer.execute("DROP TABLE always_locked")


@pytest.mark.usefixtures("a_locked_table")
@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
async def test_nothing_is_lost_to(
    make: MakeDatabase, observer: asyncpg.Connection, fail: Callable[[], Awaitable[None]]
) -> None:
    database = await make(pool_max_size=POOL, transaction_attempts=1)
    await assert_nothing_is_left(database, observer)
    files = open_files()

    for _ in range(TIMES // POOL):
        runs = [database.read(fail), database.write(fail), database.read(fail), database.write(fail)]
        outcomes = await asyncio.gather(*(asyncio.ensure_future(run) for run in runs), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [FAILURES[fail]] * POOL

    await assert_nothing_is_left(database, observer)
    await no_more_files_than(files)
    assert database._database._pool.get_size() == POOL


async def test_nothing_is_lost_to_those_who_wait_for_a_connection_in_vain(
    make: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make(pool_max_size=POOL)

    async with all_connections_held(database, patience=0.05):
        attempts = (database.write(sql, "SELECT 1") for _ in range(TIMES))
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailable}
    await assert_nothing_is_left(database, observer)
