"""BEGIN, COMMIT and ROLLBACK may each fail: the connection is still released, and no transaction stays current.

Each failure occurs up to a hundred times on a pool of two connections, so that two leaks would block the third run.
"""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.errors import ConnectionLost
from app.database.transaction import RolledBack
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import (
    add_note,
    assert_nothing_is_left,
    backend_pid,
    count_notes,
    is_pool_free,
    kill_backend,
    sql,
)

TIMES = 100


@pytest.fixture
async def database_without_retries(make_database: MakeDatabase) -> UnitOfWork:
    """Open a pool without retries, so that each failure raises."""
    return await make_database(transaction_attempts=1)


async def assert_every_run_raises(
    database: UnitOfWork, use_case: Callable[[], Awaitable[object]], error: type[Exception], match: str | None = None
) -> None:
    """Run the use case by `read` and `write` in turn, and assert that each run raises `error`."""
    for _ in range(TIMES // 2):
        for run in (database.read, database.write):
            with pytest.raises(error, match=match):
                await run(use_case)


async def test_nothing_leaks_if_begin_fails(database_without_retries: UnitOfWork, observer: asyncpg.Connection) -> None:
    database = database_without_retries._database
    begin_statements = database.begin_read, database.begin_write
    database.begin_read, database.begin_write = (f"{begin}; SELECT 1 / 0" for begin in begin_statements)

    await assert_every_run_raises(database_without_retries, lambda: sql("SELECT 1"), asyncpg.DivisionByZeroError)

    database.begin_read, database.begin_write = begin_statements
    await assert_nothing_is_left(database_without_retries, observer)


async def test_begin_is_retried_if_the_backend_of_a_pooled_connection_was_killed(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    for _ in range(TIMES // 4):
        for run in (database.read, database.write):
            pid = await run(backend_pid)
            await kill_backend(observer, pid)
            assert await run(backend_pid) != pid

    await assert_nothing_is_left(database, observer)


async def test_commit_raises_if_a_deferred_constraint_is_violated(
    database_without_retries: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def violate() -> None:
        await add_note("violation")
        await sql("INSERT INTO unique_at_commit VALUES ('twice'), ('twice')")

    for _ in range(TIMES):
        with pytest.raises(asyncpg.UniqueViolationError):
            await database_without_retries.write(violate)

    assert await count_notes(observer, "violation") == 0
    assert database_without_retries._database._pool.get_size() == 1, "the connection is kept"
    await assert_nothing_is_left(database_without_retries, observer)


async def test_commit_raises_if_the_backend_was_killed(
    database_without_retries: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def kill_own_backend() -> None:
        await kill_backend(observer, await backend_pid())

    await assert_every_run_raises(database_without_retries, kill_own_backend, ConnectionLost)

    await assert_nothing_is_left(database_without_retries, observer)


async def test_a_statement_raises_and_rolls_back_if_the_backend_was_killed(
    database_without_retries: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def kill_own_backend() -> None:
        await add_note("killed before the end")
        await kill_backend(observer, await backend_pid())
        await sql("SELECT 1")

    for _ in range(TIMES):
        with pytest.raises(ConnectionLost):
            await database_without_retries.write(kill_own_backend)

    assert await count_notes(observer, "killed before the end") == 0
    await assert_nothing_is_left(database_without_retries, observer)


async def test_the_use_cases_error_is_raised_if_rollback_fails(
    database_without_retries: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def kill_own_backend() -> None:
        await kill_backend(observer, await backend_pid())
        raise ValueError("of the use case")

    await assert_every_run_raises(database_without_retries, kill_own_backend, ValueError, match="of the use case")

    await assert_nothing_is_left(database_without_retries, observer)


async def test_a_suppressed_error_of_a_statement_rolls_back(
    database_without_retries: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def suppress_error() -> str:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await sql("SELECT 1 / 0")
        return "all is well"

    async def write_and_suppress_error() -> str:
        await add_note("suppressed")
        return await suppress_error()

    await assert_every_run_raises(database_without_retries, suppress_error, RolledBack)
    with pytest.raises(RolledBack):
        await database_without_retries.write(write_and_suppress_error)

    assert await count_notes(observer, "suppressed") == 0
    await assert_nothing_is_left(database_without_retries, observer)


async def test_a_connection_that_asyncpgs_pool_rejects_is_logged(
    make_database: MakeDatabase, observer: asyncpg.Connection
) -> None:
    one, other = await make_database(), await make_database()
    connection = await one._database.acquire()

    leases = other._database._leases
    leases.leased += 1  # as if the pool had leased the connection

    with capture_logs() as logs:
        leases.release(connection)
        await leases.return_idle()

    assert [log["event"] for log in logs] == ["connection_not_returned_cleanly"]
    one._database.release(connection)
    await assert_nothing_is_left(one, observer)
    await assert_nothing_is_left(other, observer)


async def test_unavailable_if_the_database_is_unreachable(make_database: MakeDatabase) -> None:
    database = await make_database("postgresql://user@127.0.0.1:1/database", transaction_attempts=1)

    await assert_every_run_raises(database, lambda: sql("SELECT 1"), DatabaseUnavailable, match="lost")

    assert await is_pool_free(database._database)


async def test_unavailable_if_the_database_does_not_exist(make_database: MakeDatabase, scratch_url: str) -> None:
    database = await make_database(scratch_url.replace("test_", "never_made_"))

    with pytest.raises(DatabaseUnavailable, match="refuses"):
        await database.read(sql, "SELECT 1")
