"""A transaction that fails by a conflict, or loses its connection before COMMIT, is retried a few times."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.errors import ConnectionLost
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, backend_pid, count_notes, kill_backend, sql


async def test_both_transactions_of_a_deadlock_succeed(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    both_hold_one = asyncio.Barrier(2)
    attempts: list[int] = []
    before = await _fetch_tally(observer)

    async def add_to(first: int, second: int) -> None:
        attempts.append(first)
        await sql("SET LOCAL deadlock_timeout = '10ms'")
        await sql("UPDATE tally SET value = value + 1 WHERE id = {}", first)
        if attempts.count(first) == 1:
            await both_hold_one.wait()
        await sql("UPDATE tally SET value = value + 1 WHERE id = {}", second)

    with capture_logs() as logs:
        await asyncio.gather(database.write(add_to, 1, 2), database.write(add_to, 2, 1))

    assert await _fetch_tally(observer) == {1: before[1] + 2, 2: before[2] + 2}
    assert len(attempts) == 3
    assert [log["why"] for log in logs if log["event"] == "transaction_lost"] == ["DeadlockDetectedError"]
    await assert_nothing_is_left(database, observer)


async def test_both_transactions_of_a_serialization_failure_succeed(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    database._database.begin_write = database._database.begin_write.replace("READ COMMITTED", "SERIALIZABLE")
    both_have_read = asyncio.Barrier(2)
    attempts: list[str] = []
    before = await _fetch_tally(observer)

    async def add_one(writer: str) -> None:
        attempts.append(writer)
        (row,) = await sql("SELECT value FROM tally WHERE id = 1")
        if attempts.count(writer) == 1:
            await both_have_read.wait()
        await sql("UPDATE tally SET value = {} WHERE id = 1", row["value"] + 1)

    with capture_logs() as logs:
        await asyncio.gather(database.write(add_one, "one"), database.write(add_one, "other"))

    assert await _fetch_tally(observer) == {**before, 1: before[1] + 2}
    assert {log["why"] for log in logs if log["event"] == "transaction_lost"} == {"SerializationError"}
    await assert_nothing_is_left(database, observer)


async def test_both_transactions_of_a_write_skew_succeed(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    database._database.begin_write = database._database.begin_write.replace("READ COMMITTED", "SERIALIZABLE")
    both_are_about_to_commit = asyncio.Barrier(2)
    attempts: list[str] = []

    async def add_note_if_first(writer: str) -> None:
        attempts.append(writer)
        if not await sql("SELECT 1 FROM note WHERE text LIKE 'first %'"):
            await add_note(f"first {writer}")
        if attempts.count(writer) == 1:
            await both_are_about_to_commit.wait()

    await asyncio.gather(database.write(add_note_if_first, "one"), database.write(add_note_if_first, "other"))

    assert await count_notes(observer, "first one") + await count_notes(observer, "first other") == 1
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize(("kind", "code"), [("write", "40001"), ("write", "40P01"), ("read", "40001")])
async def test_unavailable_after_the_last_attempt(
    make_database: MakeDatabase, observer: asyncpg.Connection, kind: str, code: str
) -> None:
    database = await make_database(transaction_attempts=3)
    attempts = 0

    async def conflict() -> None:
        nonlocal attempts
        attempts += 1
        await sql(f"DO $$ BEGIN RAISE 'in conflict' USING ERRCODE = '{code}'; END $$")

    with pytest.raises(DatabaseUnavailable, match="conflict") as raised:
        await getattr(database, kind)(conflict)

    assert attempts == database.statements == 3
    assert isinstance(raised.value.__cause__, asyncpg.PostgresError)
    await assert_nothing_is_left(database, observer)


async def test_other_errors_are_not_retried(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    attempts = 0

    async def fail() -> None:
        nonlocal attempts
        attempts += 1
        await sql("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.write(fail)

    assert attempts == 1
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("moment", ["before a statement", "before COMMIT"])
async def test_the_effect_exists_once_if_the_connection_is_lost_before_commit(
    database: UnitOfWork, observer: asyncpg.Connection, moment: str
) -> None:
    attempts = 0

    async def kill_backend_at_first_attempt() -> int:
        nonlocal attempts
        attempts += 1
        await add_note(f"lost {moment}")
        if attempts == 1:
            await kill_backend(observer, await backend_pid())
        if moment == "before a statement":
            await sql("SELECT 1")
        return attempts

    assert await database.write(kill_backend_at_first_attempt) == 2
    assert await count_notes(observer, f"lost {moment}") == 1
    await assert_nothing_is_left(database, observer)


async def test_unavailable_if_every_attempt_loses_its_connection(
    make_database: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make_database(transaction_attempts=4)
    attempts = 0

    async def kill_every_backend() -> None:
        nonlocal attempts
        attempts += 1
        await kill_backend(observer, await backend_pid())

    with pytest.raises(ConnectionLost):
        await database.write(kill_every_backend)

    assert attempts == 4
    await assert_nothing_is_left(database, observer)


async def test_a_read_is_retried_if_the_table_of_a_prepared_statement_changed(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    await observer.execute("CREATE TABLE changing (a integer); INSERT INTO changing VALUES (1)")
    assert await database.read(sql, "SELECT * FROM changing") == [{"a": 1}]

    await observer.execute("ALTER TABLE changing ADD b integer")

    assert await database.read(sql, "SELECT * FROM changing") == [{"a": 1, "b": None}]
    await observer.execute("DROP TABLE changing")


async def _fetch_tally(observer: asyncpg.Connection) -> dict[int, int]:
    return dict(await observer.fetch("SELECT id, value FROM tally ORDER BY id"))
