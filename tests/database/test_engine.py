"""While the service runs, statements reach the database only through UnitOfWork."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE, InterviewEngine, OutsideTransaction
from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tests.database.support import sql


async def run_query() -> None:
    await Interview.select()


async def run_ddl() -> None:
    await Interview.create_table(if_not_exists=True)


async def run_batch() -> None:
    async with await Interview.select().batch():
        pass


async def run_atomic() -> None:
    await ENGINE.atomic().run()


async def open_piccolo_transaction() -> None:
    async with ENGINE.transaction():
        pass


async def construct_piccolo_transaction() -> None:
    async with PostgresTransaction(ENGINE):
        pass


async def start_piccolo_pool() -> None:
    await ENGINE.start_connection_pool()


async def open_connection() -> None:
    await ENGINE.get_new_connection()


async def run_sync_in_a_thread() -> None:
    Interview.select().run_sync()


WAYS = [
    run_query,
    run_ddl,
    run_batch,
    run_atomic,
    open_piccolo_transaction,
    construct_piccolo_transaction,
    start_piccolo_pool,
    open_connection,
    run_sync_in_a_thread,
]
WAYS_INSIDE_A_TRANSACTION = [
    run_batch,
    run_atomic,
    open_piccolo_transaction,
    start_piccolo_pool,
    open_connection,
    run_sync_in_a_thread,
]

Way = Callable[[], Awaitable[Any]]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_every_way_to_the_database_raises_outside_a_transaction(way: Way) -> None:
    with pytest.raises(OutsideTransaction):
        await way()


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("way", WAYS_INSIDE_A_TRANSACTION, ids=lambda way: way.__name__)
async def test_every_way_around_the_transaction_raises_inside_it(database: UnitOfWork, way: Way, kind: str) -> None:
    with pytest.raises(OutsideTransaction):
        await getattr(database, kind)(way)


async def test_the_error_outside_a_transaction_names_the_statement(database: UnitOfWork) -> None:
    with pytest.raises(OutsideTransaction, match=r"UnitOfWork.read or write: SELECT 42"):
        await sql("SELECT 42")


def test_building_an_engine_does_not_connect() -> None:
    url = "postgresql://user@127.0.0.1:1/database"

    assert InterviewEngine(url).config == {"dsn": url}


async def test_scripts_may_use_the_engine_before_the_first_arm_and_after_the_last_disarm(scratch_url: str) -> None:
    engine = InterviewEngine(scratch_url)
    assert await engine.run_ddl("SELECT 1 AS one")

    engine.arm()
    engine.arm()
    engine.disarm()
    with pytest.raises(OutsideTransaction):
        await engine.run_ddl("SELECT 1")

    engine.disarm()
    assert await engine.run_ddl("SELECT 1 AS one")
