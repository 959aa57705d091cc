"""One transaction per use case: committed if it returns, rolled back if it raises."""

import asyncpg
import pytest

from app.database.engine import ENGINE
from app.database.transaction import NestedTransaction
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import InterviewNotFound
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, count_notes, sql


async def test_write_commits_if_the_use_case_returns(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    assert await database.write(add_note, "kept") == "kept"

    assert await count_notes(observer, "kept") == 1


@pytest.mark.parametrize("error", [InterviewNotFound(), ValueError("any"), GeneratorExit()], ids=repr)
async def test_write_rolls_back_if_the_use_case_raises(
    database: UnitOfWork, observer: asyncpg.Connection, error: BaseException
) -> None:
    async def use_case() -> None:
        await add_note("undone")
        raise error

    with pytest.raises(type(error)) as raised:
        await database.write(use_case)

    assert raised.value is error
    assert await count_notes(observer, "undone") == 0
    await assert_nothing_is_left(database, observer)


async def test_arguments_are_passed_and_the_value_is_returned(database: UnitOfWork) -> None:
    async def use_case(*args: object, **kwargs: object) -> object:
        return args, kwargs

    assert await database.read(use_case, 1, two=2) == ((1,), {"two": 2})
    assert await database.write(use_case, 1, two=2) == ((1,), {"two": 2})


async def test_all_statements_of_a_read_see_one_snapshot(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    async def count_and_page() -> tuple[int, int]:
        (count,) = await sql("SELECT count(*) AS n FROM note WHERE text = 'of one moment'")
        await observer.execute("INSERT INTO note VALUES ('of one moment')")
        return count["n"], len(await sql("SELECT text FROM note WHERE text = 'of one moment'"))

    assert await database.read(count_and_page) == (0, 0)
    assert await database.read(count_and_page) == (1, 1)


async def test_a_write_sees_concurrent_commits(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    async def read_twice() -> list[str]:
        levels = [row["transaction_isolation"] for row in await sql("SHOW transaction_isolation")]
        await sql("SELECT 1 FROM note")
        await observer.execute("INSERT INTO note VALUES ('concurrent')")
        return levels + [row["text"] for row in await sql("SELECT text FROM note WHERE text = 'concurrent'")]

    assert await database.write(read_twice) == ["read committed", "concurrent"]


async def test_a_write_statement_in_a_read_raises(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.read(add_note, "not here")

    assert await count_notes(observer, "not here") == 0
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_timeouts_apply_within_the_transaction_and_not_after_it(make_database: MakeDatabase, kind: str) -> None:
    database = await make_database(
        pool_max_size=1, statement_timeout=1.5, lock_timeout=0.25, idle_in_transaction_timeout=7
    )

    async def show_timeouts() -> list[str]:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        return [next(iter(row.values())) for name in names for row in await sql(f"SHOW {name}")]

    assert await getattr(database, kind)(show_timeouts) == ["1500ms", "250ms", "7s"]

    connection = await database._database.acquire()
    assert await connection.fetchval("SHOW statement_timeout") == "0"
    assert await connection.fetchval("SHOW application_name") == "interview-system"
    database._database.release(connection)


@pytest.mark.parametrize("inner", ["read", "write"])
@pytest.mark.parametrize("outer", ["read", "write"])
async def test_a_transaction_inside_a_transaction_raises(
    database: UnitOfWork, observer: asyncpg.Connection, outer: str, inner: str
) -> None:
    async def open_inner_transaction() -> None:
        await getattr(database, inner)(sql, "SELECT 1")

    with pytest.raises(NestedTransaction):
        await getattr(database, outer)(open_inner_transaction)

    await assert_nothing_is_left(database, observer)


async def test_statements_are_counted_without_begin_and_commit(database: UnitOfWork) -> None:
    await database.read(sql, "SELECT 1")
    await database.write(add_note, "counted")
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.write(sql, "SELECT 1 FROM nowhere")

    assert database.statements == 3


async def test_a_savepoint_of_piccolo_works_in_a_transaction(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def roll_back_to_savepoint() -> None:
        await add_note("before the savepoint")
        savepoint = await ENGINE.current_transaction.get().savepoint()
        await add_note("after the savepoint")
        await savepoint.rollback_to()

    await database.write(roll_back_to_savepoint)

    assert await count_notes(observer, "before the savepoint") == 1
    assert await count_notes(observer, "after the savepoint") == 0
