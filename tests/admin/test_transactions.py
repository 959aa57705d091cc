"""The number and kind of the transactions of each request to the admin pages."""

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
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record the kind of each transaction: READS or WRITES."""
    transactions: list[bool] = []

    class RecordedTransaction(RequestTransaction):
        def __init__(self, *arguments: Any, writes: bool) -> None:
            super().__init__(*arguments, writes=writes)
            transactions.append(writes)

    monkeypatch.setattr(Database, "transaction", RecordedTransaction)
    return transactions


@pytest.fixture
async def email(database: UnitOfWork, owner: Actor) -> str:
    """Create an interview, and an account that may log in. Return its address."""
    await create_interview(database, owner)
    email = f"{uuid7()}@example.com"
    new = NewAccount(email, await hash_password(PASSWORD), "employee", "Eva", uuid7(), uuid7(), "Example")
    await database.write(add_account, new)
    await database.write(set_rights, email, [AdminRight.LOGIN], granted=True)
    return email


@pytest.fixture(scope="module")
async def admin_app(extra: None, settings: Settings) -> AsyncIterator[Starlette]:
    """Start the application with admin pages. Each test logs in with its own account."""
    app = create_app(settings.model_copy(update={"admin": True}))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def visitor(admin_app: Starlette, email: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Create a client that has logged in."""
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
async def test_200_of_a_read_in_one_read_transaction(
    visitor: httpx2.AsyncClient, transactions: list[bool], path: str
) -> None:
    transactions.clear()

    assert (await visitor.get(path)).status_code == 200
    assert transactions == [READS]


async def test_concurrent_requests_share_no_transaction(visitor: httpx2.AsyncClient, transactions: list[bool]) -> None:
    transactions.clear()

    answers = await asyncio.gather(*(visitor.get("/api/tables/interview/") for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    assert transactions == [READS] * 5


async def test_pages_and_files_begin_no_transaction(visitor: httpx2.AsyncClient, transactions: list[bool]) -> None:
    transactions.clear()

    for path in ("/", "/static/admin.css", "/public/meta/", "/public/translations/"):
        assert (await visitor.get(path)).status_code == 200
    assert transactions == []


async def test_a_login_reads_and_writes_and_a_logout_writes(
    visitor: httpx2.AsyncClient, transactions: list[bool], email: str
) -> None:
    transactions.clear()
    assert (await _login(visitor, email)).status_code == 200
    assert transactions == [READS, WRITES]

    transactions.clear()
    assert (await visitor.post("/public/logout/")).status_code == 200
    assert transactions == [WRITES]


async def test_405_of_a_write_begins_no_write_transaction(
    visitor: httpx2.AsyncClient, transactions: list[bool]
) -> None:
    transactions.clear()

    assert (await visitor.post("/api/tables/interview/", json={"status": "cancelled"})).status_code == 405
    assert WRITES not in transactions


async def test_200_if_the_deadline_passes_during_the_commit_of_a_logout(
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
        self._deadline.move(asyncio.get_running_loop().time() + 0.5)
        return result

    return await _write(self, end_shortly_before_the_deadline)
