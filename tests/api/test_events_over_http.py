"""A question told while a language model makes it, over real HTTP on both sides; clients and models that leave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.support.actors import Actor
from tests.support.assertions import assert_interviewer_unavailable, assert_success
from tests.support.events import ACCEPT_EVENTS, Event, assert_events, join_question, parse_events
from tests.support.interviews import create_interview, fetch_interview, fetch_messages
from tests.support.model_server import REPLY, ModelServer
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")

CONTINUE = "/interviews/continue"
CONTINUED = "Question generated successfully"

_NOTICED = 1.2
"""Seconds. The library that sends events looks every half second whether the server is stopping, and tells nobody."""


def _turn(interview: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": "I buy steel."}


@asynccontextmanager
async def _listening(
    client: httpx2.AsyncClient, interview: object, **headers: str
) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of a turn, one by one; the connection is closed at the end."""
    async with client.stream("POST", CONTINUE, json=_turn(interview), headers={**ACCEPT_EVENTS, **headers}) as response:
        assert response.status_code == 200

        async def events() -> AsyncIterator[Event]:
            text = ""
            async for chunk in response.aiter_text():
                text += chunk
                whole, _, text = text.rpartition("\n\n")
                for event in parse_events(f"{whole}\n\n" if whole else ""):
                    yield event

        yield events()


async def test_200_tells_the_question_while_the_model_still_makes_it(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    server.behaviour, server.fail_after = "waits", 25
    interview_id = await create_interview(database, owner)

    async with _listening(modelled, interview_id) as events:
        first = await anext(events)
        assert not server.resume.is_set()
        assert len(await fetch_messages(database, interview_id)) == 1
        server.resume.set()
        heard = [first] + [event async for event in events]

    assert join_question(heard) == REPLY["question"]
    assert len(heard) > 3
    assert heard[-1].name == "result"
    assert heard[-1].json["data"]["question"] == REPLY["question"]
    assert [each["content"] for each in await fetch_messages(database, interview_id)][1:] == [
        "I buy steel.",
        REPLY["question"],
    ]


@pytest.mark.parametrize("failure", ["breaks off", "hangs", "is cut short"])
async def test_an_error_event_and_nothing_written_when_the_model_fails_half_way(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, failure: str
) -> None:
    server.behaviour, server.fail_after = failure, 25
    interview_id = await create_interview(database, owner)

    events = assert_events(await modelled.post(CONTINUE, json=_turn(interview_id), headers=ACCEPT_EVENTS))

    assert REPLY["question"].startswith(join_question(events))
    assert (events[-1].name, events[-1].json["code"], events[-1].json["message"]) == (
        "error",
        503,
        "Interviewer unavailable",
    )
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("failure", ["refuses", "says", "hangs", "breaks off", "429", "500"])
async def test_503_as_json_when_the_model_fails_before_its_first_word_and_200_once_it_is_back(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, failure: str
) -> None:
    server.behaviour, server.text = failure, "no JSON"
    interview_id = await create_interview(database, owner)
    headers = {**ACCEPT_EVENTS, "Idempotency-Key": str(uuid4())}

    assert_interviewer_unavailable(await modelled.post(CONTINUE, json=_turn(interview_id), headers=headers))
    assert len(await fetch_messages(database, interview_id)) == 1

    server.behaviour = "answers"
    assert assert_events(await modelled.post(CONTINUE, json=_turn(interview_id), headers=headers))[-1].name == "result"


async def test_200_when_the_model_fails_once_before_its_first_word(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    server.behaviours.append("says")
    interview_id = await create_interview(database, owner)

    events = assert_events(await modelled.post(CONTINUE, json=_turn(interview_id), headers=ACCEPT_EVENTS))

    assert join_question(events) == REPLY["question"]
    assert len(server.requests) == 2


async def test_a_client_that_leaves_half_way_leaves_nothing_behind_and_may_ask_again(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    server.behaviour, server.fail_after = "hangs", 25
    interview_id = await create_interview(database, owner)
    key = {"Idempotency-Key": str(uuid4())}

    async with _listening(modelled, interview_id, **key) as events:
        await anext(events)
    assert await asyncio.to_thread(server.disconnected.wait, 2)
    assert len(await fetch_messages(database, interview_id)) == 1

    server.behaviour = "answers"
    assert_success(await modelled.post(CONTINUE, json=_turn(interview_id), headers=key), CONTINUED)
    assert len(await fetch_messages(database, interview_id)) == 3


@pytest.mark.parametrize("heard", range(1, 6))
async def test_a_client_that_leaves_at_any_event_finds_the_turn_whole_or_not_at_all_and_the_key_completes_it(
    server: ModelServer, modelled: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, heard: int
) -> None:
    interview_id = await create_interview(database, owner)
    key = {"Idempotency-Key": str(uuid4())}

    async with _listening(modelled, interview_id, **key) as events:
        last = [await anext(events) for _ in range(heard)][-1]
    messages = await fetch_messages(database, interview_id)
    assert len(messages) in ((3,) if last.name == "result" else (1, 3))

    assert_success(await modelled.post(CONTINUE, json=_turn(interview_id), headers=key), CONTINUED)
    assert [each["sequence_number"] for each in await fetch_messages(database, interview_id)] == [1, 2, 3]
    assert (await fetch_interview(database, interview_id))["total_messages"] == 3


async def test_a_question_that_is_being_told_is_told_to_its_end_when_the_service_is_stopped(
    server: ModelServer, database: UnitOfWork, database_url: str, key_dir: Path, tmp_path: Path, owner: Actor
) -> None:
    server.behaviour, server.fail_after = "waits", 25
    interview_id = await create_interview(database, owner)
    environment = {"DATABASE_URL": database_url, "JWT_KEY_DIR": str(key_dir), **server.settings()}
    with Service(tmp_path, **environment) as service:
        base_url = f"{service.url}/api/v1"
        async with (
            httpx2.AsyncClient(base_url=base_url, headers=owner.headers(), timeout=TIMEOUT) as client,
            _listening(client, interview_id) as events,
        ):
            heard = [await anext(events)]
            service.terminate()
            await asyncio.to_thread(_until_refused, service)
            await asyncio.sleep(_NOTICED)
            server.resume.set()
            heard += [event async for event in events]
        assert await asyncio.to_thread(service.wait) == 0

    assert (heard[-1].name, join_question(heard)) == ("result", REPLY["question"])
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_nothing_that_was_told_is_logged(
    server: ModelServer, modelled: httpx2.AsyncClient, model_service: Service, database: UnitOfWork, owner: Actor
) -> None:
    server.reply = {"question": "Zinc?", "corrected_response": "Tin, mended."}
    interview_id = await create_interview(database, owner)

    events = assert_events(await modelled.post(CONTINUE, json=_turn(interview_id), headers=ACCEPT_EVENTS))

    assert events[-1].json["data"]["corrected_response"] == "Tin, mended."
    logged = model_service.log.read_text()
    assert not any(word in logged for word in ("Zinc", "mended", "I buy steel"))


def _until_refused(service: Service) -> None:
    while service.is_available("/api/v1/health"):
        pass
