"""What several of the API's tests need: an interviewer that remembers what it was shown, accounts, a lost database."""

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

_read_once, _settings_once = cache(load_or_create_keys), cache(Settings)


@pytest.fixture(autouse=True, scope="module")
def _what_tokens_are_made_of_is_read_once() -> Iterator[None]:
    """Reading a private key takes 50 ms, settings 5 ms, and almost every test here signs a token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.support.actors.load_or_create_keys", _read_once)
        patch.setattr("tests.support.actors.Settings", _settings_once)
        yield


@dataclass
class RecordingInterviewer:
    """Keeps the conversations that it was shown. `behaviour` says what it does: answer, fail, hang, wait, or be final.

    begins_well: the first question of an interview is asked whatever `behaviour` says.
    asked, may_answer: with "waits" it sets the one, and answers once the other is set.
    """

    provider: str = "recording"
    model: str = "none"
    matches_processes: bool = False
    behaviour: str = "answers"
    question: str = "And then?"
    corrected: str | None = None
    matching: str = "matches"
    begins_well: bool = True
    shown: list[Conversation] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply(self, conversation: Conversation) -> Reply:
        """The set question; the first one is a good one unless it is told otherwise."""
        self.shown.append(conversation)
        if self.begins_well and not conversation.history:
            return Reply("First?")
        if self.behaviour == "hangs":
            await asyncio.Event().wait()
        if self.behaviour == "fails":
            raise RuntimeError("a secret of the model")
        if self.behaviour == "waits":
            self.asked.set()
            await self.may_answer.wait()
        return Reply(self.question, is_final=self.behaviour == "is final", corrected_response=self.corrected)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """One process; or a failure, or nothing ever."""
        if self.matching == "hangs":
            await asyncio.Event().wait()
        if self.matching == "fails":
            raise RuntimeError("no index")
        return [{"process_id": "p-1", "name": conversation.history[-1].content}]


@dataclass
class TalkingInterviewer(RecordingInterviewer):
    """Tells `parts` of its question, before it does what `behaviour` says."""

    parts: tuple[str, ...] = ("And", " then?")

    async def reply_in_parts(self, conversation: Conversation, on_part: PartCallback) -> Reply:
        """The set question, told before."""
        for part in self.parts:
            on_part(part)
        return await self.reply(conversation)


@pytest.fixture(scope="session")
def _one_interviewer() -> RecordingInterviewer:
    return RecordingInterviewer()


@pytest.fixture
def interviewer(_one_interviewer: RecordingInterviewer) -> RecordingInterviewer:
    """The interviewer of `recorded`, as if it were new."""
    vars(_one_interviewer).update(vars(RecordingInterviewer()))
    return _one_interviewer


@pytest.fixture(scope="session")
async def _recorded(settings: Settings, _one_interviewer: RecordingInterviewer) -> AsyncIterator[httpx2.AsyncClient]:
    async with open_client(settings, _one_interviewer, interviewer_timeout=0.3) as client:
        yield client


@pytest.fixture
def recorded(_recorded: httpx2.AsyncClient, interviewer: RecordingInterviewer) -> httpx2.AsyncClient:
    """A client of an application that has the recording interviewer."""
    return _recorded


@pytest.fixture(scope="session")
async def adrift(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service whose database is out of reach."""
    async with open_client(settings, database_url=UNREACHABLE_URL, transaction_attempts=1) as client:
        yield client


@pytest.fixture(scope="package")
def _model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(_model: ModelServer) -> ModelServer:
    """The language model of `model_service`, as if it were new."""
    _model.reset()
    return _model


@pytest.fixture(scope="package")
def model_service(
    _model: ModelServer, database_url: str, key_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service in a process of its own that asks a language model, for three seconds, and logs all that it can."""
    environment = {"DATABASE_URL": database_url, "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "debug"}
    folder = tmp_path_factory.mktemp("model")
    with Service(folder, INTERVIEWER_TIMEOUT="3", **environment, **_model.settings()) as service:
        yield service


@pytest.fixture
async def modelled(model_service: Service, owner: Actor) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of that service, over HTTP, with the owner's token."""
    base_url = f"{model_service.url}/api/v1"
    async with httpx2.AsyncClient(base_url=base_url, headers=owner.headers(), timeout=TIMEOUT) as client:
        yield client


@pytest.fixture(scope="session")
async def stored_password() -> str:
    """PASSWORD as it is stored."""
    return await hash_password(PASSWORD)


@pytest.fixture
async def account(database: UnitOfWork, owner: Actor, stored_password: str) -> NewAccount:
    """The owner's account; its password is PASSWORD."""
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
