"""The deadline of a whole request: before COMMIT it undoes everything, from COMMIT on it undoes nothing."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.unit_of_work import UnitOfWork
from tests.database.conftest import MakeDatabase
from tests.database.support import Took, add_note, assert_nothing_is_left, notes, sql


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_the_request_takes_too_long_and_nothing_was_written(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async def write_and_wait() -> None:
        if kind == "write":
            await add_note("past the deadline")
        await sql("SELECT pg_sleep(30)")

    with Took() as took, pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1) as deadline:
            await getattr(UnitOfWork(database._database, deadline), kind)(write_and_wait)

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
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async with asyncio.timeout(60) as deadline:

        async def return_just_before_the_deadline() -> str:
            await commit_slowly("slow commit", 0.3)
            deadline.reschedule(asyncio.get_running_loop().time() + 0.1)
            return "returned"

        with Took() as took:
            transactions = UnitOfWork(database._database, deadline)
            assert await transactions.write(return_just_before_the_deadline) == "returned"
        await asyncio.sleep(0)

    assert took.seconds >= 0.3
    assert not deadline.expired()
    assert await notes(observer, "slow commit") == 1
    await assert_nothing_is_left(database, observer)


async def test_a_commit_longer_than_any_answer_may_take_is_looked_up_and_is_no_error(
    make: MakeDatabase, observer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.database.RESPONSE_GRACE", 0.1)
    database = await make(statement_timeout=0.5)
    calls = 0

    async def count_and_commit_slowly() -> None:
        nonlocal calls
        calls += 1
        await commit_slowly("slowest commit", 1.2)

    with capture_logs() as logs:
        await database.write(count_and_commit_slowly)

    assert "commit_status_known" in [log["event"] for log in logs]
    assert await notes(observer, "slowest commit") == 1
    assert calls == 1
    await assert_nothing_is_left(database, observer)


async def test_after_a_commit_that_came_to_nothing_the_deadline_is_in_force_again(
    database: UnitOfWork, observer: asyncpg.Connection
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
        async with asyncio.timeout(1) as deadline:
            await UnitOfWork(database._database, deadline).write(conflict_at_commit_then_wait)

    assert calls == 2
    assert took.seconds < 10
    await assert_nothing_is_left(database, observer)


async def test_what_follows_a_commit_is_not_cut_short_either(database: UnitOfWork) -> None:
    async with asyncio.timeout(60) as deadline:

        async def return_just_before_the_deadline() -> None:
            await add_note("followed")
            deadline.reschedule(asyncio.get_running_loop().time() + 0.1)

        transactions = UnitOfWork(database._database, deadline)
        await transactions.write(return_just_before_the_deadline)
        await transactions.read(sql, "SELECT pg_sleep(0.2)")

    assert not deadline.expired()
