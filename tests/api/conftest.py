"""What several of the API's tests need: an interviewer that remembers what it was shown, and accounts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.database.transactions import Transactions
from app.identity.passwords import hashed
from app.interviewer.protocol import Conversation, Reply
from app.settings import Settings
from app.use_cases.accounts import NewAccount, add_account
from tests.support.actors import Actor
from tests.support.clients import another_app

PASSWORD = "correct horse battery staple"


@dataclass
class RecordingInterviewer:
    """Keeps the conversations that it was shown. `behaviour` says what it does: answer, fail, hang, or be final."""

    provider: str = "recording"
    model: str = "none"
    matches_processes: bool = False
    behaviour: str = "answers"
    question: str = "And then?"
    matching: str = "matches"
    shown: list[Conversation] = field(default_factory=list)

    async def reply(self, conversation: Conversation) -> Reply:
        """The set question; the first one is always good."""
        self.shown.append(conversation)
        if conversation.history and self.behaviour == "hangs":
            await asyncio.Event().wait()
        if conversation.history and self.behaviour == "fails":
            raise RuntimeError("a secret of the model")
        final = bool(conversation.history) and self.behaviour == "is final"
        return Reply(self.question if conversation.history else "First?", is_final=final)

    async def match_processes(self, conversation: Conversation) -> Sequence[dict[str, Any]]:
        """One process; or a failure, or nothing ever."""
        if self.matching == "hangs":
            await asyncio.Event().wait()
        if self.matching == "fails":
            raise RuntimeError("no index")
        return [{"process_id": "p-1", "name": conversation.history[-1].content}]


@pytest.fixture
def interviewer() -> RecordingInterviewer:
    """The interviewer of `recorded`."""
    return RecordingInterviewer()


@pytest.fixture
async def recorded(settings: Settings, interviewer: RecordingInterviewer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that has the recording interviewer."""
    async with another_app(settings, interviewer, interviewer_timeout=0.3) as client:
        yield client


@pytest.fixture(scope="session")
async def stored_password() -> str:
    """PASSWORD as it is stored."""
    return await hashed(PASSWORD)


@pytest.fixture
async def account(database: Transactions, owner: Actor, stored_password: str) -> NewAccount:
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
    await database.writing(add_account, account)
    return account
