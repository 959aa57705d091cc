"""Every wait has an end, and the end of a wait never turns an effect that was committed into an error."""

import asyncio
from time import monotonic

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.transactions import Transactions
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.proxy import Proxy
from tests.database.support import add_note, assert_nothing_is_left, notes, sql


class Took:
    """How long the block took, to be compared with what it was allowed."""

    def __enter__(self) -> "Took":
        self._started = monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = monotonic() - self._started


@pytest.mark.parametrize("kind", ["reading", "writing"])
async def test_no_connection_becomes_free_in_time(make: MakeDatabase, observer: asyncpg.Connection, kind: str) -> None:
    database = await make(pool_acquire_timeout=0.1)
    let_go = asyncio.Event()
    holders = [asyncio.create_task(database.reading(let_go.wait)) for _ in range(2)]
    await asyncio.sleep(0)

    with Took() as took, pytest.raises(DatabaseUnavailable, match="no connection"):
        await getattr(database, kind)(sql, "SELECT 1")

    assert 0.1 <= took.seconds < 10
    let_go.set()
    await asyncio.gather(*holders)
    await assert_nothing_is_left(database, observer)


async def test_a_server_that_accepts_and_says_nothing_is_given_up(make: MakeDatabase) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = await make(f"postgresql://anybody@127.0.0.1:{port}/anything", pool_acquire_timeout=0.1)

    with Took() as took, pytest.raises(DatabaseUnavailable, match="no connection"):
        await database.reading(sql, "SELECT 1")

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
    monkeypatch.setattr("app.database.database.ANSWER_GRACE", 0.1)
    monkeypatch.setattr("app.database.transaction.CLEANUP_TIMEOUT", 0.1)
    database = await make(proxy.url, statement_timeout=0.5)

    async def fall_silent_and_ask() -> None:
        proxy.silent = True
        await sql("SELECT 1")

    await assert_nothing_is_left(database, observer)
    proxy.silent = moment == "before BEGIN"
    with Took() as took, pytest.raises(DatabaseUnavailable, match="did not answer"):
        async with asyncio.timeout(20):
            await database.writing(fall_silent_and_ask)

    assert took.seconds < 10
    proxy.silent = False
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["reading", "writing"])
async def test_a_statement_takes_too_long(make: MakeDatabase, observer: asyncpg.Connection, kind: str) -> None:
    database = await make(statement_timeout=0.1)

    with Took() as took, pytest.raises(DatabaseUnavailable, match="statement took too long"):
        await getattr(database, kind)(sql, "SELECT pg_sleep(30)")

    assert 0.1 <= took.seconds < 10
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

    holder = asyncio.create_task(other.writing(hold))
    await locked.wait()
    with Took() as took, pytest.raises(DatabaseUnavailable, match="locked too long"):
        await database.writing(sql, "UPDATE tally SET value = value WHERE id = 2")

    assert 0.1 <= took.seconds < 10
    let_go.set()
    await holder
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["reading", "writing"])
async def test_a_transaction_that_idles_is_ended_by_the_server(
    make: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make(idle_in_transaction_timeout=0.05, transaction_attempts=1)

    async def idle() -> None:
        await asyncio.sleep(0.3)

    with pytest.raises(DatabaseUnavailable):
        await getattr(database, kind)(idle)

    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["reading", "writing"])
async def test_the_request_takes_too_long_and_nothing_was_written(
    database: Transactions, observer: asyncpg.Connection, kind: str
) -> None:
    async def write_and_wait() -> None:
        if kind == "writing":
            await add_note("past the deadline")
        await sql("SELECT pg_sleep(30)")

    with Took() as took, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1) as deadline:
            await getattr(Transactions(database._database, deadline), kind)(write_and_wait)

    assert took.seconds < 10
    assert deadline.expired()
    assert await notes(observer, "past the deadline") == 0
    await assert_nothing_is_left(database, observer)


async def commit_slowly(text: str, seconds: float) -> str:
    """A use case that returns at once, and whose COMMIT takes its time."""
    await add_note(text)
    await sql("INSERT INTO slow_at_commit VALUES ({})", seconds)
    return text


async def test_the_deadline_passes_during_commit_and_the_effect_is_no_error(
    database: Transactions, observer: asyncpg.Connection
) -> None:
    async with asyncio.timeout(0.1) as deadline:
        with Took() as took:
            transactions = Transactions(database._database, deadline)
            assert await transactions.writing(commit_slowly, "slow commit", 0.3) == "slow commit"
        await asyncio.sleep(0)

    assert took.seconds >= 0.3
    assert not deadline.expired()
    assert await notes(observer, "slow commit") == 1
    await assert_nothing_is_left(database, observer)


async def test_a_commit_longer_than_any_answer_may_take_is_looked_up_and_is_no_error(
    make: MakeDatabase, observer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.database.ANSWER_GRACE", 0.1)
    database = await make(statement_timeout=0.5)
    calls = 0

    async def count_and_commit_slowly() -> None:
        nonlocal calls
        calls += 1
        await commit_slowly("slowest commit", 1.2)

    with capture_logs() as logs:
        await database.writing(count_and_commit_slowly)

    assert "commit_outcome_settled" in [log["event"] for log in logs]
    assert await notes(observer, "slowest commit") == 1
    assert calls == 1
    await assert_nothing_is_left(database, observer)


async def test_after_a_commit_that_came_to_nothing_the_deadline_is_in_force_again(
    database: Transactions, observer: asyncpg.Connection
) -> None:
    calls = 0

    async def conflict_at_commit_then_wait() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await sql("INSERT INTO conflict_at_commit VALUES (0)")
        else:
            await sql("SELECT pg_sleep(30)")

    with Took() as took, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3) as deadline:
            await Transactions(database._database, deadline).writing(conflict_at_commit_then_wait)

    assert calls == 2
    assert took.seconds < 10
    await assert_nothing_is_left(database, observer)


async def test_what_follows_a_commit_is_not_cut_short_either(database: Transactions) -> None:
    async with asyncio.timeout(0.1) as deadline:
        transactions = Transactions(database._database, deadline)
        await transactions.writing(add_note, "followed")
        await transactions.reading(sql, "SELECT pg_sleep(0.2)")

    assert not deadline.expired()
