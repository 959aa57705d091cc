"""Neither logs nor error bodies contain tokens, passwords, answers, SQL, paths or versions."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import hash_password
from app.use_cases.accounts import NewAccount, add_account
from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

SECRET = "the combination is 7-31-4"
PASSWORD = "correct horse battery staple"
INTERNAL = ("Traceback", "asyncpg", "piccolo", "starlette", "uvicorn", "SELECT", "INSERT", "relation", "File ", "/app/")


@pytest.fixture
async def service(tmp_path: Path, key_dir: Path) -> AsyncIterator[Service]:
    """A service with log level debug."""
    url = await create_database()
    with Service(tmp_path, DATABASE_URL=url, JWT_KEY_DIR=str(key_dir), LOG_LEVEL="debug") as started:
        yield started
    await drop_database(url)


async def test_no_token_password_or_answer_is_logged(service: Service, owner: Actor) -> None:
    headers = owner.headers()
    async with httpx2.AsyncClient(base_url=f"{service.url}/api/v1", headers=headers, timeout=TIMEOUT) as http:
        started = (await http.post("/interviews/start", json={})).json()["data"]["interview_id"]
        turn = {"interview_id": started, "user_response": SECRET, "session_id": SECRET}
        assert (await http.post("/interviews/continue", json=turn)).status_code == 200
        assert (await http.post("/interviews/continue", json={**turn, "language": SECRET})).status_code == 422
        assert (await http.post("/interviews/continue", json={**turn, "question_number": 9})).status_code == 409
        assert (await http.get("/interviews", params={"status": SECRET})).status_code == 422
        login = await http.post("/auth/login", json={"email": "a@example.com", "password": PASSWORD})
        assert login.status_code == 401
        forged = {"Authorization": headers["Authorization"] + "x"}
        assert (await http.get("/interviews", headers=forged)).status_code == 401
    assert service.stop() == 0

    log = service.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines if line["event"] == "request"][-7:] == [200, 200, 422, 409, 422, 401, 401]
    for secret in (SECRET, "7-31-4", PASSWORD, headers["Authorization"].removeprefix("Bearer ")):
        assert secret not in log


MALICIOUS_REQUESTS: list[tuple[str, str, dict[str, object]]] = [
    ("GET", "/interviews/' OR 1=1 --", {}),
    ("GET", "/interviews?status=' OR 1=1 --", {}),
    ("GET", "/interviews?page=1;DROP TABLE interview", {}),
    ("GET", "/interviews/../../../etc/passwd", {}),
    ("POST", "/interviews/export", {"json": {"interview_id": {"$ne": None}}}),
    (
        "POST",
        "/interviews/start",
        {"content": b'{"language": "\xff"}', "headers": {"content-type": "application/json"}},
    ),
    ("POST", "/interviews/start", {"content": b"<!DOCTYPE x>", "headers": {"content-type": "application/xml"}}),
    ("POST", "/auth/login", {"json": {"email": "' OR 1=1 --", "password": "x"}}),
    ("PATCH", "/interviews/start", {"json": {}}),
    ("GET", "/nowhere/{{7*7}}", {}),
]


@pytest.mark.parametrize(("method", "path", "sent"), MALICIOUS_REQUESTS)
async def test_an_error_body_contains_no_internals(
    client: httpx2.AsyncClient, owner: Actor, method: str, path: str, sent: dict[str, object]
) -> None:
    headers = {**owner.headers(), **sent.pop("headers", {})} if "headers" in sent else owner.headers()

    response = await client.request(method, path, headers=headers, **sent)

    assert 400 <= response.status_code < 500
    body = json.dumps({**response.json(), "meta": None})
    assert not [word for word in INTERNAL if word in body]


@pytest.mark.parametrize("unsafe", ["a b", "<script>", "x" * 129, 'a"b', "ä", ""])
async def test_an_unsafe_request_id_is_replaced(client: httpx2.AsyncClient, unsafe: str) -> None:
    response = await client.get("/health", headers={"X-Request-ID": unsafe.encode()})

    assert response.headers["x-request-id"] not in ("", unsafe)


async def test_a_safe_request_id_is_kept(client: httpx2.AsyncClient) -> None:
    response = await client.get("/health", headers={"X-Request-ID": "Order-66.retry_2"})

    assert response.headers["x-request-id"] == "Order-66.retry_2"


async def test_a_login_takes_the_same_time_for_an_unknown_account(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    account = NewAccount(
        f"{owner.employee_id}@example.com", await hash_password(PASSWORD), "employee", "Ana",
        owner.employee_id, owner.organization_id, "Organization",
    )  # fmt: skip
    await database.write(add_account, account)

    async def measure_login(email: str) -> float:
        start = time.process_time()  # CPU time of all threads, which other processes do not change
        response = await client.post("/auth/login", json={"email": email, "password": "wrong"})
        assert response.status_code == 401
        return time.process_time() - start

    known = min([await measure_login(account.email) for _ in range(3)])
    unknown = min([await measure_login("nobody@example.com") for _ in range(3)])

    assert 0.5 < known / unknown < 2  # without the same work it would be about 100
