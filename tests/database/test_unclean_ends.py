"""BEGIN, COMMIT and ROLLBACK may each fail: the connection is given back all the same, and nothing stays current.

Each up to a hundred times, with a pool of two: the second leak would be felt by the third transaction.
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
from tests.database.support import add_note, all_free, assert_nothing_is_left, backend, kill, notes, sql

TIMES = 100


@pytest.fixture
async def once(make: MakeDatabase) -> UnitOfWork:
    """UnitOfWork that are tried once, so that each failure is seen."""
    return await make(transaction_attempts=1)


async def fails_every_time(
    database: UnitOfWork, use_case: Callable[[], Awaitable[object]], error: type[Exception], match: str | None = None
) -> None:
    """Run it as a reading and as a writing in turn; each raises `error`."""
    for _ in range(TIMES // 2):
        for run in (database.read, database.write):
            with pytest.raises(error, match=match):
                await run(use_case)


async def test_begin_fails(once: UnitOfWork, observer: asyncpg.Connection) -> None:
    database = once._database
    sound = database.begin_read, database.begin_write
    database.begin_read, database.begin_write = (f"{begin}; SELECT 1 / 0" for begin in sound)

    await fails_every_time(once, lambda: sql("SELECT 1"), asyncpg.DivisionByZeroError)

    database.begin_read, database.begin_write = sound
    await assert_nothing_is_left(once, observer)


async def test_begin_meets_a_backend_that_was_killed_while_it_waited_in_the_pool(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    for _ in range(TIMES // 4):
        for run in (database.read, database.write):
            pid = await run(backend)
            await kill(observer, pid)
            assert await run(backend) != pid

    await assert_nothing_is_left(database, observer)


async def test_commit_meets_a_deferred_constraint_that_is_violated(
    once: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def violate() -> None:
        await add_note("violation")
        await sql("INSERT INTO unique_at_commit VALUES ('twice'), ('twice')")

    for _ in range(TIMES):
        with pytest.raises(asyncpg.UniqueViolationError):
            await once.write(violate)

    assert await notes(observer, "violation") == 0
    assert once._database._pool.get_size() == 1, "the connection is as good as before"
    await assert_nothing_is_left(once, observer)


async def test_commit_meets_a_dead_backend(once: UnitOfWork, observer: asyncpg.Connection) -> None:
    async def killed() -> None:
        await kill(observer, await backend())

    await fails_every_time(once, killed, ConnectionLost)

    await assert_nothing_is_left(once, observer)


async def test_a_statement_meets_a_dead_backend_and_what_came_before_it_is_undone(
    once: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def killed() -> None:
        await add_note("killed in the middle")
        await kill(observer, await backend())
        await sql("SELECT 1")

    for _ in range(TIMES):
        with pytest.raises(ConnectionLost):
            await once.write(killed)

    assert await notes(observer, "killed in the middle") == 0
    await assert_nothing_is_left(once, observer)


async def test_rollback_meets_a_dead_backend_and_the_use_cases_own_error_goes_on(
    once: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def killed() -> None:
        await kill(observer, await backend())
        raise ValueError("the use case's own")

    await fails_every_time(once, killed, ValueError, match="the use case's own")

    await assert_nothing_is_left(once, observer)


async def test_a_swallowed_error_is_no_success(once: UnitOfWork, observer: asyncpg.Connection) -> None:
    async def swallow() -> str:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await sql("SELECT 1 / 0")
        return "all is well"

    async def write_and_swallow() -> str:
        await add_note("swallowed")
        return await swallow()

    await fails_every_time(once, swallow, RolledBack)
    with pytest.raises(RolledBack):
        await once.write(write_and_swallow)

    assert await notes(observer, "swallowed") == 0
    await assert_nothing_is_left(once, observer)


async def test_a_connection_that_asyncpgs_pool_does_not_take_back_is_told(
    make: MakeDatabase, observer: asyncpg.Connection
) -> None:
    one, other = await make(), await make()
    connection = await one._database.acquire()

    leases = other._database._leases
    leases.leased += 1  # as if it were its own

    with capture_logs() as logs:
        leases.release(connection)
        await leases.return_idle()

    assert [log["event"] for log in logs] == ["connection_not_returned_cleanly"]
    one._database.release(connection)
    await assert_nothing_is_left(one, observer)
    await assert_nothing_is_left(other, observer)


async def test_a_database_out_of_reach_is_told_as_such_and_costs_no_connection(make: MakeDatabase) -> None:
    database = await make("postgresql://nobody@127.0.0.1:1/nowhere", transaction_attempts=1)

    await fails_every_time(database, lambda: sql("SELECT 1"), DatabaseUnavailable, match="lost")

    assert await all_free(database._database)


async def test_a_database_that_does_not_exist_is_told_as_such(make: MakeDatabase, scratch_url: str) -> None:
    database = await make(scratch_url.replace("test_", "never_made_"))

    with pytest.raises(DatabaseUnavailable, match="refuses"):
        await database.read(sql, "SELECT 1")
