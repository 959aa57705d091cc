"""A task may be cancelled at any await: its connection is released, and its writes are stored completely or not."""

import asyncio

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette

from app.database.unit_of_work import UnitOfWork
from tests.database.cancellation import MOMENTS, Moment, cancel_at_each_await
from tests.database.conftest import MakeDatabase
from tests.database.support import (
    add_note,
    assert_nothing_is_left,
    count_notes,
    expire_connections,
    open_files,
    sql,
    wait_until_files_are_closed,
)
from tests.support.actors import Actor
from tests.support.interviews import create_interview, fetch_messages

pytestmark = pytest.mark.parametrize("moment", MOMENTS)


@pytest.fixture
async def database(make_database: MakeDatabase) -> UnitOfWork:
    """Open a pool of one connection, so that each run uses the connection of the run before."""
    return await make_database(pool_max_size=1)


@pytest.mark.parametrize("connects", [True, False], ids=["connecting", "connected"])
async def test_a_cancelled_read_leaks_nothing(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment, connects: bool
) -> None:
    async def read() -> None:
        assert await database.read(sql, "SELECT 1 AS one") == [{"one": 1}]

    awaits = 0
    await read()
    files = open_files()
    async for awaits in cancel_at_each_await(read, moment):  # noqa: B007 - counted
        await assert_nothing_is_left(database, observer)
        await wait_until_files_are_closed(files)
        if connects:
            await expire_connections(database._database)

    assert awaits >= 3


@pytest.mark.parametrize("connects", [True, False], ids=["connecting", "connected"])
async def test_a_cancelled_write_is_stored_completely_or_not_at_all(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment, connects: bool
) -> None:
    async def write_two(text: str) -> None:
        await add_note(text)
        await add_note(text)

    written = 0
    text = f"cancelled {moment} {connects}"
    await database.write(write_two, "the first run prepares the statement")
    async for _ in cancel_at_each_await(lambda: database.write(write_two, text), moment):
        await assert_nothing_is_left(database, observer)
        before, written = written, await count_notes(observer, text)
        assert written - before in (0, 2)
        await database.write(write_two, "prepare it again, because a cancelled run may have lost its connection")
        if connects:
            await expire_connections(database._database)

    assert written == 2, "a run that was cancelled during COMMIT"
    assert await count_notes(observer, text) == 4, "and the last run, which was not cancelled"


async def test_a_write_that_fails_is_rolled_back_if_it_is_cancelled_during_the_rollback(
    database: UnitOfWork, observer: asyncpg.Connection, moment: Moment
) -> None:
    async def write_and_fail() -> None:
        with pytest.raises(ValueError, match="of the use case"):
            await database.write(fail)

    async def fail() -> None:
        await add_note(f"undone {moment}")
        raise ValueError("of the use case")

    async for _ in cancel_at_each_await(write_and_fail, moment):
        await assert_nothing_is_left(database, observer)

    assert await count_notes(observer, f"undone {moment}") == 0


async def test_a_cancelled_write_stops_waiting_for_a_lock(
    make_database: MakeDatabase, observer: asyncpg.Connection, scratch_url: str, moment: Moment
) -> None:
    database = await make_database(lock_timeout=0.1, transaction_attempts=1)
    holder = await asyncpg.connect(scratch_url)
    try:
        await holder.execute("BEGIN; UPDATE tally SET value = value WHERE id = 1")

        async def wait_for_the_lock() -> None:
            with pytest.raises(Exception, match="locked too long"):
                await database.write(sql, "UPDATE tally SET value = value WHERE id = 1")

        async for _ in cancel_at_each_await(wait_for_the_lock, moment):
            await assert_nothing_is_left(database, observer)
    finally:
        await holder.close()


async def test_a_write_that_is_cancelled_repeatedly_leaks_nothing(
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
    assert await count_notes(observer, f"cancelled often {moment}") == (moment != "as it begins to wait")
    await assert_nothing_is_left(database, observer)


async def test_a_cancelled_turn_is_stored_completely_or_not_at_all(
    app: Starlette, client: httpx2.AsyncClient, database_url: str, owner: Actor, moment: Moment
) -> None:
    unit_of_work = UnitOfWork(app.state.services.database)
    interview_id = await create_interview(unit_of_work, owner)
    headers = owner.headers()
    observer = await asyncpg.connect(database_url)

    async def continue_interview() -> None:
        body = {"interview_id": str(interview_id), "user_response": "an answer"}
        response = await client.post("/interviews/continue", json=body, headers=headers)
        assert response.status_code == 200

    awaits = 0
    try:
        async for awaits in cancel_at_each_await(continue_interview, moment):  # noqa: B007 - counted
            await assert_nothing_is_left(unit_of_work, observer)
            numbers = [message["sequence_number"] for message in await fetch_messages(unit_of_work, interview_id)]
            assert numbers == list(range(1, len(numbers) + 1))
            assert len(numbers) % 2 == 1
    finally:
        await observer.close()

    assert awaits >= 6
