"""Questions streamed from a language model to a client over HTTP, and disconnects on both sides."""

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
"""Seconds. The library that sends events checks every half second whether the server is stopping."""


def _body(interview: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": "I buy steel."}


@asynccontextmanager
async def _stream_events(
    client: httpx2.AsyncClient, interview: object, **headers: str
) -> AsyncIterator[AsyncIterator[Event]]:
    """Yield the events of a turn one by one, and close the connection at the end."""
    async with client.stream("POST", CONTINUE, json=_body(interview), headers={**ACCEPT_EVENTS, **headers}) as response:
        assert response.status_code == 200

        async def events() -> AsyncIterator[Event]:
            text = ""
            async for chunk in response.aiter_text():
                text += chunk
                complete, _, text = text.rpartition("\n\n")
                for event in parse_events(f"{complete}\n\n" if complete else ""):
                    yield event

        yield events()


async def test_200_streams_the_question_while_the_model_generates_it(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    model_server.behaviour, model_server.fail_after = "waits", 25
    interview_id = await create_interview(database, owner)

    async with _stream_events(model_client, interview_id) as events:
        first = await anext(events)
        assert not model_server.resume.is_set()
        assert len(await fetch_messages(database, interview_id)) == 1
        model_server.resume.set()
        received = [first] + [event async for event in events]

    assert join_question(received) == REPLY["question"]
    assert len(received) > 3
    assert received[-1].name == "result"
    assert received[-1].json["data"]["question"] == REPLY["question"]
    assert [each["content"] for each in await fetch_messages(database, interview_id)][1:] == [
        "I buy steel.",
        REPLY["question"],
    ]


@pytest.mark.parametrize("failure", ["breaks off", "hangs", "is cut short"])
async def test_an_error_event_and_no_write_if_the_model_fails_after_the_first_part(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, failure: str
) -> None:
    model_server.behaviour, model_server.fail_after = failure, 25
    interview_id = await create_interview(database, owner)

    events = assert_events(await model_client.post(CONTINUE, json=_body(interview_id), headers=ACCEPT_EVENTS))

    assert REPLY["question"].startswith(join_question(events))
    assert (events[-1].name, events[-1].json["code"], events[-1].json["message"]) == (
        "error",
        503,
        "Interviewer unavailable",
    )
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("failure", ["refuses", "says", "hangs", "breaks off", "429", "500"])
async def test_503_as_json_if_the_model_fails_before_the_first_part_and_200_after_it_recovers(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, failure: str
) -> None:
    model_server.behaviour, model_server.text = failure, "no JSON"
    interview_id = await create_interview(database, owner)
    headers = {**ACCEPT_EVENTS, "Idempotency-Key": str(uuid4())}

    assert_interviewer_unavailable(await model_client.post(CONTINUE, json=_body(interview_id), headers=headers))
    assert len(await fetch_messages(database, interview_id)) == 1

    model_server.behaviour = "answers"
    assert (
        assert_events(await model_client.post(CONTINUE, json=_body(interview_id), headers=headers))[-1].name == "result"
    )


async def test_200_if_the_model_fails_once_before_the_first_part(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    model_server.behaviours.append("says")
    interview_id = await create_interview(database, owner)

    events = assert_events(await model_client.post(CONTINUE, json=_body(interview_id), headers=ACCEPT_EVENTS))

    assert join_question(events) == REPLY["question"]
    assert len(model_server.requests) == 2


async def test_a_disconnected_turn_is_not_stored_and_can_be_repeated(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    model_server.behaviour, model_server.fail_after = "hangs", 25
    interview_id = await create_interview(database, owner)
    key = {"Idempotency-Key": str(uuid4())}

    async with _stream_events(model_client, interview_id, **key) as events:
        await anext(events)
    assert await asyncio.to_thread(model_server.disconnected.wait, 2)
    assert len(await fetch_messages(database, interview_id)) == 1

    model_server.behaviour = "answers"
    assert_success(await model_client.post(CONTINUE, json=_body(interview_id), headers=key), CONTINUED)
    assert len(await fetch_messages(database, interview_id)) == 3


@pytest.mark.parametrize("received", range(1, 6))
async def test_a_turn_disconnected_after_any_event_is_stored_completely_or_not_at_all_and_its_key_completes_it(
    model_server: ModelServer, model_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, received: int
) -> None:
    interview_id = await create_interview(database, owner)
    key = {"Idempotency-Key": str(uuid4())}

    async with _stream_events(model_client, interview_id, **key) as events:
        last = [await anext(events) for _ in range(received)][-1]
    messages = await fetch_messages(database, interview_id)
    assert len(messages) in ((3,) if last.name == "result" else (1, 3))

    assert_success(await model_client.post(CONTINUE, json=_body(interview_id), headers=key), CONTINUED)
    assert [each["sequence_number"] for each in await fetch_messages(database, interview_id)] == [1, 2, 3]
    assert (await fetch_interview(database, interview_id))["total_messages"] == 3


async def test_a_stream_is_finished_before_the_service_stops(
    model_server: ModelServer, database: UnitOfWork, database_url: str, key_dir: Path, tmp_path: Path, owner: Actor
) -> None:
    model_server.behaviour, model_server.fail_after = "waits", 25
    interview_id = await create_interview(database, owner)
    environment = {"DATABASE_URL": database_url, "JWT_KEY_DIR": str(key_dir), **model_server.settings()}
    with Service(tmp_path, **environment) as service:
        base_url = f"{service.url}/api/v1"
        async with (
            httpx2.AsyncClient(base_url=base_url, headers=owner.headers(), timeout=TIMEOUT) as client,
            _stream_events(client, interview_id) as events,
        ):
            received = [await anext(events)]
            service.terminate()
            await asyncio.to_thread(_wait_until_closed, service)
            await asyncio.sleep(_NOTICED)
            model_server.resume.set()
            received += [event async for event in events]
        assert await asyncio.to_thread(service.wait) == 0

    assert (received[-1].name, join_question(received)) == ("result", REPLY["question"])
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_no_part_of_a_question_or_answer_is_logged(
    model_server: ModelServer,
    model_client: httpx2.AsyncClient,
    model_service: Service,
    database: UnitOfWork,
    owner: Actor,
) -> None:
    model_server.reply = {"question": "Zinc?", "corrected_response": "Tin, corrected."}
    interview_id = await create_interview(database, owner)

    events = assert_events(await model_client.post(CONTINUE, json=_body(interview_id), headers=ACCEPT_EVENTS))

    assert events[-1].json["data"]["corrected_response"] == "Tin, corrected."
    logged = model_service.log.read_text()
    assert not any(word in logged for word in ("Zinc", "corrected.", "I buy steel"))


def _wait_until_closed(service: Service) -> None:
    while service.is_available("/api/v1/health"):
        pass
