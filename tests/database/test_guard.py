"""One statement at a time, and none after the end: what `asyncio.gather` and forgotten tasks do to a transaction."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.guard import OverlappingStatements, TransactionEnded
from app.database.unit_of_work import UnitOfWork
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, notes, sql
from tests.support.timeouts import TIMEOUT


def named(name: str, text: str, *values: object) -> "asyncio.Task[object]":
    """A statement in a task of its own."""
    return asyncio.create_task(sql(text, *values), name=name)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_two_statements_at_once_raise_and_name_both_and_both_tasks(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async def gather_two() -> None:
        await asyncio.gather(named("counter", "SELECT count(*) FROM note"), named("pager", "SELECT text FROM note"))

    with pytest.raises(OverlappingStatements) as raised:
        await getattr(database, kind)(gather_two)

    said = str(raised.value)
    assert said.index("task counter runs: SELECT count(*) FROM note") < said.index(
        "task pager wants: SELECT text FROM note"
    )
    await assert_nothing_is_left(database, observer)


async def test_what_was_written_before_two_statements_at_once_is_undone(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def write_and_gather() -> None:
        await add_note("before the overlap")
        await asyncio.gather(add_note("first of two"), add_note("second of two"))

    with pytest.raises(OverlappingStatements):
        await database.write(write_and_gather)

    assert [await notes(observer, text) for text in ("before the overlap", "first of two", "second of two")] == [0] * 3
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_queued_statements_run_one_after_another_with_right_results_a_warning_and_a_counter(
    make: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make(overlap="queue")

    async def gather_many() -> list[int]:
        rows = await asyncio.gather(*(named(f"task {n}", "SELECT {}::int AS n", n) for n in range(20)))
        return [row["n"] for (row,) in rows]

    with capture_logs() as logs:
        assert await getattr(database, kind)(gather_many) == list(range(20))

    assert (database.statements, database.overlaps) == (20, 19)
    warnings = [log for log in logs if log["event"] == "overlapping_statements"]
    assert len(warnings) == 19
    assert warnings[0] == {
        "event": "overlapping_statements",
        "log_level": "warning",
        "running": "SELECT $1::int AS n",
        "by": "task task 0",
        "queued": "SELECT $1::int AS n",
        "wanted_by": "task task 1",
    }
    await assert_nothing_is_left(database, observer)


async def test_a_single_overlap_warns_once(make: MakeDatabase) -> None:
    database = await make(overlap="queue")

    async def gather_two() -> None:
        await asyncio.gather(sql("SELECT 1"), sql("SELECT 2"))

    with capture_logs() as logs:
        await database.read(gather_two)

    assert [log["event"] for log in logs] == ["overlapping_statements"]


async def test_a_queued_statement_whose_task_is_cancelled_lets_the_next_one_through(
    make: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make(overlap="queue")

    async def cancel_the_second() -> list[dict[str, object]]:
        first, second, third = (named(str(n), "SELECT {}::int AS n", n) for n in (1, 2, 3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        return await first + await third

    assert await database.read(cancel_the_second) == [{"n": 1}, {"n": 3}]
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_task_that_outlives_its_transaction_is_refused_and_named(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    over = asyncio.Event()
    tasks: list[asyncio.Task[object]] = []

    async def late() -> None:
        await over.wait()
        await add_note("too late")

    async def leave_one_behind() -> None:
        tasks.append(asyncio.create_task(late(), name="straggler"))

    await getattr(database, kind)(leave_one_behind)
    over.set()

    with pytest.raises(TransactionEnded, match=r"task straggler\) .* INSERT INTO note"):
        await tasks[0]
    assert await notes(observer, "too late") == 0
    await assert_nothing_is_left(database, observer)


async def test_a_statement_that_still_runs_at_the_end_is_waited_for_and_those_queued_behind_it_are_refused(
    make: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make(overlap="queue")
    tasks: list[asyncio.Task[object]] = []

    async def leave_two_behind() -> None:
        tasks.append(named("running", "INSERT INTO note SELECT 'still running' FROM pg_sleep(0.05)"))
        tasks.append(named("queued", "INSERT INTO note VALUES ('queued')"))
        await asyncio.sleep(0)

    await database.write(leave_two_behind)

    await tasks[0]
    with pytest.raises(TransactionEnded, match="task queued"):
        await tasks[1]
    assert (await notes(observer, "still running"), await notes(observer, "queued")) == (1, 0)
    await assert_nothing_is_left(database, observer)


async def test_a_transaction_that_fails_does_not_wait_for_long_for_a_statement_that_still_runs(
    database: UnitOfWork, observer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.transaction.CLEANUP_TIMEOUT", 0.05)
    tasks: list[asyncio.Task[object]] = []

    async def leave_a_slow_one_behind() -> None:
        tasks.append(named("slow", "SELECT pg_sleep(60)"))
        await asyncio.sleep(0)
        raise ValueError("of its own")

    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(ValueError, match="of its own"):
            await database.write(leave_a_slow_one_behind)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await tasks[0]
    await observer.execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%pg_sleep(60)'"
    )
    await assert_nothing_is_left(database, observer)


async def test_a_transaction_of_a_child_task_is_its_own(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    assert await asyncio.gather(*(database.write(add_note, f"child {n}") for n in range(8))) == [
        f"child {n}" for n in range(8)
    ]
    assert [await notes(observer, f"child {n}") for n in range(8)] == [1] * 8
