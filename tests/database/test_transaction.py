"""What a use case can rely on: one transaction, committed where it returns, undone where it raises."""

import asyncpg
import pytest

from app.database.engine import ENGINE
from app.database.transaction import NestedTransaction
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import InterviewNotFound
from tests.database.conftest import MakeDatabase
from tests.database.support import add_note, assert_nothing_is_left, notes, sql


async def test_writing_commits_where_the_use_case_returns(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    assert await database.write(add_note, "kept") == "kept"

    assert await notes(observer, "kept") == 1


@pytest.mark.parametrize("error", [InterviewNotFound(), ValueError("any"), GeneratorExit()], ids=repr)
async def test_writing_is_undone_where_the_use_case_raises(
    database: UnitOfWork, observer: asyncpg.Connection, error: BaseException
) -> None:
    async def use_case() -> None:
        await add_note("undone")
        raise error

    with pytest.raises(type(error)) as raised:
        await database.write(use_case)

    assert raised.value is error
    assert await notes(observer, "undone") == 0
    await assert_nothing_is_left(database, observer)


async def test_a_value_is_returned_as_it_is_and_arguments_are_handed_on(database: UnitOfWork) -> None:
    async def use_case(*args: object, **kwargs: object) -> object:
        return args, kwargs

    assert await database.read(use_case, 1, two=2) == ((1,), {"two": 2})
    assert await database.write(use_case, 1, two=2) == ((1,), {"two": 2})


async def test_all_that_a_reading_sees_is_of_one_moment(database: UnitOfWork, observer: asyncpg.Connection) -> None:
    async def count_and_page() -> tuple[int, int]:
        (count,) = await sql("SELECT count(*) AS n FROM note WHERE text = 'of one moment'")
        await observer.execute("INSERT INTO note VALUES ('of one moment')")
        return count["n"], len(await sql("SELECT text FROM note WHERE text = 'of one moment'"))

    assert await database.read(count_and_page) == (0, 0)
    assert await database.read(count_and_page) == (1, 1)


async def test_a_writing_sees_what_others_committed_meanwhile(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def twice() -> list[str]:
        levels = [row["transaction_isolation"] for row in await sql("SHOW transaction_isolation")]
        await sql("SELECT 1 FROM note")
        await observer.execute("INSERT INTO note VALUES ('meanwhile')")
        return levels + [row["text"] for row in await sql("SELECT text FROM note WHERE text = 'meanwhile'")]

    assert await database.write(twice) == ["read committed", "meanwhile"]


async def test_a_write_in_a_reading_is_refused_as_a_fault_of_our_own(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.read(add_note, "not here")

    assert await notes(observer, "not here") == 0
    await assert_nothing_is_left(database, observer)


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_deadlines_are_in_force_within_the_transaction_and_not_after_it(make: MakeDatabase, kind: str) -> None:
    database = await make(pool_max_size=1, statement_timeout=1.5, lock_timeout=0.25, idle_in_transaction_timeout=7)

    async def limits() -> list[str]:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        return [next(iter(row.values())) for name in names for row in await sql(f"SHOW {name}")]

    assert await getattr(database, kind)(limits) == ["1500ms", "250ms", "7s"]

    connection = await database._database.acquire()
    assert await connection.fetchval("SHOW statement_timeout") == "0"
    assert await connection.fetchval("SHOW application_name") == "interview-system"
    database._database.release(connection)


@pytest.mark.parametrize("inner", ["read", "write"])
@pytest.mark.parametrize("outer", ["read", "write"])
async def test_a_transaction_inside_a_transaction_is_refused(
    database: UnitOfWork, observer: asyncpg.Connection, outer: str, inner: str
) -> None:
    async def nested() -> None:
        await getattr(database, inner)(sql, "SELECT 1")

    with pytest.raises(NestedTransaction):
        await getattr(database, outer)(nested)

    await assert_nothing_is_left(database, observer)


async def test_every_statement_is_counted_and_begin_and_commit_are_not(database: UnitOfWork) -> None:
    await database.read(sql, "SELECT 1")
    await database.write(add_note, "counted")
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.write(sql, "SELECT 1 FROM nowhere")

    assert database.statements == 3


async def test_a_savepoint_of_piccolo_works_within_the_transaction(
    database: UnitOfWork, observer: asyncpg.Connection
) -> None:
    async def with_savepoint() -> None:
        await add_note("before the savepoint")
        savepoint = await ENGINE.current_transaction.get().savepoint()
        await add_note("after the savepoint")
        await savepoint.rollback_to()

    await database.write(with_savepoint)

    assert await notes(observer, "before the savepoint") == 1
    assert await notes(observer, "after the savepoint") == 0
