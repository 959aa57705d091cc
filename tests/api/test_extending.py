"""What people do who extend or embed the service: background work, streams, several transactions, no lifespan."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.testclient import TestClient

from app.application import create_app
from app.database.statement import sql
from app.http.endpoint import Endpoint
from app.http.envelope import success
from app.http.router import Route
from app.http.routes import ROUTES
from app.settings import Settings
from app.use_cases.idempotency import delete_expired_results
from tests.support.assertions import assert_error
from tests.support.clients import open_client

ONE = sql("SELECT 1 AS one")
PAUSE = sql("SELECT pg_sleep(:seconds::float8)")
Extend = Callable[[type[Endpoint]], None]


@pytest.fixture
def extend(monkeypatch: pytest.MonkeyPatch) -> Extend:
    """Return a function that serves an endpoint at /extra in applications created afterwards."""

    def extend(endpoint: type[Endpoint]) -> None:
        monkeypatch.setattr("app.application.ROUTES", [*ROUTES, Route("/extra", endpoint)])

    return extend


async def write_note(notes: list[str], note: str) -> None:
    await delete_expired_results(24)
    notes.append(note)


async def read_one() -> int:
    return (await ONE.one())["one"]


async def test_a_background_task_can_write_after_the_response(settings: Settings, extend: Extend) -> None:
    notes: list[str] = []

    class Extra(Endpoint):
        async def get(self, request: Request) -> Response:
            await self.unit_of_work.read(read_one)
            task = BackgroundTask(self.unit_of_work.write, write_note, notes, "from the background")
            return JSONResponse({}, background=task)

    extend(Extra)
    async with open_client(settings) as client:
        assert (await client.get("http://test/extra")).status_code == 200

    assert notes == ["from the background"]


async def test_a_streamed_body_can_write_while_it_is_sent(settings: Settings, extend: Extend) -> None:
    class Extra(Endpoint):
        async def get(self, request: Request) -> Response:
            async def body() -> AsyncIterator[str]:
                for _ in range(2):
                    yield str(await self.unit_of_work.write(read_one))

            return StreamingResponse(body())

    extend(Extra)
    async with open_client(settings) as client:
        response = await client.get("http://test/extra")

    assert (response.status_code, response.text) == (200, "11")


@pytest.mark.parametrize("last", ["read", "write"])
async def test_503_if_the_deadline_passes_in_the_second_transaction(
    settings: Settings, extend: Extend, last: str
) -> None:
    class Extra(Endpoint):
        async def get(self, request: Request) -> Response:
            await self.unit_of_work.write(read_one)
            await getattr(self.unit_of_work, last)(PAUSE.execute, seconds=4)
            return success("never", None)

    extend(Extra)
    async with open_client(settings, request_timeout=0.5) as client:
        response = await client.get("http://test/extra")

    text = "The request took too long and a part of it was stored; look before repeating it"
    assert_error(response, 503, "Request timed out", {"field": "request", "error": text})


async def test_503_if_the_deadline_passes_after_the_first_commit(settings: Settings, extend: Extend) -> None:
    class Extra(Endpoint):
        async def get(self, request: Request) -> Response:
            await self.unit_of_work.write(read_one)
            await asyncio.Event().wait()
            return success("never", None)

    extend(Extra)
    async with open_client(settings, request_timeout=0.5) as client:
        response = await client.get("http://test/extra")

    assert_error(response, 503, "Request timed out", {"field": "request", "error": ...})


def _assert_lifespan_is_named(body: dict[str, Any]) -> None:
    (error,) = [each["error"] for each in body["errors"] if each["field"] == "database"]
    assert "lifespan has not run" in error
    assert "`with TestClient(app)`" in error
    assert "`async with app.router.lifespan_context(app)`" in error
    assert "mounted" in error


async def test_503_names_the_lifespan_if_it_has_not_run(settings: Settings) -> None:
    transport = httpx2.ASGITransport(create_app(settings))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/api/v1/health/ready")

    assert response.status_code == 503
    _assert_lifespan_is_named(response.json())


def test_503_names_the_lifespan_if_the_test_client_is_not_entered(settings: Settings) -> None:
    response = TestClient(create_app(settings)).get("/api/v1/health/ready")

    assert response.status_code == 503
    _assert_lifespan_is_named(response.json())


def test_200_if_the_test_client_is_entered(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/api/v1/health/ready").status_code == 200
