"""Assertions on whole responses: status, envelope and headers."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

from app.domain.permissions import Permission

ENVELOPE_KEYS = ["status", "code", "message", "data", "errors", "meta"]
INTERVIEW_KEYS = {
    "id_interview",
    "employee_id",
    "language",
    "employee_name",
    "technical_level",
    "status",
    "started_at",
    "completed_at",
    "total_messages",
}


def _assert_envelope(response: httpx2.Response) -> dict[str, Any]:
    envelope: dict[str, Any] = response.json()
    assert list(envelope) == ENVELOPE_KEYS
    assert envelope["code"] == response.status_code
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    return envelope


def assert_success(response: httpx2.Response, message: str) -> tuple[Any, Any]:
    """Assert a 200 with its whole envelope, and return data and meta."""
    envelope = _assert_envelope(response)
    assert response.status_code == 200, envelope
    assert (envelope["status"], envelope["message"], envelope["errors"]) == ("success", message, None)
    return envelope["data"], envelope["meta"]


def assert_error(
    response: httpx2.Response, status: int, message: str, *errors: dict[str, Any], meta: Any = None
) -> None:
    """Assert an error response with its whole envelope.

    errors: the errors of the envelope; an `error` of `...` matches any text.
    """
    envelope = _assert_envelope(response)
    assert response.status_code == status, envelope
    assert (envelope["status"], envelope["message"], envelope["data"]) == ("error", message, None)
    assert envelope["meta"] == {**(meta or {}), "request_id": response.headers["x-request-id"]}
    expected = [dict(error) for error in errors]
    for wanted, actual in zip(expected, envelope["errors"], strict=True):
        if wanted.get("error") is ...:
            assert isinstance(actual["error"], str)
            assert actual["error"]
            wanted["error"] = actual["error"]
    assert envelope["errors"] == expected
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    if status in (429, 503):
        assert int(response.headers["retry-after"]) >= 1
    if status == 405:
        assert response.headers["allow"]


def assert_unauthenticated(response: httpx2.Response) -> None:
    """Assert the 401 for a missing bearer token."""
    assert_error(response, 401, "Authentication required", {"field": "authorization", "error": ...})


def assert_permission_missing(response: httpx2.Response, permission: str, held: list[str]) -> None:
    """Assert the 403 for a permission that the token does not have."""
    error = {
        "field": "permissions",
        "error": f"Required permission: {Permission(permission)}",
        "user_permissions": sorted(held),
    }
    assert_error(response, 403, "Insufficient permissions", error)


def assert_access_denied(response: httpx2.Response) -> None:
    """Assert the 403 for an interview that the caller cannot access."""
    assert_error(response, 403, "Access denied", {"field": "interview_id", "error": ...})


def assert_interview_not_found(response: httpx2.Response) -> None:
    """Assert the 404 for an interview that does not exist."""
    assert_error(response, 404, "Interview not found", {"field": "interview_id", "error": "Interview does not exist"})


def assert_method_not_allowed(response: httpx2.Response, allow: str) -> None:
    """Assert a 405 and its Allow header."""
    assert_error(response, 405, "Method not allowed", {"field": "method", "error": ...})
    assert response.headers["allow"] == allow


def assert_validation_error(response: httpx2.Response, *expected: tuple[str, str]) -> None:
    """Assert a 422 with exactly these errors, each as its field and Pydantic's error type."""
    meta = {"endpoint": response.request.url.path, "method": response.request.method}
    errors = [{"field": field, "error": ..., "type": kind} for field, kind in expected]
    assert_error(response, 422, "Validation error", *errors, meta=meta)


def assert_path_not_found(response: httpx2.Response) -> None:
    """Assert the 404 for a path without a route."""
    assert_error(response, 404, "Not found", {"field": "path", "error": ...})


def assert_conflict(response: httpx2.Response, message: str, field: str) -> None:
    """Assert a 409 with its message and field."""
    assert_error(response, 409, message, {"field": field, "error": ...})


def assert_body_too_large(response: httpx2.Response) -> None:
    """Assert the 413 for a body of more than 1 MiB."""
    assert_error(response, 413, "Request body too large", {"field": "body", "error": ...})


def assert_unsupported_media_type(response: httpx2.Response) -> None:
    """Assert the 415 for a body that is not declared as JSON."""
    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})


def assert_internal_error(response: httpx2.Response) -> None:
    """Assert the 500 without details."""
    error = {"field": "general", "error": "An unexpected error occurred"}
    assert_error(response, 500, "Internal server error", error)


def assert_database_unavailable(response: httpx2.Response) -> None:
    """Assert the 503 for an unavailable database."""
    assert_error(response, 503, "Service temporarily unavailable", {"field": "database", "error": ...})


def assert_interviewer_unavailable(response: httpx2.Response) -> None:
    """Assert the 503 for an interviewer that returned no usable question."""
    assert_error(response, 503, "Interviewer unavailable", {"field": "interviewer", "error": ...})


def assert_key_server_unavailable(response: httpx2.Response) -> None:
    """Assert the 503 for an unreachable key server."""
    assert_error(response, 503, "Authentication service unavailable", {"field": "service", "error": ...})


def count_statements(response: httpx2.Response) -> int:
    """Return the number of SQL statements behind the response, without BEGIN and COMMIT.

    Needs the setting `server_timing`.
    """
    name, _, count = response.headers["server-timing"].partition(";desc=")
    assert name == "statements"
    return int(count)


def parse_timestamp(text: str) -> datetime:
    """Assert that a timestamp is ISO 8601 in UTC with its offset, and parse it."""
    assert text.endswith("+00:00")
    parsed = datetime.fromisoformat(text)
    assert parsed.utcoffset() == timedelta()
    return parsed
