"""The overlap guard: one statement at a time, and none after the transaction has ended."""

import asyncio

import asyncpg
import pytest
from structlog.testing import capture_logs

from app.database.guard import OverlappingStatements, TransactionEnded
from app.database.unit_of_work import UnitOfWork
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, count_notes, sql
from tests.support.timeouts import TIMEOUT


def start_statement(name: str, text: str, *values: object) -> "asyncio.Task[object]":
    """Start a statement in a new task."""
    return asyncio.create_task(sql(text, *values), name=name)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_concurrent_statements_raise_and_name_both_statements_and_tasks(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    async def gather_two() -> None:
        await asyncio.gather(
            start_statement("counter", "SELECT count(*) FROM note"), start_statement("pager", "SELECT text FROM note")
        )

    with pytest.raises(OverlappingStatements) as raised:
        await getattr(database, kind)(gather_two)

    message = str(raised.value)
    assert message.index("task counter runs: SELECT count(*) FROM note") < message.index(
        "task pager wants: SELECT text FROM note"
    )
    await assert_nothing_is_left(database, observer)


async def test_concurrent_statements_roll_back_earlier_writes(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def write_and_gather() -> None:
        await add_note("before the overlap")
        await asyncio.gather(add_note("first of two"), add_note("second of two"))

    with pytest.raises(OverlappingStatements):
        await database.write(write_and_gather)

    assert [await count_notes(observer, text) for text in ("before the overlap", "first of two", "second of two")] == [
        0
    ] * 3
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_queued_statements_run_one_after_another_and_are_logged_and_counted(
    make_database: MakeDatabase, observer: asyncpg.Connection, kind: str
) -> None:
    database = await make_database(overlap="queue")

    async def gather_many() -> list[int]:
        rows = await asyncio.gather(*(start_statement(f"task {n}", "SELECT {}::int AS n", n) for n in range(20)))
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


async def test_one_overlap_logs_one_warning(make_database: MakeDatabase) -> None:
    database = await make_database(overlap="queue")

    async def gather_two() -> None:
        await asyncio.gather(sql("SELECT 1"), sql("SELECT 2"))

    with capture_logs() as logs:
        await database.read(gather_two)

    assert [log["event"] for log in logs] == ["overlapping_statements"]


async def test_the_next_statement_runs_if_a_queued_statement_is_cancelled(
    make_database: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make_database(overlap="queue")

    async def cancel_the_second() -> list[dict[str, object]]:
        first, second, third = (start_statement(str(n), "SELECT {}::int AS n", n) for n in (1, 2, 3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        return await first + await third

    assert await database.read(cancel_the_second) == [{"n": 1}, {"n": 3}]
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_statement_after_the_transaction_ended_raises_and_names_its_task(
    database: UnitOfWork, observer: asyncpg.Connection, kind: str
) -> None:
    over = asyncio.Event()
    tasks: list[asyncio.Task[object]] = []

    async def add_note_late() -> None:
        await over.wait()
        await add_note("too late")

    async def leave_one_task() -> None:
        tasks.append(asyncio.create_task(add_note_late(), name="straggler"))

    await getattr(database, kind)(leave_one_task)
    over.set()

    with pytest.raises(TransactionEnded, match=r"task straggler\) .* INSERT INTO note"):
        await tasks[0]
    assert await count_notes(observer, "too late") == 0
    await assert_nothing_is_left(database, observer)


async def test_the_end_awaits_a_running_statement_and_rejects_queued_ones(
    make_database: MakeDatabase, observer: asyncpg.Connection
) -> None:
    database = await make_database(overlap="queue")
    tasks: list[asyncio.Task[object]] = []

    async def leave_two_tasks() -> None:
        tasks.append(start_statement("running", "INSERT INTO note SELECT 'still running' FROM pg_sleep(0.05)"))
        tasks.append(start_statement("queued", "INSERT INTO note VALUES ('queued')"))
        await asyncio.sleep(0)

    await database.write(leave_two_tasks)

    await tasks[0]
    with pytest.raises(TransactionEnded, match="task queued"):
        await tasks[1]
    assert (await count_notes(observer, "still running"), await count_notes(observer, "queued")) == (1, 0)
    await assert_nothing_is_left(database, observer)


async def test_a_failed_transaction_waits_only_briefly_for_a_running_statement(
    database: UnitOfWork, observer: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.transaction.CLEANUP_TIMEOUT", 0.05)
    tasks: list[asyncio.Task[object]] = []

    async def leave_a_slow_task() -> None:
        tasks.append(start_statement("slow", "SELECT pg_sleep(60)"))
        await asyncio.sleep(0)
        raise ValueError("of the use case")

    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(ValueError, match="of the use case"):
            await database.write(leave_a_slow_task)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await tasks[0]
    await observer.execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%pg_sleep(60)'"
    )
    await assert_nothing_is_left(database, observer)


async def test_child_tasks_run_separate_transactions(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    assert await asyncio.gather(*(database.write(add_note, f"child {n}") for n in range(8))) == [
        f"child {n}" for n in range(8)
    ]
    assert [await count_notes(observer, f"child {n}") for n in range(8)] == [1] * 8
