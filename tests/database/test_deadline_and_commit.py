"""The deadline of a request: before COMMIT it rolls everything back, from COMMIT on it has no effect."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.deadline import Deadline
from app.database.unit_of_work import UnitOfWork
from tests.database.conftest import MakeDatabase
from tests.database.support import Timer, add_note, assert_nothing_is_left, count_notes, sql


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_request_that_takes_too_long_writes_nothing(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async def write_and_wait() -> None:
        if kind == "write":
            await add_note("past the deadline")
        await sql("SELECT pg_sleep(30)")

    with Timer() as timer, pytest.raises(TimeoutError):
        async with Deadline.after(0.1) as deadline:
            await getattr(UnitOfWork(database._database, deadline), kind)(write_and_wait)

    assert timer.seconds < 10
    assert deadline.expired
    assert await count_notes(observer, "past the deadline") == 0
    await assert_nothing_is_left(database, observer)


async def commit_slowly(text: str, seconds: float) -> str:
    """Write a note. COMMIT will then take `seconds`."""
    await add_note(text)
    await sql("INSERT INTO slow_at_commit VALUES ({})", seconds)
    return text


async def test_no_error_if_the_deadline_passes_during_commit(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async with Deadline.after(60) as deadline:

        async def return_just_before_the_deadline() -> str:
            await commit_slowly("slow commit", 0.3)
            deadline.move(asyncio.get_running_loop().time() + 0.1)
            return "returned"

        with Timer() as timer:
            unit_of_work = UnitOfWork(database._database, deadline)
            assert await unit_of_work.write(return_just_before_the_deadline) == "returned"
        await asyncio.sleep(0)

    assert timer.seconds >= 0.3
    assert not deadline.expired
    assert await count_notes(observer, "slow commit") == 1
    await assert_nothing_is_left(database, observer)


async def test_no_error_if_a_commit_takes_longer_than_the_statement_timeout(
    make_database: MakeDatabase, observer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.database.RESPONSE_GRACE", 0.1)
    database = await make_database(statement_timeout=0.5)
    calls = 0

    async def count_and_commit_slowly() -> None:
        nonlocal calls
        calls += 1
        await commit_slowly("slowest commit", 1.2)

    with capture_logs() as logs:
        await database.write(count_and_commit_slowly)

    assert "commit_status_known" in [log["event"] for log in logs]
    assert await count_notes(observer, "slowest commit") == 1
    assert calls == 1
    await assert_nothing_is_left(database, observer)


async def test_the_deadline_applies_again_after_a_commit_failed(
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

    with Timer() as timer, pytest.raises(TimeoutError):
        async with Deadline.after(1) as deadline:
            await UnitOfWork(database._database, deadline).write(conflict_at_commit_then_wait)

    assert calls == 2
    assert timer.seconds < 10
    await assert_nothing_is_left(database, observer)


async def test_the_deadline_does_not_apply_after_a_commit(database: UnitOfWork) -> None:
    async with Deadline.after(60) as deadline:

        async def return_just_before_the_deadline() -> None:
            await add_note("followed")
            deadline.move(asyncio.get_running_loop().time() + 0.1)

        unit_of_work = UnitOfWork(database._database, deadline)
        await unit_of_work.write(return_just_before_the_deadline)
        await unit_of_work.read(sql, "SELECT pg_sleep(0.2)")

    assert not deadline.expired
