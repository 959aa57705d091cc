"""Clients that run interviews, retry each request with one key during faults, and record the acknowledged answers."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2

from app.openapi import contract
from tests.support.actors import Actor

FACTOR = float(os.environ.get("FAULT_FACTOR", "1"))
"""Factor by which the faults last longer than by default."""

CLIENTS = 16

_OPERATIONS = {
    "start": "/api/v1/interviews/start",
    "continue": "/api/v1/interviews/continue",
    "list": "/api/v1/interviews",
    "get": "/api/v1/interviews/{interview_id}",
}


def _documented_statuses(path: str) -> set[int]:
    operations = (item for method, item in contract()["paths"][path].items() if method in ("get", "post"))
    return {int(status) for operation in operations for status in operation["responses"]} - {500}


DOCUMENTED = {operation: _documented_statuses(path) for operation, path in _OPERATIONS.items()}


@dataclass
class Ledger:
    """The record of the clients: responses by operation and status, and the acknowledged answers."""

    tally: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    undocumented: list[str] = field(default_factory=list)
    replayed: int = 0

    def record(self, operation: str, response: httpx2.Response) -> None:
        """Count a response, and keep it if the contract does not document its status."""
        self.tally[operation, response.status_code] += 1
        if response.status_code not in DOCUMENTED[operation]:
            self.undocumented.append(f"{operation}: {response.status_code} {response.text[:300]}")
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
        started = await self._repeat_until_200(http, "start", {"language": random.choice(["es", "en", "pt"])})
        interview_id = started["data"]["interview_id"]
        answers = self.ledger.acknowledged.setdefault(interview_id, [])
        for question in range(1, random.randint(3, 8)):
            if self._stopped.is_set():
                return
            text = f"answer {question} of {uuid4()}, long enough to be one"
            body = {"interview_id": interview_id, "user_response": text, "question_number": question}
            await self._repeat_until_200(http, "continue", body)
            answers.append(text)
            await self._send(http, "list", "GET", _OPERATIONS["list"])
            await self._send(http, "get", "GET", _OPERATIONS["get"].format(interview_id=interview_id))

    async def _repeat_until_200(
        self, http: httpx2.AsyncClient, operation: str, body: dict[str, object]
    ) -> dict[str, dict[str, str]]:
        """Repeat a request with one key until the status is 200."""
        key = {"Idempotency-Key": str(uuid4())}
        while True:
            response = await self._send(http, operation, "POST", _OPERATIONS[operation], json=body, headers=key)
            if response is not None and response.status_code == 200:
                envelope: dict[str, dict[str, str]] = response.json()
                return envelope
            if response is not None and response.status_code != 503:
                raise AssertionError(f"{operation} failed: {response.status_code} {response.text}")
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def _send(
        self, http: httpx2.AsyncClient, operation: str, method: str, path: str, **options: object
    ) -> httpx2.Response | None:
        """Send one request. Return None if the connection broke."""
        try:
            response = await http.request(method, path, **options)
        except httpx2.TransportError as error:
            self.ledger.tally[operation, type(error).__name__] += 1
            return None
        self.ledger.record(operation, response)
        return response


async def assert_all_succeed(url: str, owner: Actor, requests: int = 60) -> None:
    """Assert that the next requests, ten at a time, are all 200."""
    async with httpx2.AsyncClient(base_url=url, headers=owner.headers(), timeout=20) as http:
        for _ in range(requests // 10):
            answers = await asyncio.gather(*(http.get(_OPERATIONS["list"]) for _ in range(10)))
            assert [answer.status_code for answer in answers] == [200] * 10


async def wait_for_status(url: str, path: str = "/api/v1/health/ready", status: int = 200) -> None:
    """Wait until a GET of this path has this status, at most 30 seconds."""
    async with asyncio.timeout(30), httpx2.AsyncClient(base_url=url, timeout=20) as http:
        while True:
            with suppress(httpx2.TransportError):
                if (await http.get(path)).status_code == status:
                    return
            await asyncio.sleep(0.05)
