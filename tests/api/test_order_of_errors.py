"""The order of errors for requests with several faults. Errors up to 422 need no database."""

from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_access_denied,
    assert_body_too_large,
    assert_conflict,
    assert_error,
    assert_interview_not_found,
    assert_method_not_allowed,
    assert_path_not_found,
    assert_unauthenticated,
    assert_unsupported_media_type,
    assert_validation_error,
)
from tests.support.clients import open_client
from tests.support.connections import UNREACHABLE_URL
from tests.support.interviews import create_interview

CONTINUE, EXPORT, START = "/interviews/continue", "/interviews/export", "/interviews/start"
JSON = {"Content-Type": "application/json"}
MISSING_ID = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
HUGE = b"[" * (1024 * 1024 + 1)


async def test_404_for_a_path_before_405_and_401(client: httpx2.AsyncClient) -> None:
    assert_error(await client.delete("/nowhere"), 404, "Not found", {"field": "path", "error": ...})


async def test_405_before_401(client: httpx2.AsyncClient) -> None:
    assert_method_not_allowed(await client.get(EXPORT), "POST")


async def test_401_before_403_413_415_and_422(client: httpx2.AsyncClient) -> None:
    assert_unauthenticated(await client.post(EXPORT, content=HUGE))
    assert_unauthenticated(await client.patch("/interviews/invalid-uuid", content=b"{"))


@pytest.mark.parametrize(("content", "headers"), [(HUGE, JSON), (b"{}", {}), (b"{", JSON)])
async def test_403_for_a_permission_before_413_415_and_422(
    client: httpx2.AsyncClient, owner: Actor, content: bytes, headers: dict[str, str]
) -> None:
    lacking = owner.headers_without("interviews:export")
    response = await client.post(EXPORT, content=content, headers={**lacking, **headers})

    assert (response.status_code, response.json()["message"]) == (403, "Insufficient permissions")


async def test_413_and_415_before_422_for_the_body(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert (await client.post(EXPORT, content=HUGE, headers={**owner.headers(), **JSON})).status_code == 413
    assert (await client.post(EXPORT, content=b"{", headers=owner.headers())).status_code == 415


async def test_401_for_a_token_before_403_for_a_permission(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.get("/interviews", headers=owner.headers(permissions=[], lifetime=-1))

    assert_error(response, 401, "Token expired", {"field": "token", "error": ...})


async def test_413_and_415_before_422_for_the_path_and_the_key(client: httpx2.AsyncClient, owner: Actor) -> None:
    headers = {**owner.headers(), "Idempotency-Key": "not a key"}

    assert_body_too_large(await client.patch("/interviews/invalid-uuid", content=HUGE, headers={**headers, **JSON}))
    assert_unsupported_media_type(await client.patch("/interviews/invalid-uuid", content=b"{}", headers=headers))
    assert_body_too_large(await client.post(START, content=HUGE, headers={**headers, **JSON}))
    assert_unsupported_media_type(await client.post(CONTINUE, content=b"{}", headers=headers))


async def test_422_before_404_for_the_interview(client: httpx2.AsyncClient, owner: Actor) -> None:
    body = {"interview_id": str(uuid4()), "user_response": ""}

    assert_validation_error(
        await client.post(CONTINUE, json=body, headers=owner.headers()), ("user_response", "string_too_short")
    )


async def test_404_for_the_interview_before_409(client: httpx2.AsyncClient, owner: Actor) -> None:
    body = {"interview_id": str(uuid4()), "user_response": "x", "question_number": 7}

    assert_interview_not_found(await client.post(CONTINUE, json=body, headers=owner.headers()))


async def test_403_for_the_interview_before_409(client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner, status="completed")
    body = {"interview_id": str(interview_id), "user_response": "x", "question_number": 7}

    assert_access_denied(await client.post(CONTINUE, json=body, headers=owner.colleague().headers()))


async def test_404_and_403_for_the_interview_before_409_for_the_key(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    mine, theirs = await create_interview(database, owner), await create_interview(database, owner.colleague())
    headers_with_key = {**owner.headers(), "Idempotency-Key": "k"}
    responses = [
        await client.post(CONTINUE, json={"interview_id": str(each), "user_response": "x"}, headers=headers_with_key)
        for each in (mine, MISSING_ID, theirs)
    ]

    assert responses[0].status_code == 200
    assert_interview_not_found(responses[1])
    assert_access_denied(responses[2])


async def test_409_for_the_key_before_409_for_the_status_and_the_question(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    headers_with_key = {**owner.headers(), "Idempotency-Key": "k"}
    body = {"interview_id": str(interview_id), "user_response": "x"}
    assert (await client.post(CONTINUE, json=body, headers=headers_with_key)).status_code == 200
    await client.patch(f"/interviews/{interview_id}", json={"status": "cancelled"}, headers=owner.headers())

    for other in ({"user_response": "y"}, {"question_number": 7}):
        response = await client.post(CONTINUE, json={**body, **other}, headers=headers_with_key)
        assert_conflict(response, "Idempotency key was used before", "Idempotency-Key")


async def test_409_for_the_status_before_409_for_the_question(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, status="completed")
    body = {"interview_id": str(interview_id), "user_response": "x", "question_number": 7}

    assert_conflict(
        await client.post(CONTINUE, json=body, headers=owner.headers()), "Interview is not in progress", "status"
    )


async def test_409_before_the_interviewer_is_called(
    recording_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.behaviour = "fails"
    ended = await create_interview(database, owner, status="completed")
    open_one = await create_interview(database, owner)
    for body in ({"interview_id": str(ended)}, {"interview_id": str(open_one), "question_number": 7}):
        response = await recording_client.post(CONTINUE, json={"user_response": "x", **body}, headers=owner.headers())
        assert response.status_code == 409

    assert interviewer.conversations == []


async def test_the_order_of_errors_of_a_login(settings: Settings) -> None:
    async with open_client(settings, login_attempts=1) as client:
        assert_path_not_found(await client.put("/auth/login/", content=b"{"))
        assert_method_not_allowed(await client.put("/auth/login", content=b"{"), "POST")
        assert_unsupported_media_type(await client.post("/auth/login", content=b"{"))
        assert_body_too_large(await client.post("/auth/login", content=HUGE, headers=JSON))
        assert [(await client.post("/auth/login", json={})).status_code for _ in range(3)] == [422] * 3
        body = {"email": "a@b.c", "password": "wrong"}
        assert [(await client.post("/auth/login", json=body)).status_code for _ in range(2)] == [401, 429]


async def test_429_for_a_login_before_503_for_the_database(settings: Settings) -> None:
    async with open_client(settings, login_attempts=1, database_url=UNREACHABLE_URL) as client:
        body = {"email": "a@b.c", "password": "wrong"}
        assert [(await client.post("/auth/login", json=body)).status_code for _ in range(2)] == [503, 429]


async def test_errors_up_to_422_need_no_database(client_without_database: httpx2.AsyncClient, owner: Actor) -> None:
    headers = owner.headers()
    statuses = [
        (await client_without_database.get("/nowhere")).status_code,
        (await client_without_database.put("/interviews")).status_code,
        (await client_without_database.get("/interviews")).status_code,
        (
            await client_without_database.get("/interviews", headers=owner.headers_without("interviews:read"))
        ).status_code,
        (await client_without_database.post(EXPORT, content=HUGE, headers={**headers, **JSON})).status_code,
        (await client_without_database.post(EXPORT, content=b"{}", headers=headers)).status_code,
        (await client_without_database.get("/interviews/invalid-uuid", headers=headers)).status_code,
        (await client_without_database.get("/interviews?page=0", headers=headers)).status_code,
        (await client_without_database.post(START, json={"language": "fr"}, headers=headers)).status_code,
        (await client_without_database.post("/auth/login", json={})).status_code,
        (await client_without_database.get("/auth/me", headers=headers)).status_code,
        (await client_without_database.get("/auth/jwks")).status_code,
        (await client_without_database.get("/health")).status_code,
        (await client_without_database.get("/interviews/permissions")).status_code,
    ]

    assert statuses == [404, 405, 401, 403, 413, 415, 422, 422, 422, 422, 200, 200, 200, 200]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/interviews", None),
        ("GET", f"/interviews/{MISSING_ID}", None),
        ("PATCH", f"/interviews/{MISSING_ID}", {"status": "completed"}),
        ("POST", START, {}),
        ("POST", CONTINUE, {"interview_id": MISSING_ID, "user_response": "x"}),
        ("POST", EXPORT, {"interview_id": MISSING_ID}),
        ("POST", "/auth/login", {"email": "a@b.c", "password": "secret"}),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("/") else "",
)
async def test_503_if_the_database_is_unreachable(
    client_without_database: httpx2.AsyncClient, owner: Actor, method: str, path: str, body: dict[str, str] | None
) -> None:
    response = await client_without_database.request(method, path, json=body, headers=owner.headers())

    assert_error(response, 503, "Service temporarily unavailable", {"field": "database", "error": ...})
