"""Turns with the peculiarities of Ollama, vLLM and similar servers, over HTTP on both sides."""

import json

import httpx2
import pytest

from tests.support.assertions import assert_interviewer_unavailable, assert_success
from tests.support.model_dialects import ERRORS, FAILED, QUESTION, SECRET, UNDERSTOOD, Dialect
from tests.support.model_server import KEY, ModelServer
from tests.support.service import Service

pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")

CONTINUE = "/interviews/continue"
EVENTS = {"Accept": "text/event-stream"}


async def _start(client: httpx2.AsyncClient) -> dict[str, str]:
    response = await client.post("/interviews/start", json={"language": "en"})
    return {"interview_id": response.json()["data"]["interview_id"], "user_response": "I buy steel."}


async def _stored(client: httpx2.AsyncClient, interview_id: str) -> list[str]:
    response = await client.get(f"/interviews/{interview_id}")
    return [message["content"] for message in response.json()["data"]["messages"]]


def _speak(model_server: ModelServer, dialect: Dialect) -> None:
    model_server.behaviour, model_server.body, model_server.events = "sends", dialect.body(), dialect.events()


@pytest.mark.parametrize("name", UNDERSTOOD)
async def test_200_with_the_question_and_without_the_thoughts(
    model_server: ModelServer, model_client: httpx2.AsyncClient, name: str
) -> None:
    body = await _start(model_client)
    _speak(model_server, UNDERSTOOD[name])

    response = await model_client.post(CONTINUE, json=body)

    data, _ = assert_success(response, "Question generated successfully")
    assert (data["question"], data["corrected_response"]) == (QUESTION, None)
    assert (await _stored(model_client, body["interview_id"]))[2:] == [QUESTION]


@pytest.mark.parametrize("name", UNDERSTOOD)
async def test_200_with_the_question_in_parts_and_without_the_thoughts(
    model_server: ModelServer, model_client: httpx2.AsyncClient, name: str
) -> None:
    body = await _start(model_client)
    _speak(model_server, UNDERSTOOD[name])

    response = await model_client.post(CONTINUE, json=body, headers=EVENTS)

    assert SECRET not in response.text
    events = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    parts = [event["delta"] for event in map(json.loads, events) if "delta" in event]
    assert "".join(parts) == QUESTION
    assert (await _stored(model_client, body["interview_id"]))[2:] == [QUESTION]


@pytest.mark.parametrize("headers", [{}, EVENTS], ids=["whole", "in parts"])
@pytest.mark.parametrize("name", FAILED)
async def test_503_without_the_thoughts_if_the_reply_has_no_question(
    model_server: ModelServer, model_client: httpx2.AsyncClient, name: str, headers: dict[str, str]
) -> None:
    body = await _start(model_client)
    _speak(model_server, FAILED[name])

    response = await model_client.post(CONTINUE, json=body, headers=headers)

    assert_interviewer_unavailable(response)
    assert SECRET not in response.text
    assert len(await _stored(model_client, body["interview_id"])) == 1


@pytest.mark.parametrize("headers", [{}, EVENTS], ids=["whole", "in parts"])
@pytest.mark.parametrize("name", ERRORS)
async def test_503_after_an_error_of_the_server(
    model_server: ModelServer,
    model_client: httpx2.AsyncClient,
    model_service: Service,
    name: str,
    headers: dict[str, str],
) -> None:
    body = await _start(model_client)
    status, text = ERRORS[name]
    model_server.behaviour, model_server.status, model_server.body = "sends", status, text.encode()
    model_server.events = [f"data: {text}\n\n".encode(), b"data: [DONE]\n\n"]
    size = model_service.log.stat().st_size

    assert_interviewer_unavailable(await model_client.post(CONTINUE, json=body, headers=headers))

    logged = model_service.log.read_bytes()[size:].decode()
    assert "interviewer_failed" in logged
    assert not any(word in logged for word in (KEY, "Traceback", "steel"))


async def test_an_error_event_if_the_server_fails_after_the_first_parts(
    model_server: ModelServer, model_client: httpx2.AsyncClient
) -> None:
    body = await _start(model_client)
    _speak(model_server, UNDERSTOOD["plain"])
    error = b'data: {"error": {"message": "out of memory", "type": "InternalServerError", "code": 500}}\n\n'
    model_server.events = [*model_server.events[:15], error]

    response = await model_client.post(CONTINUE, json=body, headers=EVENTS)

    assert "event: error" in response.text
    assert "out of memory" not in response.text
    assert len(await _stored(model_client, body["interview_id"])) == 1
