"""The middleware around Piccolo Admin, with test pages instead of Piccolo Admin's."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.admin.middleware import AdminMiddleware
from app.database.engine import ENGINE, OutsideTransaction
from app.database.unit_of_work import UnitOfWork
from tables.interview import Interview
from tests.support.actors import Actor
from tests.support.interviews import create_interview, fetch_interview

CallPages = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def call_pages(app: Starlette) -> Callable[[ASGIApp], CallPages]:
    """Return a function that calls pages behind the application's middleware."""

    def wrap(pages: ASGIApp) -> CallPages:
        mounted = Starlette(routes=[Mount("/admin", AdminMiddleware(pages, app.state.services))])

        async def call_pages(path: str, method: str = "GET", **more: object) -> httpx2.Response:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(mounted), base_url="http://admin") as client:
                return await client.request(method, f"/admin{path}", **more)

        return call_pages

    return wrap


@pytest.fixture
async def interview_id(database: UnitOfWork, owner: Actor) -> UUID:
    """Create an interview."""
    return await create_interview(database, owner)


def _page(answer: Callable[[Request], Awaitable[str]]) -> ASGIApp:
    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(await answer(Request(scope, receive)))(scope, receive, send)

    return pages


async def test_500_and_nothing_is_written_if_a_page_writes_in_a_get(
    call_pages: Callable[[ASGIApp], CallPages], database: UnitOfWork, interview_id: UUID
) -> None:
    async def write(request: Request) -> str:
        await Interview.update({Interview.status: "cancelled"}).where(Interview.id_interview == interview_id)
        return "written"

    response = await call_pages(_page(write))("/api/tables/interview/")

    assert (response.status_code, response.json()["message"]) == (500, "Internal server error")
    assert (await fetch_interview(database, interview_id))["status"] == "in_progress"


async def test_all_reads_of_a_page_see_one_snapshot(
    call_pages: Callable[[ASGIApp], CallPages], database: UnitOfWork, interview_id: UUID, database_url: str
) -> None:
    async def read_twice(request: Request) -> str:
        query = Interview.select(Interview.language).where(Interview.id_interview == interview_id)
        before = await query
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE interview SET language = 'pt' WHERE id_interview = $1", interview_id)
        await connection.close()
        return str(before == await query)

    assert (await call_pages(_page(read_twice))("/api/tables/interview/")).text == "True"
    assert (await fetch_interview(database, interview_id))["language"] == "pt"


async def test_200_with_the_second_answer_if_the_transaction_is_retried(
    call_pages: Callable[[ASGIApp], CallPages],
) -> None:
    bodies: list[bytes] = []

    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        bodies.append(await Request(scope, receive).body())
        await Response(f"answer {len(bodies)}")(scope, receive, send)
        if len(bodies) == 1:
            raise asyncpg.SerializationError

    response = await call_pages(pages)("/api/tables/interview/", "POST", content=b"request body")

    assert (response.text, bodies) == ("answer 2", [b"request body"] * 2)


@pytest.mark.parametrize("path", ["/", "/assets/index.js", "/public/meta/"])
async def test_files_and_translations_need_no_database(call_pages: Callable[[ASGIApp], CallPages], path: str) -> None:
    async def read(request: Request) -> str:
        await Interview.count()
        return "counted"

    with pytest.raises(OutsideTransaction):
        await call_pages(_page(read))(path)


@pytest.mark.parametrize("path", ["/", "/assets/index.js", "/public/meta/", "/public/login/"])
async def test_405_with_the_allowed_methods(call_pages: Callable[[ASGIApp], CallPages], path: str) -> None:
    async def fail_if_called(request: Request) -> str:
        raise AssertionError("the middleware must not call the pages")

    response = await call_pages(_page(fail_if_called))(path, "DELETE")

    allowed = "POST" if path.endswith("login/") else "GET, HEAD"
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: id=1", "a\nb", "a\0b", "a\x7f", "a\tb"])
@pytest.mark.parametrize("header", ["Content-Range", "X-Name"])
async def test_422_if_the_query_puts_a_control_character_into_a_header(
    call_pages: Callable[[ASGIApp], CallPages], header: str, name: str
) -> None:
    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        value = Request(scope, receive).query_params["__range_header_name"]
        await Response(headers={header: f"{value} 0-1/2"})(scope, receive, send)

    response = await call_pages(pages)("/api/tables/interview/", params={"__range_header_name": name})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "query"


async def test_a_websocket_is_closed(app: Starlette) -> None:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive_nothing() -> Message:
        return {"type": "websocket.connect"}

    async def fail_if_called(request: Request) -> str:
        raise AssertionError("the middleware must not call the pages")

    await AdminMiddleware(_page(fail_if_called), app.state.services)(
        {"type": "websocket", "path": "/api/user/"}, receive_nothing, send
    )

    assert [message["type"] for message in messages] == ["websocket.close"]
    assert ENGINE.current_transaction.get() is None
