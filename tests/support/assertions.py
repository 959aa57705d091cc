"""What every answer must be, whole: status line, envelope, headers."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

from app.domain.permissions import Permission

KEYS = ["status", "code", "message", "data", "errors", "meta"]
INTERVIEW_KEYS = {
    "id_interview",
    "employee_id",
    "language",
    "technical_level",
    "status",
    "started_at",
    "completed_at",
    "total_messages",
}


def _envelope(response: httpx2.Response) -> dict[str, Any]:
    envelope: dict[str, Any] = response.json()
    assert list(envelope) == KEYS
    assert envelope["code"] == response.status_code
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    return envelope


def succeeded(response: httpx2.Response, message: str) -> tuple[Any, Any]:
    """Assert a whole 200; its data and meta."""
    envelope = _envelope(response)
    assert response.status_code == 200, envelope
    assert (envelope["status"], envelope["message"], envelope["errors"]) == ("success", message, None)
    return envelope["data"], envelope["meta"]


def refused(response: httpx2.Response, status: int, message: str, *errors: dict[str, Any], meta: Any = None) -> None:
    """Assert a whole refusal: `errors` are the envelope's, where an `error` of ... stands for any text."""
    envelope = _envelope(response)
    assert response.status_code == status, envelope
    assert (envelope["status"], envelope["message"], envelope["data"]) == ("error", message, None)
    assert envelope["meta"] == {**(meta or {}), "request_id": response.headers["x-request-id"]}
    expected = [dict(error) for error in errors]
    for wanted, found in zip(expected, envelope["errors"], strict=True):
        if wanted.get("error") is ...:
            assert isinstance(found["error"], str)
            assert found["error"]
            wanted["error"] = found["error"]
    assert envelope["errors"] == expected
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"
    if status in (429, 503):
        assert int(response.headers["retry-after"]) >= 1
    if status == 405:
        assert response.headers["allow"]


def unauthenticated(response: httpx2.Response) -> None:
    """401: no bearer token."""
    refused(response, 401, "Authentication required", {"field": "authorization", "error": ...})


def lacks_permission(response: httpx2.Response, permission: str, held: list[str]) -> None:
    """403: the token does not carry the permission."""
    fault = {
        "field": "permissions",
        "error": f"Required permission: {Permission(permission)}",
        "user_permissions": sorted(held),
    }
    refused(response, 403, "Insufficient permissions", fault)


def access_denied(response: httpx2.Response) -> None:
    """403: someone else's interview."""
    refused(response, 403, "Access denied", {"field": "interview_id", "error": ...})


def interview_not_found(response: httpx2.Response) -> None:
    """404: no such interview."""
    refused(response, 404, "Interview not found", {"field": "interview_id", "error": "Interview does not exist"})


def method_not_allowed(response: httpx2.Response, allow: str) -> None:
    """405, naming what is allowed."""
    refused(response, 405, "Method not allowed", {"field": "method", "error": ...})
    assert response.headers["allow"] == allow


def invalid(response: httpx2.Response, *faults: tuple[str, str]) -> None:
    """422 with exactly these faults: (field, pydantic's type)."""
    meta = {"endpoint": response.request.url.path, "method": response.request.method}
    errors = [{"field": field, "error": ..., "type": kind} for field, kind in faults]
    refused(response, 422, "Validation error", *errors, meta=meta)


def path_not_found(response: httpx2.Response) -> None:
    """404: nothing lives at this path."""
    refused(response, 404, "Not found", {"field": "path", "error": ...})


def conflicts(response: httpx2.Response, message: str, field: str) -> None:
    """409, naming what collided."""
    refused(response, 409, message, {"field": field, "error": ...})


def too_large(response: httpx2.Response) -> None:
    """413: more than 1 MiB of body."""
    refused(response, 413, "Request body too large", {"field": "body", "error": ...})


def unsupported(response: httpx2.Response) -> None:
    """415: a body that is not declared as JSON."""
    refused(response, 415, "Unsupported media type", {"field": "body", "error": ...})


def failed(response: httpx2.Response) -> None:
    """500 that tells nothing."""
    fault = {"field": "general", "error": "An unexpected error occurred"}
    refused(response, 500, "Internal server error", fault)


def database_unavailable(response: httpx2.Response) -> None:
    """503: the database cannot serve now."""
    refused(response, 503, "Service temporarily unavailable", {"field": "database", "error": ...})


def interviewer_unavailable(response: httpx2.Response) -> None:
    """503: no question could be made."""
    refused(response, 503, "Interviewer unavailable", {"field": "interviewer", "error": ...})


def keys_unavailable(response: httpx2.Response) -> None:
    """503: the key server is out of reach."""
    refused(response, 503, "Authentication service unavailable", {"field": "service", "error": ...})


def statements(response: httpx2.Response) -> int:
    """How many SQL statements the answer cost, BEGIN and COMMIT not counted; needs the setting `server_timing`."""
    name, _, count = response.headers["server-timing"].partition(";desc=")
    assert name == "statements"
    return int(count)


def moment(text: str) -> datetime:
    """Assert that a timestamp is ISO 8601 in UTC with its offset; the moment."""
    assert text.endswith("+00:00")
    parsed = datetime.fromisoformat(text)
    assert parsed.utcoffset() == timedelta()
    return parsed
