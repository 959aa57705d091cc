"""Every wait has a limit, and its error names the cause."""

import asyncio

import asyncpg
import pytest

from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import (
    Timer,
    assert_nothing_is_left,
    backend_pid,
    has_ended,
    hold_all_connections,
    sql,
    wait_until,
)
from tests.support.proxy import Proxy
from tests.support.timeouts import TIMEOUT


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_unavailable_if_no_connection_becomes_free_in_time(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async with hold_all_connections(database, acquire_timeout=0.1):
        with Timer() as timer, pytest.raises(DatabaseUnavailable, match="no connection"):
            await getattr(database, kind)(sql, "SELECT 1")

    assert 0.1 <= timer.seconds < 10
    await assert_nothing_is_left(database, observer)


async def test_unavailable_if_the_server_accepts_and_sends_nothing(make_database: MakeDatabase) -> None:
    async def accept_silently(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept_silently, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = await make_database(f"postgresql://user@127.0.0.1:{port}/database", pool_acquire_timeout=0.1)

    with Timer() as timer, pytest.raises(DatabaseUnavailable, match="no connection"):
        await database.read(sql, "SELECT 1")

    assert timer.seconds < 10
    server.close()


@pytest.mark.parametrize("moment", ["before BEGIN", "before a statement"])
async def test_unavailable_if_the_server_stops_answering(
    make_database: MakeDatabase,
    observer: asyncpg.Connection,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    monkeypatch.setattr("app.database.database.RESPONSE_GRACE", 0.1)
    monkeypatch.setattr("app.database.transaction.CLEANUP_TIMEOUT", 0.1)
    database = await make_database(proxy.url, statement_timeout=0.5)

    async def drop_answers_and_query() -> None:
        proxy.dropping = True
        await sql("SELECT 1")

    await assert_nothing_is_left(database, observer)
    proxy.dropping = moment == "before BEGIN"
    with Timer() as timer, pytest.raises(DatabaseUnavailable, match="did not answer"):
        async with asyncio.timeout(TIMEOUT):
            await database.write(drop_answers_and_query)

    assert timer.seconds < 10
    proxy.dropping = False
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_unavailable_if_a_statement_takes_too_long(
    make_database: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make_database(statement_timeout=0.3)

    with Timer() as timer, pytest.raises(DatabaseUnavailable, match="statement took too long"):
        await getattr(database, kind)(sql, "SELECT pg_sleep(30)")

    assert 0.3 <= timer.seconds < 10
    assert database.statements == 1, "it is not repeated"
    await assert_nothing_is_left(database, observer)


async def test_unavailable_if_a_row_stays_locked_too_long(
    make_database: MakeDatabase, observer: asyncpg.Connection, scratch_url: str
) -> None:
    database = await make_database(lock_timeout=0.1)
    other = await make_database()
    locked, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await sql("UPDATE tally SET value = value WHERE id = 2")
        locked.set()
        await release.wait()

    holder = asyncio.create_task(other.write(hold))
    await locked.wait()
    with Timer() as timer, pytest.raises(DatabaseUnavailable, match="locked too long"):
        await database.write(sql, "UPDATE tally SET value = value WHERE id = 2")

    assert 0.1 <= timer.seconds < 10
    release.set()
    await holder
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_the_server_ends_an_idle_transaction(
    make_database: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make_database(idle_in_transaction_timeout=0.3, transaction_attempts=1)

    async def idle() -> None:
        pid = await backend_pid()
        await wait_until(lambda: has_ended(observer, pid))

    with pytest.raises(DatabaseUnavailable):
        await getattr(database, kind)(idle)

    await assert_nothing_is_left(database, observer)
