"""Every wait has an end, and says at it what was waited for."""

import asyncio

import asyncpg
import pytest

from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import (
    Took,
    all_connections_held,
    assert_nothing_is_left,
    backend,
    eventually,
    gone,
    sql,
)
from tests.support.proxy import Proxy
from tests.support.timeouts import TIMEOUT


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_no_connection_becomes_free_in_time(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async with all_connections_held(database, patience=0.1):
        with Took() as took, pytest.raises(DatabaseUnavailable, match="no connection"):
            await getattr(database, kind)(sql, "SELECT 1")

    assert 0.1 <= took.seconds < 10
    await assert_nothing_is_left(database, observer)


async def test_a_server_that_accepts_and_says_nothing_is_given_up(make: MakeDatabase) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = await make(f"postgresql://anybody@127.0.0.1:{port}/anything", pool_acquire_timeout=0.1)

    with Took() as took, pytest.raises(DatabaseUnavailable, match="no connection"):
        await database.read(sql, "SELECT 1")

    assert took.seconds < 10
    server.close()


@pytest.mark.parametrize("moment", ["before BEGIN", "before a statement"])
async def test_a_server_that_falls_silent_is_given_up(
    make: MakeDatabase,
    observer: asyncpg.Connection,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    monkeypatch.setattr("app.database.database.RESPONSE_GRACE", 0.1)
    monkeypatch.setattr("app.database.transaction.CLEANUP_TIMEOUT", 0.1)
    database = await make(proxy.url, statement_timeout=0.5)

    async def fall_silent_and_ask() -> None:
        proxy.dropping = True
        await sql("SELECT 1")

    await assert_nothing_is_left(database, observer)
    proxy.dropping = moment == "before BEGIN"
    with Took() as took, pytest.raises(DatabaseUnavailable, match="did not answer"):
        async with asyncio.timeout(TIMEOUT):
            await database.write(fall_silent_and_ask)

    assert took.seconds < 10
    proxy.dropping = False
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_statement_takes_too_long(make: MakeDatabase, observer: asyncpg.Connection, kind: str) -> None:
    database = await make(statement_timeout=0.3)

    with Took() as took, pytest.raises(DatabaseUnavailable, match="statement took too long"):
        await getattr(database, kind)(sql, "SELECT pg_sleep(30)")

    assert 0.3 <= took.seconds < 10
    assert database.statements == 1, "it is not tried again"
    await assert_nothing_is_left(database, observer)


async def test_a_row_stays_locked_too_long(make: MakeDatabase, observer: asyncpg.Connection, scratch_url: str) -> None:
    database = await make(lock_timeout=0.1)
    other = await make()
    locked, let_go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await sql("UPDATE tally SET value = value WHERE id = 2")
        locked.set()
        await let_go.wait()

    holder = asyncio.create_task(other.write(hold))
    await locked.wait()
    with Took() as took, pytest.raises(DatabaseUnavailable, match="locked too long"):
        await database.write(sql, "UPDATE tally SET value = value WHERE id = 2")

    assert 0.1 <= took.seconds < 10
    let_go.set()
    await holder
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_transaction_that_idles_is_ended_by_the_server(
    make: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make(idle_in_transaction_timeout=0.3, transaction_attempts=1)

    async def idle() -> None:
        pid = await backend()
        await eventually(lambda: gone(observer, pid))

    with pytest.raises(DatabaseUnavailable):
        await getattr(database, kind)(idle)

    await assert_nothing_is_left(database, observer)
