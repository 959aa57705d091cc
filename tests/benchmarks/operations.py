"""The operations that are measured: their requests, the one status that is right, and what they are to reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from tests.benchmarks.rows import CONTINUED, ORGANIZATION, OWNED, OWNER, STARTERS, WRITER, interview_id
from tests.benchmarks.wrk import Request
from tests.support.actors import Actor

_INTERVIEWS = "/api/v1/interviews"
_WINDOW = 60
"""Interviews that are written to in turn."""

_TURNS = 7
"""Answers that an interview gets before the next window: the scripted interviewer does not end it before."""

_SAID = "Reviso los pedidos que llegan por correo, los paso al sistema y aviso al almacén de lo que falta."
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    limit: the server that is its limit. writes: the rows are filled anew before each run. volatile: members of the
    answer that differ from one request to the next. of_limit, of_fastapi: what the ratios of requests a second to
    those servers are to reach.
    """

    name: str
    status: int
    requests: Sequence[Request]
    limit: str = "limit"
    writes: bool = False
    volatile: frozenset[str] = frozenset()
    of_limit: float | None = None
    of_fastapi: float | None = None


def operations(key_dir: Path) -> list[Operation]:
    """All of them, with tokens signed by the folder's key."""
    owner = Actor(key_dir, employee_id=OWNER, organization_id=ORGANIZATION).token(lifetime=_DAY)
    writer = Actor(key_dir, employee_id=WRITER, organization_id=ORGANIZATION).token(lifetime=_DAY)
    continue_ = f"{_INTERVIEWS}/continue"
    return [
        Operation(
            "get",
            200,
            [Request("GET", f"{_INTERVIEWS}/{interview_id(number)}", owner) for number in OWNED],
            of_limit=0.80,
            of_fastapi=6,
        ),
        Operation(
            "list",
            200,
            [Request("GET", f"{_INTERVIEWS}?page=1&page_size=20", owner)],
            of_limit=0.80,
            of_fastapi=6,
        ),
        _start(key_dir),
        Operation(
            "continue",
            200,
            [Request("POST", continue_, writer, _answer(number)) for number in _continued()],
            writes=True,
            of_limit=0.75,
            of_fastapi=4,
        ),
        Operation("patch", 200, _changes(owner), writes=True, of_limit=0.75, of_fastapi=5),
        Operation(
            "export",
            200,
            [
                Request("POST", f"{_INTERVIEWS}/export", owner, dumps({"interview_id": str(interview_id(number))}))
                for number in OWNED
            ],
            volatile=frozenset({"export_date"}),
        ),
        Operation("404", 404, [Request("GET", f"{_INTERVIEWS}/{interview_id(999_999_999)}", owner)]),
        Operation(
            "422",
            422,
            [Request("POST", continue_, owner, _answer(OWNED[0], ""))],
            limit="constant-422",
            of_limit=0.7,
        ),
        Operation("401", 401, [Request("GET", _INTERVIEWS)], limit="constant-401", of_limit=0.7),
    ]


def _start(key_dir: Path) -> Operation:
    """Sixty employees in turn: the service counts what a caller started before."""
    tokens = [Actor(key_dir, employee_id=each, organization_id=ORGANIZATION).token(lifetime=_DAY) for each in STARTERS]
    return Operation(
        "start",
        200,
        [Request("POST", f"{_INTERVIEWS}/start", token, dumps({"language": "es"})) for token in tokens],
        writes=True,
        volatile=frozenset({"interview_id"}),
        of_limit=0.75,
        of_fastapi=4,
    )


def _continued() -> list[int]:
    """Sixty interviews in turn, some turns each, then the next sixty: each round begins with fresh ones."""
    windows = [CONTINUED[first : first + _WINDOW] for first in range(0, len(CONTINUED), _WINDOW)]
    return [number for window in windows for _ in range(_TURNS) for number in window]


def _changes(token: str) -> list[Request]:
    """Each of sixty interviews cancelled, then each of them taken up again."""
    return [
        Request("PATCH", f"{_INTERVIEWS}/{interview_id(number)}", token, dumps({"status": status}))
        for status in ("cancelled", "in_progress")
        for number in OWNED
    ]


def _answer(number: int, said: str = _SAID) -> str:
    return dumps({"interview_id": str(interview_id(number)), "user_response": said})
