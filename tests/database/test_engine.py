"""While the service is up, nothing reaches the database but through a transaction of ours."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE, InterviewEngine, OutsideTransaction
from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tests.database.support import sql


async def run_a_query() -> None:
    await Interview.select()


async def run_ddl() -> None:
    await Interview.create_table(if_not_exists=True)


async def run_in_a_batch() -> None:
    async with await Interview.select().batch():
        pass


async def run_atomically() -> None:
    await ENGINE.atomic().run()


async def open_piccolos_transaction() -> None:
    async with ENGINE.transaction():
        pass


async def make_piccolos_transaction_by_hand() -> None:
    async with PostgresTransaction(ENGINE):
        pass


async def start_piccolos_pool() -> None:
    await ENGINE.start_connection_pool()


async def open_a_connection() -> None:
    await ENGINE.get_new_connection()


async def run_in_a_thread_of_its_own() -> None:
    Interview.select().run_sync()


EVERYTHING = [
    run_a_query,
    run_ddl,
    run_in_a_batch,
    run_atomically,
    open_piccolos_transaction,
    make_piccolos_transaction_by_hand,
    start_piccolos_pool,
    open_a_connection,
    run_in_a_thread_of_its_own,
]
OTHER_WAYS_INSIDE = [
    run_in_a_batch,
    run_atomically,
    open_piccolos_transaction,
    start_piccolos_pool,
    open_a_connection,
    run_in_a_thread_of_its_own,
]

Way = Callable[[], Awaitable[Any]]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("way", EVERYTHING, ids=lambda way: way.__name__)
async def test_outside_a_transaction_everything_is_refused(way: Way) -> None:
    with pytest.raises(OutsideTransaction):
        await way()


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("way", OTHER_WAYS_INSIDE, ids=lambda way: way.__name__)
async def test_inside_a_transaction_every_way_around_it_is_refused(database: UnitOfWork, way: Way, kind: str) -> None:
    with pytest.raises(OutsideTransaction):
        await getattr(database, kind)(way)


async def test_the_refusal_names_the_statement(database: UnitOfWork) -> None:
    with pytest.raises(OutsideTransaction, match=r"UnitOfWork.read or write: SELECT 42"):
        await sql("SELECT 42")


def test_an_engine_connects_to_nothing_while_it_is_made() -> None:
    url = "postgresql://nobody@127.0.0.1:1/nowhere"

    assert InterviewEngine(url).config == {"dsn": url}


async def test_before_it_is_armed_and_after_the_last_one_has_disarmed_it_it_serves_scripts(scratch_url: str) -> None:
    engine = InterviewEngine(scratch_url)
    assert await engine.run_ddl("SELECT 1 AS one")

    engine.arm()
    engine.arm()
    engine.disarm()
    with pytest.raises(OutsideTransaction):
        await engine.run_ddl("SELECT 1")

    engine.disarm()
    assert await engine.run_ddl("SELECT 1 AS one")
