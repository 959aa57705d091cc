"""The measured operations: their requests, expected status and targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from tests.benchmarks.rows import CONTINUED, ORGANIZATION, OWNED, OWNER, STARTERS, WRITER, interview_id
from tests.benchmarks.wrk import Request
from tests.support.actors import Actor

_INTERVIEWS = "/api/v1/interviews"
_WINDOW = 60
"""The number of interviews that are written in turn."""

_TURNS = 7
"""The answers that an interview gets before the next window. The scripted interviewer asks more questions than this."""

_SAID = "Reviso los pedidos que llegan por correo, los paso al sistema y aviso al almacén de lo que falta."
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class MeasuredOperation:
    """One operation.

    `limit` is the server that is its limit. If `writes`, the tables are filled again before each run. `volatile` are
    the members of the response that differ between requests, or that only the service has. The targets are ratios of
    requests per second, except to a limit that responds with a constant.
    """

    name: str
    status: int
    requests: Sequence[Request]
    limit: str = "limit"
    writes: bool = False
    volatile: frozenset[str] = frozenset()
    target_of_limit: float | None = None
    target_of_fastapi: float | None = None

    def is_by_cpu(self, server: str) -> bool:
        """Return whether the ratio to a server is that of CPU per request, which is steadier for fast responses."""
        return server == self.limit and server.startswith("constant")


def operations(key_dir: Path) -> list[MeasuredOperation]:
    """Return all operations, with tokens signed by the folder's key."""
    owner = Actor(key_dir, employee_id=OWNER, organization_id=ORGANIZATION).token(lifetime=_DAY)
    writer = Actor(key_dir, employee_id=WRITER, organization_id=ORGANIZATION).token(lifetime=_DAY)
    continue_ = f"{_INTERVIEWS}/continue"
    return [
        MeasuredOperation(
            "get",
            200,
            [Request("GET", f"{_INTERVIEWS}/{interview_id(number)}", owner) for number in OWNED],
            target_of_limit=0.88,
            target_of_fastapi=10,
        ),
        MeasuredOperation(
            "list",
            200,
            [Request("GET", f"{_INTERVIEWS}?page=1&page_size=20", owner)],
            target_of_limit=0.95,
            target_of_fastapi=9,
        ),
        _start(key_dir),
        MeasuredOperation(
            "continue",
            200,
            [Request("POST", continue_, writer, _answer(number)) for number in _continue_numbers()],
            writes=True,
            target_of_limit=0.90,
            target_of_fastapi=7,
        ),
        MeasuredOperation(
            "patch", 200, _change_requests(owner), writes=True, target_of_limit=0.85, target_of_fastapi=7
        ),
        MeasuredOperation(
            "export",
            200,
            [
                Request("POST", f"{_INTERVIEWS}/export", owner, dumps({"interview_id": str(interview_id(number))}))
                for number in OWNED
            ],
            volatile=frozenset({"export_date", "outcome"}),
            target_of_limit=0.90,
            target_of_fastapi=9,
        ),
        MeasuredOperation(
            "404",
            404,
            [Request("GET", f"{_INTERVIEWS}/{interview_id(999_999_999)}", owner)],
            target_of_limit=0.80,
            target_of_fastapi=8,
        ),
        MeasuredOperation(
            "422",
            422,
            [Request("POST", continue_, owner, _answer(OWNED[0], ""))],
            limit="constant-422",
            target_of_limit=0.50,
            target_of_fastapi=8,
        ),
        MeasuredOperation(
            "401",
            401,
            [Request("GET", _INTERVIEWS)],
            limit="constant-401",
            target_of_limit=0.75,
            target_of_fastapi=7,
        ),
    ]


def _start(key_dir: Path) -> MeasuredOperation:
    """Use sixty employees in turn, because the service counts the earlier interviews of a caller."""
    tokens = [Actor(key_dir, employee_id=each, organization_id=ORGANIZATION).token(lifetime=_DAY) for each in STARTERS]
    return MeasuredOperation(
        "start",
        200,
        [Request("POST", f"{_INTERVIEWS}/start", token, dumps({"language": "es"})) for token in tokens],
        writes=True,
        volatile=frozenset({"interview_id"}),
        target_of_limit=0.92,
        target_of_fastapi=7,
    )


def _continue_numbers() -> list[int]:
    """Return the numbers of sixty interviews in turn, several times, and then of the next sixty."""
    windows = [CONTINUED[first : first + _WINDOW] for first in range(0, len(CONTINUED), _WINDOW)]
    return [number for window in windows for _ in range(_TURNS) for number in window]


def _change_requests(token: str) -> list[Request]:
    """Return requests that cancel each of sixty interviews and then reopen each of them."""
    return [
        Request("PATCH", f"{_INTERVIEWS}/{interview_id(number)}", token, dumps({"status": status}))
        for status in ("cancelled", "in_progress")
        for number in OWNED
    ]


def _answer(number: int, said: str = _SAID) -> str:
    return dumps({"interview_id": str(interview_id(number)), "user_response": said})
