"""The middleware around Piccolo Admin, with other pages in its place: what it lets them do, and what becomes of it."""

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

Ask = Callable[..., Awaitable[httpx2.Response]]


@pytest.fixture
def ask(app: Starlette) -> Callable[[ASGIApp], Ask]:
    """Asks pages behind the middleware of the application."""

    def of(pages: ASGIApp) -> Ask:
        mounted = Starlette(routes=[Mount("/admin", AdminMiddleware(pages, app.state.services))])

        async def ask(path: str, method: str = "GET", **more: object) -> httpx2.Response:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(mounted), base_url="http://admin") as client:
                return await client.request(method, f"/admin{path}", **more)

        return ask

    return of


@pytest.fixture
async def interview_id(database: UnitOfWork, owner: Actor) -> UUID:
    """An interview."""
    return await create_interview(database, owner)


def _page(answer: Callable[[Request], Awaitable[str]]) -> ASGIApp:
    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(await answer(Request(scope, receive)))(scope, receive, send)

    return pages


async def test_500_and_nothing_written_where_a_page_would_write(
    ask: Callable[[ASGIApp], Ask], database: UnitOfWork, interview_id: UUID
) -> None:
    async def write(request: Request) -> str:
        await Interview.update({Interview.status: "cancelled"}).where(Interview.id_interview == interview_id)
        return "written"

    response = await ask(_page(write))("/api/tables/interview/")

    assert (response.status_code, response.json()["message"]) == (500, "Internal server error")
    assert (await fetch_interview(database, interview_id))["status"] == "in_progress"


async def test_all_that_a_page_reads_is_of_one_moment(
    ask: Callable[[ASGIApp], Ask], database: UnitOfWork, interview_id: UUID, database_url: str
) -> None:
    async def read_twice(request: Request) -> str:
        query = Interview.select(Interview.language).where(Interview.id_interview == interview_id)
        before = await query
        connection = await asyncpg.connect(database_url)
        await connection.execute("UPDATE interview SET language = 'pt' WHERE id_interview = $1", interview_id)
        await connection.close()
        return str(before == await query)

    assert (await ask(_page(read_twice))("/api/tables/interview/")).text == "True"
    assert (await fetch_interview(database, interview_id))["language"] == "pt"


async def test_a_transaction_that_lost_is_run_again_and_its_first_answer_forgotten(
    ask: Callable[[ASGIApp], Ask],
) -> None:
    bodies: list[bytes] = []

    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        bodies.append(await Request(scope, receive).body())
        await Response(f"answer {len(bodies)}")(scope, receive, send)
        if len(bodies) == 1:
            raise asyncpg.SerializationError

    response = await ask(pages)("/api/tables/interview/", "POST", content=b"once more")

    assert (response.text, bodies) == ("answer 2", [b"once more"] * 2)


@pytest.mark.parametrize("path", ["/", "/assets/index.js", "/public/meta/"])
async def test_files_and_words_ask_no_database(ask: Callable[[ASGIApp], Ask], path: str) -> None:
    async def read(request: Request) -> str:
        await Interview.count()
        return "counted"

    with pytest.raises(OutsideTransaction):
        await ask(_page(read))(path)


@pytest.mark.parametrize("path", ["/", "/assets/index.js", "/public/meta/", "/public/login/"])
async def test_405_names_the_methods_that_there_are(ask: Callable[[ASGIApp], Ask], path: str) -> None:
    async def reached(request: Request) -> str:
        raise AssertionError("not to be reached")

    response = await ask(_page(reached))(path, "DELETE")

    allowed = "POST" if path.endswith("login/") else "GET, HEAD"
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


async def test_a_websocket_is_closed(app: Starlette) -> None:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def nothing() -> Message:
        return {"type": "websocket.connect"}

    async def reached(request: Request) -> str:
        raise AssertionError("not to be reached")

    await AdminMiddleware(_page(reached), app.state.services)(
        {"type": "websocket", "path": "/api/user/"}, nothing, send
    )

    assert [message["type"] for message in said] == ["websocket.close"]
    assert ENGINE.current_transaction.get() is None
