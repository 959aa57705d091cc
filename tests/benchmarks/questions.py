"""The requests of one client to a growing database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path

from app.use_cases.cursor import Cursor
from tests.benchmarks.dataset import LONG
from tests.benchmarks.rows import ORGANIZATION, OWNER, interview_id
from tests.benchmarks.wrk import Request
from tests.support.actors import Actor

_INTERVIEWS = "/api/v1/interviews"
_PAGE_SIZE = 20
_SPREAD = 300
_DAY = 24 * 3600


class Questions:
    """Requests of the employee who owns all interviews."""

    def __init__(self, key_dir: Path) -> None:
        self._token = Actor(key_dir, employee_id=OWNER, organization_id=ORGANIZATION).token(lifetime=_DAY)

    def requests_for_interviews(self, size: int) -> Mapping[str, Sequence[Request]]:
        """Return requests by name, distributed over all interviews."""
        step = max(1, size // _SPREAD)
        numbers = range(1, size + 1, step)
        return {
            "get": [self._get(number) for number in numbers],
            "patch": [self._patch(number) for number in numbers],
            "continue": [self._continue(number) for number in numbers],
            "list, first page": [self._list("page=1")],
            "list, deep page": [self._list(f"page={size // _PAGE_SIZE}")],
            "list, first by cursor": [self._list("cursor=")],
            "list, deep by cursor": [self._list(f"cursor={_cursor_after(size, _PAGE_SIZE + 1)}")],
        }

    def requests_for_long_interviews(self) -> Mapping[str, Sequence[Request]]:
        """Return requests by name, one for each long interview."""
        return {
            "get": [self._get(number) for number in LONG],
            "patch": [self._patch(number) for number in LONG],
            "continue": [self._continue(number) for number in LONG],
        }

    def _get(self, number: int) -> Request:
        return Request("GET", f"{_INTERVIEWS}/{interview_id(number)}", self._token)

    def _patch(self, number: int) -> Request:
        """Set the status that the interview has already. This writes and does not affect later requests."""
        return Request("PATCH", f"{_INTERVIEWS}/{interview_id(number)}", self._token, dumps({"status": "in_progress"}))

    def _continue(self, number: int) -> Request:
        body = {"interview_id": str(interview_id(number)), "user_response": "Eso lo hago dos veces por semana, o tres."}
        return Request("POST", f"{_INTERVIEWS}/continue", self._token, dumps(body))

    def _list(self, place: str) -> Request:
        return Request("GET", f"{_INTERVIEWS}?page_size={_PAGE_SIZE}&{place}", self._token)


def _cursor_after(size: int, number: int) -> Cursor:
    """Return the cursor after an interview with `size - number` newer ones. `rows.add` starts them a minute apart."""
    started_at = datetime(2024, 1, 1, microsecond=123, tzinfo=UTC) + timedelta(minutes=number)
    return Cursor(started_at, interview_id(number), max(1, (size - number) // _PAGE_SIZE), size - number + 1)
