"""Mistakes of a use case: each error names the place in the code, the cause and the fix."""

import asyncio

import asyncpg
import pytest
from piccolo.utils.sync import run_sync

from app.database.engine import ENGINE, OutsideTransaction
from app.database.errors import WrongLoop
from app.database.guard import TransactionEnded, TransactionFailed
from app.database.transaction import NestedTransaction, RolledBack
from app.database.transaction_control import TransactionControl, find_transaction_control
from app.database.unit_of_work import UnitOfWork, nested
from tables.interview import Interview
from tests.database.support import add_note, count_notes, sql

HERE = r"tests/database/\w+\.py:[0-9]+ in "

CONTROL = [
    "BEGIN",
    "begin work",
    "START  TRANSACTION",
    "COMMIT",
    "COMMIT AND CHAIN",
    "COMMIT PREPARED 'x'",
    "END",
    "ROLLBACK",
    "rollback",
    "ABORT",
    "PREPARE TRANSACTION 'x'",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "SET LOCAL transaction_isolation = 'serializable'",
    "set session characteristics as transaction read only",
    "SET transaction_read_only = off",
    "  \n\t;ROLLBACK",
    "-- comment\nROLLBACK",
    "/* a */ /* b\n */ COMMIT",
    "SET /* x */ TRANSACTION READ WRITE",
    "SAVEPOINT a",
    "RELEASE a",
    "RELEASE SAVEPOINT a",
    "ROLLBACK TO a",
    "ROLLBACK WORK TO SAVEPOINT a",
]


@pytest.mark.parametrize("statement", CONTROL)
async def test_a_statement_that_controls_the_transaction_raises_and_rolls_back(
    database: UnitOfWork, observer: asyncpg.Connection, statement: str
) -> None:
    note = f"before {statement}"

    async def use_case() -> None:
        await add_note(note)
        with pytest.raises(TransactionControl, match=f"{HERE}.*nested"):
            await sql(statement.replace("{", "{{"))

    await database.write(use_case)

    assert await count_notes(observer, note) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'ROLLBACK'",
        "SELECT 1 -- COMMIT",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "SET LOCAL lock_timeout = 5",
        "INSERT INTO note VALUES ('BEGIN')",
        "-- ROLLBACK\nSELECT 1",
        "/* COMMIT; */ SELECT 1",
        "SELECT begin FROM (SELECT 1 AS begin) AS each",
        "EXPLAIN SELECT 1",
    ],
)
def test_other_statements_are_not_transaction_control(statement: str) -> None:
    assert find_transaction_control(statement) is None


async def test_nested_lets_a_use_case_survive_a_constraint_violation(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def use_case() -> str:
        await add_note("before the violation")
        try:
            async with nested():
                await add_note("undone with the violation")
                await sql("INSERT INTO tally VALUES (1, 0)")
        except asyncpg.UniqueViolationError:
            await add_note("after the violation")
        async with nested():
            await add_note("in a block that succeeds")
        return "survived"

    assert await database.write(use_case) == "survived"

    assert await count_notes(observer, "before the violation") == 1
    assert await count_notes(observer, "undone with the violation") == 0
    assert await count_notes(observer, "after the violation") == 1
    assert await count_notes(observer, "in a block that succeeds") == 1


async def test_nested_raises_outside_a_transaction(database: UnitOfWork) -> None:
    with pytest.raises(OutsideTransaction, match=f"{HERE}.*UnitOfWork"):
        async with nested():
            pass


async def test_a_statement_after_a_failed_one_names_the_failed_one(database: UnitOfWork) -> None:
    async def use_case() -> None:
        with pytest.raises(asyncpg.UndefinedTableError):
            await sql("SELECT 1 FROM nowhere")
        await sql("SELECT 2")

    with pytest.raises(TransactionFailed, match=rf"{HERE}.*SELECT 2.*SELECT 1 FROM nowhere.*42P01.*nested"):
        await database.read(use_case)


async def test_a_statement_after_a_cancelled_one_names_the_cancelled_one(database: UnitOfWork) -> None:
    async def use_case() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await sql("SELECT pg_sleep(5)")
        await sql("SELECT 2")

    with pytest.raises(TransactionFailed, match=r"SELECT 2.*SELECT pg_sleep.*CancelledError"):
        await database.read(use_case)


async def test_a_swallowed_error_is_named_at_commit(database: UnitOfWork) -> None:
    async def use_case() -> None:
        with pytest.raises(asyncpg.UndefinedTableError):
            await sql("SELECT 1 FROM nowhere")

    with pytest.raises(RolledBack, match=r"SELECT 1 FROM nowhere.*42P01"):
        await database.write(use_case)


async def test_run_sync_in_a_use_case_names_its_place_and_the_fix(database: UnitOfWork) -> None:
    async def use_case() -> None:
        run_sync(Interview.count().run())

    with pytest.raises(OutsideTransaction, match=f"{HERE}use_case calls run_sync.*Await"):
        await database.read(use_case)


async def test_a_statement_on_another_loop_names_both_loops(database: UnitOfWork) -> None:
    async def use_case() -> None:
        await asyncio.to_thread(lambda: asyncio.run(sql("SELECT 1")))

    with pytest.raises(WrongLoop, match=r"\.py:.*The transaction is on .* at 0x.*, the statement on .* at 0x"):
        await database.read(use_case)


async def test_reading_rows_after_the_use_case_returned_names_the_place(database: UnitOfWork) -> None:
    async def rows():
        yield await sql("SELECT 1")

    async def use_case():
        return rows()

    stream = await database.read(use_case)

    with pytest.raises(OutsideTransaction, match=f"{HERE}sql runs a statement outside a transaction"):
        await anext(stream)


async def test_a_task_may_open_a_transaction_after_the_inherited_one_ended(
    database: UnitOfWork, make_database, observer: asyncpg.Connection
) -> None:
    ended = asyncio.Event()
    tasks = []

    async def write_later() -> None:
        await ended.wait()
        with pytest.raises(TransactionEnded, match=HERE):
            await add_note("without a transaction")
        await (await make_database()).write(add_note, "in a transaction of the task")

    async def use_case() -> None:
        tasks.append(asyncio.create_task(write_later()))

    await database.write(use_case)
    ended.set()
    await tasks[0]

    assert await count_notes(observer, "in a transaction of the task") == 1
    assert ENGINE.current_transaction.get() is None


async def test_a_task_cannot_open_a_transaction_while_the_inherited_one_is_open(
    database: UnitOfWork, make_database
) -> None:
    other = await make_database()

    async def use_case() -> None:
        await asyncio.create_task(other.write(add_note, "never"))

    with pytest.raises(NestedTransaction):
        await database.write(use_case)
