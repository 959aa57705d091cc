"""Clients that run interviews, retry each request with one key during faults, and record every call and its answer."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import uuid4

import httpx2

from app.openapi import contract
from tests.histories.history import Histories
from tests.histories.model import Answer, ChangeStatus, Continue, Delete, Operation, Read, read_answer
from tests.support.actors import Actor

T = TypeVar("T")

FACTOR = float(os.environ.get("FAULT_FACTOR", "1"))
"""Factor by which the faults last longer than by default."""

CLIENTS = 16

_INTERVIEW = "/api/v1/interviews/{interview_id}"

_OPERATIONS = {
    "start": ("POST", "/api/v1/interviews/start"),
    "continue": ("POST", "/api/v1/interviews/continue"),
    "list": ("GET", "/api/v1/interviews"),
    "get": ("GET", _INTERVIEW),
    "patch": ("PATCH", _INTERVIEW),
    "delete": ("DELETE", _INTERVIEW),
}

_ENDS = (None, None, ChangeStatus("completed"), ChangeStatus("cancelled"), Delete())
"""How an interview may end. None: it stays in progress."""


def _documented_statuses(method: str, path: str) -> set[int]:
    return {int(status) for status in contract()["paths"][path][method.lower()]["responses"]} - {500}


DOCUMENTED = {operation: _documented_statuses(*place) for operation, place in _OPERATIONS.items()}


@dataclass
class Ledger:
    """The record of the clients: responses by operation and status, every call, and the acknowledged answers.

    acknowledged: the answers by question number, by interview; without deleted interviews.
    writes: when each start and each continue was answered with 200, in seconds of the monotonic clock.
    """

    tally: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    acknowledged: dict[str, dict[int, str]] = field(default_factory=dict)
    histories: Histories = field(default_factory=Histories)
    undocumented: list[str] = field(default_factory=list)
    replayed: int = 0
    writes: list[float] = field(default_factory=list)

    def record(self, operation: str, response: httpx2.Response) -> None:
        """Count a response, and keep it if the contract does not document its status."""
        self.tally[operation, response.status_code] += 1
        if response.status_code not in DOCUMENTED[operation]:
            self.undocumented.append(f"{operation}: {response.status_code} {response.text[:300]}")
        if response.status_code == 200 and operation in ("start", "continue"):
            self.writes.append(time.monotonic())
        self.replayed += response.headers.get("idempotent-replayed") == "true"

    def count(self, status: int) -> int:
        """Return the number of responses of all operations with this status."""
        return sum(count for (_, each), count in self.tally.items() if each == status)

    def __str__(self) -> str:
        rows = sorted(self.tally.items(), key=str)
        turns = sum(map(len, self.acknowledged.values()))
        counts = ", ".join(f"{operation} {status}: {count}" for (operation, status), count in rows)
        summary = f"{len(self.acknowledged)} interviews, {turns} answers acknowledged, {self.replayed} replayed"
        return f"{summary} | {counts}"


class Load:
    """Clients that run interviews until the block ends. Each client then completes its last request."""

    def __init__(self, url: str, owner: Actor, clients: int = CLIENTS) -> None:
        self.ledger = Ledger()
        self._url = url
        self._owner = owner
        self._clients = clients
        self._stopped = asyncio.Event()

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Ledger]:
        """Run the clients during the block, and then wait for their last responses."""
        limits = httpx2.Limits(max_connections=self._clients)
        headers = self._owner.headers()
        async with httpx2.AsyncClient(base_url=self._url, headers=headers, timeout=20, limits=limits) as http:
            tasks = [asyncio.create_task(self._run_client(http)) for _ in range(self._clients)]
            try:
                yield self.ledger
            finally:
                self._stopped.set()
                async with asyncio.timeout(60):
                    await asyncio.gather(*tasks)

    async def _run_client(self, http: httpx2.AsyncClient) -> None:
        while not self._stopped.is_set():
            await self._run_interview(http)

    async def _run_interview(self, http: httpx2.AsyncClient) -> None:
        """Two clients take turns without an agreement, and read in between. Then the interview may end."""
        key = {"Idempotency-Key": str(uuid4())}
        body = {"language": random.choice(["es", "en", "pt"])}
        response = await self._repeat(lambda: self._send(http, "start", json=body, headers=key))
        interview_id: str = response.json()["data"]["interview_id"]
        self.ledger.acknowledged[interview_id] = {}
        clients = {"first": random.randint(2, 5), "second": random.randint(0, 2)}
        await asyncio.gather(*(self._take_turns(http, interview_id, *each) for each in clients.items()))
        if end := random.choice(_ENDS):
            await self._repeat(lambda: self._call(http, interview_id, "first", end))
            if end == Delete():
                del self.ledger.acknowledged[interview_id]
            await self._call(http, interview_id, "second", Read())

    async def _take_turns(self, http: httpx2.AsyncClient, interview_id: str, client: str, turns: int) -> None:
        for _ in range(turns):
            if self._stopped.is_set():
                return
            state = await self._repeat(lambda: self._call(http, interview_id, client, Read()))
            assert isinstance(state.detail, tuple), state
            question = len(state.detail[1]) + 1
            turn = Continue(f"answer {question} of {uuid4()}, long enough to be one", question, str(uuid4()))
            answer = await self._repeat(partial(self._call, http, interview_id, client, turn))
            if answer.status == 200:
                self.ledger.acknowledged[interview_id][question] = turn.answer
            await self._send(http, "list")

    async def _repeat(self, send: Callable[[], Awaitable[T | None]]) -> T:
        """Repeat a request until its outcome is known."""
        while (outcome := await send()) is None:  # noqa: ASYNC110 - a failed server sends no event
            await asyncio.sleep(random.uniform(0.02, 0.2))
        return outcome

    async def _call(
        self, http: httpx2.AsyncClient, interview_id: str, client: str, operation: Operation
    ) -> Answer | None:
        """Call an operation and record it. Return None if the outcome is unknown."""
        with self.ledger.histories.record(interview_id, client, operation) as pending:
            if isinstance(operation, Continue):
                body = {"interview_id": interview_id, "user_response": operation.answer}
                body |= {"question_number": operation.question}
                headers = {"Idempotency-Key": operation.key}
                response = await self._send(http, "continue", json=body, headers=headers)
            elif isinstance(operation, ChangeStatus):
                response = await self._send(http, "patch", interview_id, json={"status": operation.status})
            else:
                response = await self._send(http, "get" if operation == Read() else "delete", interview_id)
            if response is not None:
                pending.answer = read_answer(response)
        return pending.answer

    async def _send(
        self, http: httpx2.AsyncClient, operation: str, interview_id: str = "", **options: object
    ) -> httpx2.Response | None:
        """Send one request. Return None if the connection broke or the status is 503: the outcome is unknown."""
        method, path = _OPERATIONS[operation]
        try:
            response = await http.request(method, path.format(interview_id=interview_id), **options)
        except httpx2.TransportError as error:
            self.ledger.tally[operation, type(error).__name__] += 1
            return None
        self.ledger.record(operation, response)
        return None if response.status_code == 503 else response


async def assert_all_succeed(url: str, owner: Actor, requests: int = 60) -> None:
    """Assert that the next requests, ten at a time, are all 200."""
    async with httpx2.AsyncClient(base_url=url, headers=owner.headers(), timeout=20) as http:
        for _ in range(requests // 10):
            answers = await asyncio.gather(*(http.get(_OPERATIONS["list"][1]) for _ in range(10)))
            assert [answer.status_code for answer in answers] == [200] * 10


async def wait_for_status(url: str, path: str = "/api/v1/health/ready", status: int = 200) -> None:
    """Wait until a GET of this path has this status, at most 30 seconds."""
    async with asyncio.timeout(30), httpx2.AsyncClient(base_url=url, timeout=20) as http:
        while True:
            with suppress(httpx2.TransportError):
                if (await http.get(path)).status_code == status:
                    return
            await asyncio.sleep(0.05)
