"""Every request to the admin pages runs in transactions of its own, as many and of the kind that it needs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from uuid_utils.compat import uuid7

from app.application import create_app
from app.database.database import Database
from app.database.transaction import RequestTransaction
from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import hash_password
from app.settings import Settings
from app.use_cases.accounts import NewAccount, add_account
from app.use_cases.administration import AdminRight, set_rights
from tests.admin.visitor import PASSWORD
from tests.support.actors import Actor
from tests.support.cluster import execute
from tests.support.interviews import create_interview

READS, WRITES = False, True

SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow AFTER DELETE ON admin_session DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION slow();
"""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The transactions that were begun: READS or WRITES."""
    begun: list[bool] = []

    class Noted(RequestTransaction):
        def __init__(self, *arguments: Any, writes: bool) -> None:
            super().__init__(*arguments, writes=writes)
            begun.append(writes)

    monkeypatch.setattr(Database, "transaction", Noted)
    return begun


@pytest.fixture
async def email(database: UnitOfWork, owner: Actor) -> str:
    """The address of an account that may log in; there is an interview to look at."""
    await create_interview(database, owner)
    email = f"{uuid7()}@example.com"
    new = NewAccount(email, await hash_password(PASSWORD), "employee", "Eva", uuid7(), uuid7(), "Example")
    await database.write(add_account, new)
    await database.write(set_rights, email, [AdminRight.LOGIN], granted=True)
    return email


@pytest.fixture(scope="module")
async def admin_app(extra: None, settings: Settings) -> AsyncIterator[Starlette]:
    """The application with admin pages, shared by the tests. Each test logs in with an account of its own."""
    app = create_app(settings.model_copy(update={"admin": True}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def visitor(admin_app: Starlette, email: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that has logged in."""
    async with _browser(admin_app) as visitor:
        assert (await _login(visitor, email)).status_code == 200
        yield visitor


@asynccontextmanager
async def _browser(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://interviews/admin") as browser:
        browser.headers["X-CSRFToken"] = (await browser.get("/")).cookies["csrftoken"]
        yield browser


async def _login(visitor: httpx2.AsyncClient, email: str) -> httpx2.Response:
    return await visitor.post("/public/login/", json={"username": email, "password": PASSWORD})


@pytest.mark.parametrize(
    "path",
    [
        "/api/user/",
        "/api/tables/",
        "/api/tables/grouped/",
        "/api/tables/interview/",
        "/api/tables/interview/count/",
        "/api/tables/interview/ids/?limit=5",
        "/api/tables/interview/schema/",
        "/api/tables/interview_message/?__readable=true",
        "/api/tables/account/?__readable=true",
        "/api/tables/piccolo_user/",
        "/api/forms/",
        "/api/links/",
    ],
)
async def test_200_of_what_the_pages_ask_for_is_one_reading_transaction(
    visitor: httpx2.AsyncClient, begun: list[bool], path: str
) -> None:
    begun.clear()

    assert (await visitor.get(path)).status_code == 200
    assert begun == [READS]


async def test_requests_at_once_share_no_transaction(visitor: httpx2.AsyncClient, begun: list[bool]) -> None:
    begun.clear()

    answers = await asyncio.gather(*(visitor.get("/api/tables/interview/") for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    assert begun == [READS] * 5


async def test_a_page_and_a_file_of_its_own_begin_none(visitor: httpx2.AsyncClient, begun: list[bool]) -> None:
    begun.clear()

    for path in ("/", "/static/admin.css", "/public/meta/", "/public/translations/"):
        assert (await visitor.get(path)).status_code == 200
    assert begun == []


async def test_a_login_looks_and_then_writes_and_a_logout_writes(
    visitor: httpx2.AsyncClient, begun: list[bool], email: str
) -> None:
    begun.clear()
    assert (await _login(visitor, email)).status_code == 200
    assert begun == [READS, WRITES]

    begun.clear()
    assert (await visitor.post("/public/logout/")).status_code == 200
    assert begun == [WRITES]


async def test_a_write_is_refused_without_a_writing_transaction(visitor: httpx2.AsyncClient, begun: list[bool]) -> None:
    begun.clear()

    assert (await visitor.post("/api/tables/interview/", json={"status": "cancelled"})).status_code == 405
    assert WRITES not in begun


async def test_200_and_no_503_over_a_logout_whose_commit_outlives_the_deadline(
    visitor: httpx2.AsyncClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UnitOfWork, "write", _write_shortly_before_the_deadline)
    await execute(database_url, SLOW_COMMIT)
    try:
        response = await visitor.post("/public/logout/")
    finally:
        await execute(database_url, "DROP FUNCTION slow CASCADE")

    assert (response.status_code, response.text) == (200, "Successfully logged out")
    assert (await visitor.get("/api/user/")).status_code == 401


_write = UnitOfWork.write


async def _write_shortly_before_the_deadline(self: UnitOfWork, use_case: Any, *arguments: Any) -> Any:
    """Run a write whose deadline passes half a second after the use case, during the COMMIT."""

    async def end_shortly_before_the_deadline() -> Any:
        result = await use_case(*arguments)
        assert self._deadline is not None
        self._deadline.reschedule(asyncio.get_running_loop().time() + 0.5)
        return result

    return await _write(self, end_shortly_before_the_deadline)
