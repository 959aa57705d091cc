"""A transaction that lost against another one, or lost its connection before COMMIT, is run again; a few times."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.errors import ConnectionLost
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, backend, kill, notes, sql


async def test_of_two_writers_in_a_deadlock_both_succeed_in_the_end(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    both_hold_one = asyncio.Barrier(2)
    attempts: list[int] = []
    before = await _tally(observer)

    async def add_to(first: int, second: int) -> None:
        attempts.append(first)
        await sql("SET LOCAL deadlock_timeout = '10ms'")
        await sql("UPDATE tally SET value = value + 1 WHERE id = {}", first)
        if attempts.count(first) == 1:
            await both_hold_one.wait()
        await sql("UPDATE tally SET value = value + 1 WHERE id = {}", second)

    with capture_logs() as logs:
        await asyncio.gather(database.write(add_to, 1, 2), database.write(add_to, 2, 1))

    assert await _tally(observer) == {1: before[1] + 2, 2: before[2] + 2}
    assert len(attempts) == 3
    assert [log["why"] for log in logs if log["event"] == "transaction_lost"] == ["DeadlockDetectedError"]
    await assert_nothing_is_left(database, observer)


async def test_of_two_writers_that_cannot_be_serialized_both_succeed_in_the_end(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    database._database.begin_write = database._database.begin_write.replace("READ COMMITTED", "SERIALIZABLE")
    both_have_read = asyncio.Barrier(2)
    attempts: list[str] = []
    before = await _tally(observer)

    async def add_one(who: str) -> None:
        attempts.append(who)
        (row,) = await sql("SELECT value FROM tally WHERE id = 1")
        if attempts.count(who) == 1:
            await both_have_read.wait()
        await sql("UPDATE tally SET value = {} WHERE id = 1", row["value"] + 1)

    with capture_logs() as logs:
        await asyncio.gather(database.write(add_one, "one"), database.write(add_one, "other"))

    assert await _tally(observer) == {**before, 1: before[1] + 2}
    assert {log["why"] for log in logs if log["event"] == "transaction_lost"} == {"SerializationError"}
    await assert_nothing_is_left(database, observer)


async def test_a_write_skew_that_shows_at_commit_is_repaired_too(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    database._database.begin_write = database._database.begin_write.replace("READ COMMITTED", "SERIALIZABLE")
    both_are_about_to_commit = asyncio.Barrier(2)
    attempts: list[str] = []

    async def add_if_alone(who: str) -> None:
        attempts.append(who)
        if not await sql("SELECT 1 FROM note WHERE text LIKE 'alone %'"):
            await add_note(f"alone {who}")
        if attempts.count(who) == 1:
            await both_are_about_to_commit.wait()

    await asyncio.gather(database.write(add_if_alone, "one"), database.write(add_if_alone, "other"))

    assert await notes(observer, "alone one") + await notes(observer, "alone other") == 1
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize(("kind", "code"), [("write", "40001"), ("write", "40P01"), ("read", "40001")])
async def test_after_the_last_attempt_the_database_counts_as_unavailable(
    make: MakeDatabase, observer: asyncpg.Connection, kind: str, code: str
) -> None:
    database = await make(transaction_attempts=3)
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


async def test_what_is_no_conflict_is_tried_once(database: UnitOfWork, observer: asyncpg.Connection) -> None:
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
async def test_a_connection_lost_before_commit_costs_a_second_attempt_and_the_effect_exists_once(
    database: UnitOfWork, observer: asyncpg.Connection, moment: str
) -> None:
    attempts = 0

    async def killed_the_first_time() -> int:
        nonlocal attempts
        attempts += 1
        await add_note(f"lost {moment}")
        if attempts == 1:
            await kill(observer, await backend())
        if moment == "before a statement":
            await sql("SELECT 1")
        return attempts

    assert await database.write(killed_the_first_time) == 2
    assert await notes(observer, f"lost {moment}") == 1
    await assert_nothing_is_left(database, observer)


async def test_connections_lost_every_time_make_the_database_unavailable(
    make: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make(transaction_attempts=4)
    attempts = 0

    async def always_killed() -> None:
        nonlocal attempts
        attempts += 1
        await kill(observer, await backend())

    with pytest.raises(ConnectionLost):
        await database.write(always_killed)

    assert attempts == 4
    await assert_nothing_is_left(database, observer)


async def test_a_table_that_changed_under_a_prepared_statement_costs_a_second_attempt(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    await observer.execute("CREATE TABLE changing (a integer); INSERT INTO changing VALUES (1)")
    assert await database.read(sql, "SELECT * FROM changing") == [{"a": 1}]

    await observer.execute("ALTER TABLE changing ADD b integer")

    assert await database.read(sql, "SELECT * FROM changing") == [{"a": 1, "b": None}]
    await observer.execute("DROP TABLE changing")


async def _tally(observer: asyncpg.Connection) -> dict[int, int]:
    return dict(await observer.fetch("SELECT id, value FROM tally ORDER BY id"))
