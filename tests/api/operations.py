"""The operations that ask for a permission, each with a request that is good but for an interview that is nobody's."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx2
import pytest

NOBODYS = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"
JSON = {"Content-Type": "application/json"}
MAX_BODY_SIZE = 1024 * 1024


@dataclass(frozen=True)
class Operation:
    """One operation; `allowed` is the Allow header of its path."""

    method: str
    path: str
    permission: str
    allowed: str
    body: dict[str, Any] | None = None

    def about(self, interview_id: UUID) -> "Operation":
        """The same request for another interview."""
        body = {name: str(interview_id) if value == NOBODYS else value for name, value in (self.body or {}).items()}
        return replace(self, path=self.path.replace(NOBODYS, str(interview_id)), body=body or self.body)

    async def send(self, client: httpx2.AsyncClient, headers: dict[str, str]) -> httpx2.Response:
        """The answer to the request."""
        return await client.request(self.method, self.path, json=self.body, headers=headers)


OPERATIONS = {
    "list_interviews": Operation("GET", "/interviews", "interviews:read", "GET"),
    "get_interview": Operation("GET", f"/interviews/{NOBODYS}", "interviews:read", "GET, PATCH, DELETE"),
    "change_status": Operation(
        "PATCH", f"/interviews/{NOBODYS}", "interviews:update", "GET, PATCH, DELETE", {"status": "completed"}
    ),
    "start_interview": Operation("POST", "/interviews/start", "interviews:create", "POST", {"language": "en"}),
    "continue_interview": Operation(
        "POST", "/interviews/continue", "interviews:create", "POST", {"interview_id": NOBODYS, "user_response": "x"}
    ),
    "export_interview": Operation("POST", "/interviews/export", "interviews:export", "POST", {"interview_id": NOBODYS}),
}

each = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
each_with_a_body = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS.values() if operation.body],
    ids=[name for name, operation in OPERATIONS.items() if operation.body],
)
each_on_an_interview = pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS.values() if NOBODYS in f"{operation.path}{operation.body}"],
    ids=[name for name, operation in OPERATIONS.items() if NOBODYS in f"{operation.path}{operation.body}"],
)
