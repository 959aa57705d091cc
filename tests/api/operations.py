"""The operations that require a permission, each with a valid request for an interview that does not exist."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx2
import pytest

MISSING_ID = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
JSON = {"Content-Type": "application/json"}
MAX_BODY_SIZE = 1024 * 1024


@dataclass(frozen=True)
class Operation:
    """An operation and its request. `allowed` is the Allow header of its path."""

    method: str
    path: str
    permission: str
    allowed: str
    body: dict[str, Any] | None = None

    def for_interview(self, interview_id: UUID) -> "Operation":
        """Return the same operation for another interview."""
        body = {name: str(interview_id) if value == MISSING_ID else value for name, value in (self.body or {}).items()}
        return replace(self, path=self.path.replace(MISSING_ID, str(interview_id)), body=body or self.body)

    async def send(self, client: httpx2.AsyncClient, headers: dict[str, str]) -> httpx2.Response:
        """Send the request and return the response."""
        return await client.request(self.method, self.path, json=self.body, headers=headers)


OPERATIONS = {
    "list_interviews": Operation("GET", "/interviews", "interviews:read", "GET"),
    "get_interview": Operation("GET", f"/interviews/{MISSING_ID}", "interviews:read", "GET, PATCH, DELETE"),
    "get_outcome": Operation("GET", f"/interviews/{MISSING_ID}/outcome", "interviews:read", "GET"),
    "change_status": Operation(
        "PATCH", f"/interviews/{MISSING_ID}", "interviews:update", "GET, PATCH, DELETE", {"status": "completed"}
    ),
    "start_interview": Operation("POST", "/interviews/start", "interviews:create", "POST", {"language": "en"}),
    "continue_interview": Operation(
        "POST", "/interviews/continue", "interviews:create", "POST", {"interview_id": MISSING_ID, "user_response": "x"}
    ),
    "export_interview": Operation(
        "POST", "/interviews/export", "interviews:export", "POST", {"interview_id": MISSING_ID}
    ),
}

each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
each_operation_with_a_body = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS.values() if operation.body],
    ids=[name for name, operation in OPERATIONS.items() if operation.body],
)
each_operation_on_an_interview = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS.values() if MISSING_ID in f"{operation.path}{operation.body}"],
    ids=[name for name, operation in OPERATIONS.items() if MISSING_ID in f"{operation.path}{operation.body}"],
)
