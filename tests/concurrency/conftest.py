"""The application with long timeouts, and an interviewer that delays its replies until all requests wait."""

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
from tests.histories.model import THE_END
from tests.support.actors import Actor
from tests.support.timeouts import TIMEOUT


class Conference:
    """An interviewer that asks "Question 1", "Question 2" … and can delay its replies."""

    provider = "tests"
    model = "conference"
    matches_processes = False

    def __init__(self) -> None:
        self._meeting: asyncio.Barrier | None = None

    def meet(self, number: int) -> None:
        """Delay the next `number` replies until all of them are due."""
        self._meeting = asyncio.Barrier(number)

    @asynccontextmanager
    async def hold_replies(self, number: int) -> AsyncIterator[None]:
        """Run the block while `number` conversations wait for their replies."""
        meeting = self._meeting = asyncio.Barrier(number + 1)
        async with asyncio.timeout(TIMEOUT):
            while meeting.n_waiting < number:  # noqa: ASYNC110 - a barrier has no event
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
    """Create the interviewer of these tests."""
    return Conference()


@pytest.fixture
def conference(interviewer: Conference) -> Iterator[Conference]:
    """Return the interviewer, and stop its delays after the test."""
    yield interviewer
    interviewer.meet(1)


@pytest.fixture(scope="session")
async def app(settings: Settings, interviewer: Conference) -> AsyncIterator[Starlette]:
    """Start the application with timeouts long enough for a hundred concurrent requests on a slow machine."""
    timeouts = {"pool_acquire_timeout": 60, "lock_timeout": 60, "statement_timeout": 60, "request_timeout": 120}
    application = create_app(settings.model_copy(update={**timeouts, "interviewer_timeout": 20}), interviewer)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """Create a client of the application."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://interviews/api/v1") as client:
        yield client


@pytest.fixture
def interview(client: httpx2.AsyncClient, owner: Actor) -> "Requests":
    """Return the requests of the owner."""
    return Requests(client, owner)


class Requests:
    """The requests of one caller."""

    def __init__(self, client: httpx2.AsyncClient, owner: Actor) -> None:
        self._client = client
        self._headers = owner.headers()
        self._delete_headers = owner.headers_with("interviews:delete")

    async def start(self, key: str | None = None) -> httpx2.Response:
        return await self._client.post("/interviews/start", json={}, headers=self._headers_with(key))

    async def continue_(
        self, interview_id: object, answer: str, question_number: int | None = None, key: str | None = None
    ) -> httpx2.Response:
        body = {"interview_id": str(interview_id), "user_response": answer}
        if question_number is not None:
            body["question_number"] = question_number
        return await self._client.post("/interviews/continue", json=body, headers=self._headers_with(key))

    async def change_status(self, interview_id: object, status: str) -> httpx2.Response:
        return await self._client.patch(f"/interviews/{interview_id}", json={"status": status}, headers=self._headers)

    async def delete(self, interview_id: object) -> httpx2.Response:
        return await self._client.delete(f"/interviews/{interview_id}", headers=self._delete_headers)

    async def read(self, interview_id: object) -> httpx2.Response:
        return await self._client.get(f"/interviews/{interview_id}", headers=self._headers)

    async def list_(self, page_size: int = 100) -> httpx2.Response:
        return await self._client.get("/interviews", params={"page_size": page_size}, headers=self._headers)

    def _headers_with(self, key: str | None) -> dict[str, str]:
        return {**self._headers, "Idempotency-Key": key} if key else self._headers
