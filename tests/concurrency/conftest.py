"""The application with more patience than usual, and an interviewer that holds everybody up until all have come."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from app.application import create_app
from app.interviewer.protocol import Conversation, Reply
from app.settings import Settings
from tests.support.actors import Actor
from tests.support.timeouts import TIMEOUT

THE_END = "the end"
"""The answer after which the interviewer is content."""


class Conference:
    """Asks "Question 1", "Question 2", …; and lets conversations wait for one another."""

    provider = "tests"
    model = "conference"
    matches_processes = False

    def __init__(self) -> None:
        self._meeting: asyncio.Barrier | None = None

    def meet(self, number: int) -> None:
        """Give the next `number` replies all at the same moment."""
        self._meeting = asyncio.Barrier(number)

    @asynccontextmanager
    async def thinking(self, number: int) -> AsyncIterator[None]:
        """Begin the block when `number` conversations wait for a reply, and give the replies when it ends."""
        meeting = self._meeting = asyncio.Barrier(number + 1)
        async with asyncio.timeout(TIMEOUT):
            while meeting.n_waiting < number:  # noqa: ASYNC110 - a barrier tells nobody
                await asyncio.sleep(0.001)
        yield
        await meeting.wait()

    async def reply(self, conversation: Conversation) -> Reply:
        meeting = self._meeting
        if meeting:
            await meeting.wait()
            self._meeting = None
        last = conversation.history[-1].content if conversation.history else ""
        return Reply(f"Question {len(conversation.history) // 2 + 1}", is_final=last == THE_END)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        return ()


@pytest.fixture(scope="session")
def interviewer() -> Conference:
    """The interviewer of these tests."""
    return Conference()


@pytest.fixture
def conference(interviewer: Conference) -> Iterator[Conference]:
    """The interviewer, to be told when to reply; afterwards it waits for nobody."""
    yield interviewer
    interviewer.meet(1)


@pytest.fixture(scope="session")
async def app(settings: Settings, interviewer: Conference) -> AsyncIterator[Starlette]:
    """The application: ten connections, and time enough for a hundred requests at once on a slow machine."""
    patient = {"pool_acquire_timeout": 60, "lock_timeout": 60, "statement_timeout": 60, "request_timeout": 120}
    application = create_app(settings.model_copy(update={**patient, "interviewer_timeout": 20}), interviewer)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of that application."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://interviews/api/v1") as client:
        yield client


@pytest.fixture
def interview(client: httpx2.AsyncClient, owner: Actor) -> "Requests":
    """Requests of the owner."""
    return Requests(client, owner)


class Requests:
    """The operations that change an interview, as one caller sends them."""

    def __init__(self, client: httpx2.AsyncClient, owner: Actor) -> None:
        self._client = client
        self._headers = owner.headers()
        self._deleting = owner.headers_with("interviews:delete")

    async def start(self, key: str | None = None) -> httpx2.Response:
        return await self._client.post("/interviews/start", json={}, headers=self._with(key))

    async def continue_(
        self, interview_id: object, answer: str, question_number: int | None = None, key: str | None = None
    ) -> httpx2.Response:
        body = {"interview_id": str(interview_id), "user_response": answer}
        if question_number is not None:
            body["question_number"] = question_number
        return await self._client.post("/interviews/continue", json=body, headers=self._with(key))

    async def change_status(self, interview_id: object, status: str) -> httpx2.Response:
        return await self._client.patch(f"/interviews/{interview_id}", json={"status": status}, headers=self._headers)

    async def delete(self, interview_id: object) -> httpx2.Response:
        return await self._client.delete(f"/interviews/{interview_id}", headers=self._deleting)

    async def read(self, interview_id: object) -> httpx2.Response:
        return await self._client.get(f"/interviews/{interview_id}", headers=self._headers)

    async def list_(self, page_size: int = 100) -> httpx2.Response:
        return await self._client.get("/interviews", params={"page_size": page_size}, headers=self._headers)

    def _with(self, key: str | None) -> dict[str, str]:
        return {**self._headers, "Idempotency-Key": key} if key else self._headers
