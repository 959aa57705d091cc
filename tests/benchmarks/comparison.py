"""Compare the responses of all servers with the service's, before the measurements."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import httpx2

from tests.benchmarks.operations import MeasuredOperation
from tests.benchmarks.rows import fill
from tests.benchmarks.servers import OURS
from tests.benchmarks.wrk import Request
from tests.support.service import Service

_TRIED = 3
"""The number of compared requests of each operation."""

_VOLATILE = frozenset({"request_id"})
"""The members that differ between responses of every operation."""


def find_differences(operation: MeasuredOperation, servers: Mapping[str, Service], url: str) -> list[str]:
    """Return the differences from our responses, and of our statuses from the expected ones."""
    answers = {}
    for name, service in servers.items():
        if operation.writes:
            asyncio.run(fill(url))
        answers[name] = [_answer(service.url, request) for request in operation.requests[:_TRIED]]
    ours = answers[OURS]
    wrong = [f"{OURS} answers {status}, not {operation.status}" for status, _ in ours if status != operation.status]
    for name, theirs in answers.items():
        for (status, mine), (other_status, other) in zip(ours, theirs, strict=True):
            if status != other_status:
                wrong.append(f"{name} answers {other_status}, {OURS} {status}")
            wrong += [f"{name}, {text}" for text in _compare(mine, other, operation.volatile | _VOLATILE)]
    return [f"{operation.name}: {text}" for text in dict.fromkeys(wrong)]


def _answer(url: str, request: Request) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
    if request.body:
        headers["Content-Type"] = "application/json"
    answer = httpx2.request(request.method, url + request.path, headers=headers, content=request.body, timeout=30)
    try:
        return answer.status_code, answer.json()
    except ValueError:  # a server's own 500, which is text
        return answer.status_code, answer.text


def _compare(mine: Any, other: Any, volatile: Collection[str], place: str = "body") -> Iterator[str]:
    """Yield a sentence for each difference of two responses."""
    if isinstance(mine, dict) and isinstance(other, dict):
        for member in sorted(mine.keys() | other.keys()):
            if member in volatile:
                continue
            if (member in mine) != (member in other):
                yield f"{place}.{member}: only one of them has it"
            else:
                yield from _compare(mine[member], other[member], volatile, f"{place}.{member}")
    elif isinstance(mine, list) and isinstance(other, list) and len(mine) == len(other):
        for number, (left, right) in enumerate(zip(mine, other, strict=True)):
            yield from _compare(left, right, volatile, f"{place}[{number}]")
    elif mine != other:
        yield f"{place}: {other!r} instead of {mine!r}"
