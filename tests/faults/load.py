"""Clients that hold interviews, retry through every fault with one key, and remember what was acknowledged."""

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
"""How much longer than by default the faults last."""

CLIENTS = 16

_OPERATIONS = {
    "start": "/api/v1/interviews/start",
    "continue": "/api/v1/interviews/continue",
    "list": "/api/v1/interviews",
    "get": "/api/v1/interviews/{interview_id}",
}


def _promised(path: str) -> set[int]:
    operations = (item for method, item in contract()["paths"][path].items() if method in ("get", "post"))
    return {int(status) for operation in operations for status in operation["responses"]} - {500}


PROMISED = {operation: _promised(path) for operation, path in _OPERATIONS.items()}


@dataclass
class Ledger:
    """What the clients saw: answers by operation and status, and what they were promised to find again."""

    tally: Counter[tuple[str, int | str]] = field(default_factory=Counter)
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    unpromised: list[str] = field(default_factory=list)
    replayed: int = 0

    def note(self, operation: str, response: httpx2.Response) -> None:
        """Count an answer; keep it where the contract does not promise it."""
        self.tally[operation, response.status_code] += 1
        if response.status_code not in PROMISED[operation]:
            self.unpromised.append(f"{operation}: {response.status_code} {response.text[:300]}")
        self.replayed += response.headers.get("idempotent-replayed") == "true"

    def count(self, status: int) -> int:
        """How many answers had this status, whatever the operation."""
        return sum(count for (_, seen), count in self.tally.items() if seen == status)

    def __str__(self) -> str:
        rows = sorted(self.tally.items(), key=str)
        turns = sum(map(len, self.acknowledged.values()))
        seen = ", ".join(f"{operation} {status}: {count}" for (operation, status), count in rows)
        kept = f"{len(self.acknowledged)} interviews, {turns} answers acknowledged, {self.replayed} replayed"
        return f"{kept} | {seen}"


class Load:
    """Clients that go on until told to stop. Each finishes the request that it is about, whatever it takes."""

    def __init__(self, url: str, owner: Actor, clients: int = CLIENTS) -> None:
        self.ledger = Ledger()
        self._url = url
        self._owner = owner
        self._clients = clients
        self._stopped = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Ledger]:
        """The clients at work; at the end each brings its last request to an answer."""
        limits = httpx2.Limits(max_connections=self._clients)
        headers = self._owner.headers()
        async with httpx2.AsyncClient(base_url=self._url, headers=headers, timeout=20, limits=limits) as http:
            tasks = [asyncio.create_task(self._client(http)) for _ in range(self._clients)]
            try:
                yield self.ledger
            finally:
                self._stopped.set()
                async with asyncio.timeout(60):
                    await asyncio.gather(*tasks)

    async def _client(self, http: httpx2.AsyncClient) -> None:
        while not self._stopped.is_set():
            await self._interview(http)

    async def _interview(self, http: httpx2.AsyncClient) -> None:
        started = await self._insist(http, "start", {"language": random.choice(["es", "en", "pt"])})
        interview_id = started["data"]["interview_id"]
        answers = self.ledger.acknowledged.setdefault(interview_id, [])
        for question in range(1, random.randint(3, 8)):
            if self._stopped.is_set():
                return
            text = f"answer {question} of {uuid4()}, long enough to be one"
            body = {"interview_id": interview_id, "user_response": text, "question_number": question}
            await self._insist(http, "continue", body)
            answers.append(text)
            await self._try(http, "list", "GET", _OPERATIONS["list"])
            await self._try(http, "get", "GET", _OPERATIONS["get"].format(interview_id=interview_id))

    async def _insist(
        self, http: httpx2.AsyncClient, operation: str, body: dict[str, object]
    ) -> dict[str, dict[str, str]]:
        """Repeat a request under one key until it is a 200."""
        key = {"Idempotency-Key": str(uuid4())}
        while True:
            response = await self._try(http, operation, "POST", _OPERATIONS[operation], json=body, headers=key)
            if response is not None and response.status_code == 200:
                envelope: dict[str, dict[str, str]] = response.json()
                return envelope
            if response is not None and response.status_code != 503:
                raise AssertionError(f"{operation} was refused: {response.status_code} {response.text}")
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def _try(
        self, http: httpx2.AsyncClient, operation: str, method: str, path: str, **sent: object
    ) -> httpx2.Response | None:
        """One request; None where the connection broke."""
        try:
            response = await http.request(method, path, **sent)
        except httpx2.TransportError as error:
            self.ledger.tally[operation, type(error).__name__] += 1
            return None
        self.ledger.note(operation, response)
        return response


async def at_ease(url: str, owner: Actor, requests: int = 60) -> None:
    """Assert that the next requests, ten at a time, are all 200."""
    async with httpx2.AsyncClient(base_url=url, headers=owner.headers(), timeout=20) as http:
        for _ in range(requests // 10):
            answers = await asyncio.gather(*(http.get(_OPERATIONS["list"]) for _ in range(10)))
            assert [answer.status_code for answer in answers] == [200] * 10


async def eventually(url: str, path: str = "/api/v1/health/ready", status: int = 200) -> None:
    """Wait, within bounds, until a GET of this path has this status."""
    async with asyncio.timeout(30), httpx2.AsyncClient(base_url=url, timeout=20) as http:
        while True:
            with suppress(httpx2.TransportError):
                if (await http.get(path)).status_code == status:
                    return
            await asyncio.sleep(0.05)
