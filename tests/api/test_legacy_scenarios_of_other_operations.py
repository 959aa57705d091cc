"""Scenarios of the old service's tests for all other operations (requirement 8.1)."""

import re

import httpx2
import pytest
import structlog

from app.database.unit_of_work import UnitOfWork
from tests.api.operations import JSON, MISSING_ID, OPERATIONS
from tests.support.actors import Actor
from tests.support.assertions import assert_interview_not_found, assert_success, assert_validation_error
from tests.support.interviews import create_interview

START, CONTINUE, EXPORT = "/interviews/start", "/interviews/continue", "/interviews/export"

# Continue: test_continue_interview.py has the limits of each member


async def test_continue_lists_several_errors_in_one_response(client: httpx2.AsyncClient, owner: Actor) -> None:
    body = {
        "interview_id": "invalid-uuid",
        "user_response": "x" * 5001,
        "language": "fr",
        "session_id": 7,
        "conversation_history": [{"role": "user", "content": "x"}, {"role": "robot"}],
    }

    assert_validation_error(
        await client.post(CONTINUE, json=body, headers=owner.headers()),
        ("interview_id", "uuid_parsing"),
        ("user_response", "string_too_long"),
        ("language", "string_pattern_mismatch"),
        ("session_id", "string_type"),
        ("conversation_history -> 1 -> role", "literal_error"),
        ("conversation_history -> 1 -> content", "missing"),
    )


# Export, list, get, patch


async def test_export_contains_the_legacy_members_with_processes_and_context(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, messages=3)

    data, _ = assert_success(
        await client.post(EXPORT, json={"interview_id": str(interview_id)}, headers=owner.headers()),
        "Interview data exported successfully",
    )

    older = {"session_id", "user_id", "user_name", "user_role", "organization", "conversation_history"}
    totals = {"total_questions", "total_user_responses", "is_complete", "interview_duration_minutes", "interview_date"}
    assert data.keys() == older | totals | {"interview_id", "processes_referenced", "context_used", "outcome"}
    assert isinstance(data["processes_referenced"], list)
    assert isinstance(data["context_used"], dict)


async def test_list_is_an_array_with_pagination(client: httpx2.AsyncClient, owner: Actor) -> None:
    data, meta = assert_success(
        await client.get("/interviews", headers=owner.headers()), "Interviews retrieved successfully"
    )

    assert isinstance(data, list)
    assert meta["pagination"].keys() >= {"total_items", "total_pages", "current_page", "page_size"}


@pytest.mark.parametrize("name", ["get_interview", "change_status", "export_interview", "continue_interview"])
async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor, name: str) -> None:
    assert_interview_not_found(await OPERATIONS[name].send(client, owner.headers()))


# Errors


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"language": "fr"}', "language"),
        (b"[]", "body"),
        (b"{", "body"),
    ],
)
async def test_an_error_names_the_member_without_its_location_in_a_readable_message(
    client: httpx2.AsyncClient, owner: Actor, content: bytes, field: str
) -> None:
    response = await client.post(START, content=content, headers={**owner.headers(), **JSON})

    (error,) = response.json()["errors"]
    assert_validation_error(response, (field, error["type"]))
    assert error.keys() == {"field", "error", "type"}
    assert re.fullmatch(r"[A-Z][^{}<>]+ [^{}<>]+", error["error"])
    request = {"endpoint": "/api/v1/interviews/start", "method": "POST"}
    assert response.json()["meta"] == {**request, "request_id": response.headers["x-request-id"]}


async def test_a_422_is_logged_once_with_the_number_of_errors_and_without_values(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    body = {"interview_id": "my secret id", "user_response": "", "language": "my secret language"}

    with structlog.testing.capture_logs() as lines:
        await client.post(CONTINUE, json=body, headers=owner.headers())

    (line,) = [line for line in lines if line["log_level"] == "warning"]
    assert (line["path"], line["method"], line["errors"]) == ("/api/v1/interviews/continue", "POST", 3)
    assert "secret" not in str(lines)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/interviews?status=secret", None, 422),
        ("GET", "/secret", None, 404),
        ("DELETE", "/interviews", {"x": "secret"}, 405),
        ("POST", EXPORT, {"interview_id": MISSING_ID, "x": "secret"}, 404),
        ("POST", "/auth/login", {"email": "secret@example.com", "password": "secret"}, 401),
    ],
)
async def test_every_error_response_is_logged_once_as_a_warning(
    client: httpx2.AsyncClient, owner: Actor, method: str, path: str, body: dict[str, str] | None, status: int
) -> None:
    with structlog.testing.capture_logs() as lines:
        response = await client.request(method, path, json=body, headers=owner.headers())

    (line,) = [line for line in lines if line["log_level"] != "info"]
    assert (response.status_code, line["log_level"], line["status"], line["errors"]) == (status, "warning", status, 1)
    assert (line["path"], line["method"]) == (response.request.url.path, method)
    assert "secret" not in str([{**each, "path": ""} for each in lines])
    assert owner.token()[:20] not in str(lines)
