"""Responses that all peers share with the service: error responses and health."""

from typing import Any

REQUEST_ID = "01a22030-d549-7648-bf95-171c15083824"
"""The request id in error responses. Only the constant responses replace it."""

HEALTH = {"status": "success", "code": 200, "message": "Service is healthy", "data": {}, "errors": None, "meta": None}


def single_error(code: int, message: str, field: str, error: str) -> dict[str, Any]:
    """Build the envelope of an error response with one error."""
    return error_body(code, message, [{"field": field, "error": error}])


def error_body(
    code: int, message: str, errors: list[dict[str, str]], meta: dict[str, str] | None = None
) -> dict[str, Any]:
    """Build the envelope of an error response."""
    meta = {**(meta or {}), "request_id": REQUEST_ID}
    return {"status": "error", "code": code, "message": message, "data": None, "errors": errors, "meta": meta}


UNAUTHORIZED = single_error(
    401, "Authentication required", "authorization", "Send a bearer token in the Authorization header"
)
BAD_TOKEN = single_error(401, "Invalid token", "token", "The token is not valid here")
NOT_FOUND = single_error(404, "Interview not found", "interview_id", "Interview does not exist")
DENIED = single_error(403, "Access denied", "interview_id", "Interview belongs to someone else")
MISSING_PERMISSION = single_error(403, "Insufficient permissions", "permissions", "Required permission")
CONFLICT = single_error(409, "Interview is not in progress", "status", "Only an interview in progress can be continued")
INVALID_ANSWER = error_body(
    422,
    "Validation error",
    [{"field": "user_response", "error": "String should have at least 1 character", "type": "string_too_short"}],
    {"endpoint": "/api/v1/interviews/continue", "method": "POST"},
)
