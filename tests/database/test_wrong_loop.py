"""A pool and a request on different event loops (requirement 7): logged, answered with 500, never a race."""

import asyncio
import gc
from collections.abc import Callable

import httpx2
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from app.application import create_app
from app.database.database import Database, WrongLoop
from app.database.engine import ENGINE
from app.server import loop_factory
from app.settings import Settings
from tests.database.support import is_pool_free, wait_until
from tests.support.actors import Actor
from tests.support.assertions import assert_error, assert_success

LOOPS = {factory.__module__: factory for factory in (asyncio.new_event_loop, loop_factory())}
INTERNAL = (500, "Internal server error", {"field": "general", "error": "An unexpected error occurred"})

MakeLoop = Callable[[], asyncio.AbstractEventLoop]


async def list_interviews(app: Starlette, owner: Actor) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://interviews/api/v1") as client:
        return await client.get("/interviews", headers=owner.headers())


@pytest.mark.parametrize("make_loop", LOOPS.values(), ids=LOOPS)
async def test_500_and_logged_if_the_pools_loop_is_another_one(
    app: Starlette, owner: Actor, make_loop: MakeLoop
) -> None:
    database: Database = app.state.services.database
    pool = database._pool

    def request_on_another_loop() -> tuple[int, list[httpx2.Response]]:
        with asyncio.Runner(loop_factory=make_loop) as runner:
            responses = [runner.run(list_interviews(app, owner)) for _ in range(3)]
            return id(runner.get_loop()), responses

    with capture_logs() as logs:
        other, responses = await asyncio.to_thread(request_on_another_loop)

    for response in responses:
        assert_error(response, *INTERNAL)
    errors = [log for log in logs if log["event"] == "pool_on_another_loop"]
    assert len(errors) == 3
    assert f"{id(asyncio.get_running_loop()):#x}" in errors[0]["opened_on"]
    assert f"{other:#x}" in errors[0]["running"]
    assert "await services.database.open()" in errors[0]["opened_at"]
    assert all(log["log_level"] == "error" for log in errors)
    assert database._pool is pool
    assert_success(await list_interviews(app, owner), "Interviews retrieved successfully")


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("make_loop", LOOPS.values(), ids=LOOPS)
async def test_500_and_logged_if_the_pools_loop_has_closed_then_200(
    settings: Settings, owner: Actor, make_loop: MakeLoop
) -> None:
    app = create_app(settings)
    database: Database = app.state.services.database

    def open_on_a_loop_that_closes() -> httpx2.Response:
        loop = make_loop()
        loop.run_until_complete(database.open())
        response = loop.run_until_complete(list_interviews(app, owner))
        loop.close()
        return response

    assert_success(await asyncio.to_thread(open_on_a_loop_that_closes), "Interviews retrieved successfully")

    with capture_logs() as logs:
        assert_error(await list_interviews(app, owner), *INTERNAL)
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["pool_on_another_loop", "unexpected_error"]
    errors = next(log for log in logs if log["event"] == "pool_on_another_loop")
    assert "closed=True" in errors["opened_on"]
    assert f"{id(asyncio.get_running_loop()):#x}" in errors["running"]
    assert "open_on_a_loop_that_closes" in errors["opened_at"]

    for _ in range(3):
        assert_success(await list_interviews(app, owner), "Interviews retrieved successfully")
    await database.close()
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_many_requests_that_find_the_loop_closed_leave_one_pool_that_works(
    settings: Settings, owner: Actor
) -> None:
    app = create_app(settings)
    database: Database = app.state.services.database
    await asyncio.to_thread(asyncio.run, database.open())

    with capture_logs():
        first = await asyncio.gather(*(list_interviews(app, owner) for _ in range(10)))
    second = await asyncio.gather(*(list_interviews(app, owner) for _ in range(10)))

    assert {response.status_code for response in first} <= {200, 500}
    assert first[0].status_code == 500
    assert [response.status_code for response in second] == [200] * 10
    await wait_until(lambda: is_pool_free(database))
    await database.close()


async def test_closing_on_another_loop_says_so_and_lets_go_of_the_engine(settings: Settings) -> None:
    armed = ENGINE._armed
    database = Database(str(settings.database_url), settings)
    await database.open()

    with pytest.raises(WrongLoop, match="opened at"):
        await asyncio.to_thread(asyncio.run, database.close())

    assert ENGINE._armed == armed
    await database._pool.close()
