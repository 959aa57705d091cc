"""A task may be cancelled at any await: what it held is given back, and what it wrote exists whole or not at all."""

import asyncio

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette

from app.database.unit_of_work import UnitOfWork
from tests.database.conftest import MakeDatabase
from tests.database.stepping import MOMENTS, Moment, cancelled_at_each_await
from tests.database.support import (
    add_note,
    assert_nothing_is_left,
    connect_anew,
    no_more_files_than,
    notes,
    open_files,
    sql,
)
from tests.support.actors import Actor
from tests.support.interviews import create_interview, fetch_messages

pytestmark = pytest.mark.parametrize("moment", MOMENTS)


@pytest.fixture
async def database(make: MakeDatabase) -> UnitOfWork:
    """A pool of one, so that each run finds the connection of the last one."""
    return await make(pool_max_size=1)


@pytest.mark.parametrize("connects", [True, False], ids=["connecting", "connected"])
async def test_a_reading_leaves_nothing_behind(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment, connects: bool
) -> None:
    async def read() -> None:
        assert await database.read(sql, "SELECT 1 AS one") == [{"one": 1}]

    awaits = 0
    await read()
    files = open_files()
    async for awaits in cancelled_at_each_await(read, moment):  # noqa: B007 - counted
        await assert_nothing_is_left(database, observer)
        await no_more_files_than(files)
        if connects:
            await connect_anew(database._database)

    assert awaits >= 3


@pytest.mark.parametrize("connects", [True, False], ids=["connecting", "connected"])
async def test_a_writing_is_done_whole_or_not_at_all(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment, connects: bool
) -> None:
    async def write_two(text: str) -> None:
        await add_note(text)
        await add_note(text)

    written = 0
    text = f"cancelled {moment} {connects}"
    await database.write(write_two, "a first run prepares the statement")
    async for _ in cancelled_at_each_await(lambda: database.write(write_two, text), moment):
        await assert_nothing_is_left(database, observer)
        before, written = written, await notes(observer, text)
        assert written - before in (0, 2)
        await database.write(write_two, "so does another, after each that may have lost its connection")
        if connects:
            await connect_anew(database._database)

    assert written == 2, "cancelled during COMMIT"
    assert await notes(observer, text) == 4, "and then not at all"


async def test_a_writing_that_fails_is_undone_even_where_it_is_cancelled_during_that(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment
) -> None:
    async def write_and_fail() -> None:
        with pytest.raises(ValueError, match="of its own"):
            await database.write(fail)

    async def fail() -> None:
        await add_note(f"undone {moment}")
        raise ValueError("of its own")

    async for _ in cancelled_at_each_await(write_and_fail, moment):
        await assert_nothing_is_left(database, observer)

    assert await notes(observer, f"undone {moment}") == 0


async def test_a_writing_that_waits_for_a_lock_lets_go_of_its_place(
    make: MakeDatabase, observer: asyncpg.Connection, scratch_url: str, moment: Moment
) -> None:
    database = await make(lock_timeout=0.1, transaction_attempts=1)
    holder = await asyncpg.connect(scratch_url)
    try:
        await holder.execute("BEGIN; UPDATE tally SET value = value WHERE id = 1")

        async def wait_for_the_lock() -> None:
            with pytest.raises(Exception, match="locked too long"):
                await database.write(sql, "UPDATE tally SET value = value WHERE id = 1")

        async for _ in cancelled_at_each_await(wait_for_the_lock, moment):
            await assert_nothing_is_left(database, observer)
    finally:
        await holder.close()


async def test_being_cancelled_again_and_again_changes_nothing(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment
) -> None:
    written = asyncio.Event()

    async def write_and_wait() -> None:
        await add_note(f"cancelled often {moment}")
        written.set()
        if moment == "as it begins to wait":
            await asyncio.Event().wait()

    task = asyncio.create_task(database.write(write_and_wait))
    await written.wait()
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)

    assert task.cancelled()
    assert await notes(observer, f"cancelled often {moment}") == (moment != "as it begins to wait")
    await assert_nothing_is_left(database, observer)


async def test_a_turn_of_an_interview_is_stored_whole_or_not_at_all(
    app: Starlette, client: httpx2.AsyncClient, owner: Actor, moment: Moment
) -> None:
    transactions = UnitOfWork(app.state.services.database)
    interview_id = await create_interview(transactions, owner)
    headers = owner.headers()
    observer = await asyncpg.connect(app.state.services.database.url)

    async def continue_interview() -> None:
        body = {"interview_id": str(interview_id), "user_response": "an answer"}
        response = await client.post("/interviews/continue", json=body, headers=headers)
        assert response.status_code == 200

    awaits = 0
    try:
        async for awaits in cancelled_at_each_await(continue_interview, moment):  # noqa: B007 - counted
            await assert_nothing_is_left(transactions, observer)
            numbers = [message["sequence_number"] for message in await fetch_messages(transactions, interview_id)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) % 2 == 1
    finally:
        await observer.close()

    assert awaits >= 6
