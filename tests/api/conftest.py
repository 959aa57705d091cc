"""Fixtures of the API tests: interviewers, accounts, an unreachable database and a language model."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import hash_password
from app.identity.signing_keys import load_or_create_keys
from app.interviewer.protocol import Conversation, PartCallback, Reply
from app.settings import Settings
from app.use_cases.accounts import NewAccount, add_account
from tests.support.actors import Actor
from tests.support.clients import open_client
from tests.support.connections import UNREACHABLE_URL
from tests.support.model_server import ModelServer
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

PASSWORD = "correct horse battery staple"

_load_keys, _settings = cache(load_or_create_keys), cache(Settings)


@pytest.fixture(autouse=True, scope="module")
def _cache_keys_and_settings() -> Iterator[None]:
    """Load keys and settings once: almost every test signs a token, and loading takes 55 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.support.actors.load_or_create_keys", _load_keys)
        patch.setattr("tests.support.actors.Settings", _settings)
        yield


@dataclass
class RecordingInterviewer:
    """Records the conversations that it receives.

    behaviour: "answers", "fails", "hangs", "waits", or "is final".
    first_question_succeeds: whether it asks the first question of an interview with any `behaviour`.
    waiting, resume: with "waits" it sets `waiting`, and returns after `resume` is set.
    """

    provider: str = "recording"
    model: str = "none"
    matches_processes: bool = False
    behaviour: str = "answers"
    question: str = "And then?"
    corrected_response: str | None = None
    matching: str = "matches"
    first_question_succeeds: bool = True
    conversations: list[Conversation] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    resume: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply(self, conversation: Conversation) -> Reply:
        """Record the conversation, and reply as `behaviour` says."""
        self.conversations.append(conversation)
        if self.first_question_succeeds and not conversation.history:
            return Reply("First?")
        if self.behaviour == "hangs":
            await asyncio.Event().wait()
        if self.behaviour == "fails":
            raise RuntimeError("a secret of the model")
        if self.behaviour == "waits":
            self.waiting.set()
            await self.resume.wait()
        return Reply(self.question, is_final=self.behaviour == "is final", corrected_response=self.corrected_response)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """Return one process, fail or hang, as `matching` says."""
        if self.matching == "hangs":
            await asyncio.Event().wait()
        if self.matching == "fails":
            raise RuntimeError("no index")
        return [{"process_id": "p-1", "name": conversation.history[-1].content}]


@dataclass
class StreamingInterviewer(RecordingInterviewer):
    """Streams `parts` of its question before it does what `behaviour` says."""

    parts: tuple[str, ...] = ("And", " then?")

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """Stream the parts, then reply."""
        for part in self.parts:
            on_part(part)
        return await self.reply(conversation)


@pytest.fixture(scope="session")
def _recording_interviewer() -> RecordingInterviewer:
    return RecordingInterviewer()


@pytest.fixture
def interviewer(_recording_interviewer: RecordingInterviewer) -> RecordingInterviewer:
    """The interviewer of `recording_client` in its initial state."""
    vars(_recording_interviewer).update(vars(RecordingInterviewer()))
    return _recording_interviewer


@pytest.fixture(scope="session")
async def _recording_client(
    settings: Settings, _recording_interviewer: RecordingInterviewer
) -> AsyncIterator[httpx2.AsyncClient]:
    async with open_client(settings, _recording_interviewer, interviewer_timeout=0.3) as client:
        yield client


@pytest.fixture
def recording_client(_recording_client: httpx2.AsyncClient, interviewer: RecordingInterviewer) -> httpx2.AsyncClient:
    """A client of an application with the recording interviewer."""
    return _recording_client


@pytest.fixture(scope="session")
async def client_without_database(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application whose database is unreachable."""
    async with open_client(settings, database_url=UNREACHABLE_URL, transaction_attempts=1) as client:
        yield client


@pytest.fixture(scope="package")
def _model_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def model_server(_model_server: ModelServer) -> ModelServer:
    """The language model of `model_service` in its initial state."""
    _model_server.reset()
    return _model_server


@pytest.fixture(scope="package")
def model_service(
    _model_server: ModelServer, database_url: str, key_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with a language model, a time limit of three seconds for it, and log level debug."""
    environment = {"DATABASE_URL": database_url, "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "debug"}
    folder = tmp_path_factory.mktemp("model")
    with Service(folder, INTERVIEWER_TIMEOUT="3", **environment, **_model_server.settings()) as service:
        yield service


@pytest.fixture
async def model_client(model_service: Service, owner: Actor) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client of `model_service` with the owner's token."""
    base_url = f"{model_service.url}/api/v1"
    async with httpx2.AsyncClient(base_url=base_url, headers=owner.headers(), timeout=TIMEOUT) as client:
        yield client


@pytest.fixture(scope="session")
async def stored_password() -> str:
    """The hash of PASSWORD."""
    return await hash_password(PASSWORD)


@pytest.fixture
async def account(database: UnitOfWork, owner: Actor, stored_password: str) -> NewAccount:
    """An account of the owner with the password PASSWORD."""
    account = NewAccount(
        email=f"{owner.employee_id}@example.com",
        password=stored_password,
        role="manager",
        name=owner.name,
        employee_id=owner.employee_id,
        organization_id=owner.organization_id,
        organization_name=owner.organization_name,
    )
    await database.write(add_account, account)
    return account
