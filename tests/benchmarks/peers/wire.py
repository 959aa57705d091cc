"""What all peers say in the same words as the service: refusals, and the health that tells that they are up."""

from typing import Any

HEALTH = {"status": "success", "code": 200, "message": "Service is healthy", "data": {}, "errors": None, "meta": None}


def failure(code: int, message: str, field: str, error: str) -> dict[str, Any]:
    """A refusal with one fault."""
    return refusal(code, message, [{"field": field, "error": error}])


def refusal(
    code: int, message: str, errors: list[dict[str, str]], meta: dict[str, str] | None = None
) -> dict[str, Any]:
    """The envelope of a refusal."""
    return {"status": "error", "code": code, "message": message, "data": None, "errors": errors, "meta": meta}


UNAUTHORIZED = failure(
    401, "Authentication required", "authorization", "Send a bearer token in the Authorization header"
)
BAD_TOKEN = failure(401, "Invalid token", "token", "The token is not valid here")
NOT_FOUND = failure(404, "Interview not found", "interview_id", "Interview does not exist")
DENIED = failure(403, "Access denied", "interview_id", "Interview belongs to someone else")
MISSING_PERMISSION = failure(403, "Insufficient permissions", "permissions", "Required permission")
CONFLICT = failure(409, "Interview is not in progress", "status", "Only an interview in progress can be continued")
INVALID_ANSWER = refusal(
    422,
    "Validation error",
    [{"field": "user_response", "error": "String should have at least 1 character", "type": "string_too_short"}],
    {"endpoint": "/api/v1/interviews/continue", "method": "POST"},
)
