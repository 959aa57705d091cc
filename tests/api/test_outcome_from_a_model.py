"""GET /interviews/{interview_id}/outcome of a service with a language model, over HTTP on both sides."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.support.assertions import assert_success
from tests.support.contract import check_response
from tests.support.model_server import KEY, ModelServer
from tests.support.service import Service

pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")

ROLE = "I am a buyer at a machine builder."
WORK = "The request comes by mail; I compare the offers in “Excel” and place the order. It is far too slow."
STOP = "Can we stop here please, I have a meeting"
FINDINGS = {
    "role": [{"text": "a buyer at a machine builder", "messages": [2]}],
    "trigger": [{"text": "the request comes by mail", "messages": [4]}],
    "steps": [
        {"text": "I compare the offers in Excel", "messages": [4], "process": None},
        {"text": "place the order", "messages": [4], "process": "Purchasing"},
    ],
    "systems": [{"text": "excel", "messages": [4, 2, 99]}],
    "pains": [{"text": "It is far too slow", "messages": [4]}],
}
OUTCOME = {
    "role": [{"text": "A buyer at a machine builder", "messages": [2]}],
    "trigger": [{"text": "The request comes by mail", "messages": [4]}],
    "steps": [
        {"number": 1, "text": "I compare the offers in “Excel", "process": None, "messages": [4]},
        {"number": 2, "text": "Place the order", "process": None, "messages": [4]},
    ],
    "systems": [{"text": "Excel", "messages": [4]}],
    "pains": [{"text": "It is far too slow", "messages": [4]}],
}
INVENTED = {
    "a string that was not said": {"text": "I check the stock", "messages": [4]},
    "a string of another message": {"text": "a buyer", "messages": [4]},
    "a message of the interviewer": {"text": "What do you do all day?", "messages": [1]},
    "a message that does not exist": {"text": "a buyer", "messages": [99, 0, -2]},
    "no message": {"text": "a buyer", "messages": []},
    "a part of a word": {"text": "buy", "messages": [2]},
    "no words": {"text": "…", "messages": [2]},
    "words in another order": {"text": "machine a builder", "messages": [2]},
}


async def _hold_interview(client: httpx2.AsyncClient, *answers: str) -> str:
    response = await client.post("/interviews/start", json={"language": "en"})
    interview_id: str = response.json()["data"]["interview_id"]
    for answer in answers:
        body = {"interview_id": interview_id, "user_response": answer}
        assert (await client.post("/interviews/continue", json=body)).status_code == 200
    return interview_id


async def _read(client: httpx2.AsyncClient, interview_id: str) -> dict[str, Any]:
    response = await client.get(f"/interviews/{interview_id}/outcome")
    check_response(response)
    data, _ = assert_success(response, "Outcome retrieved successfully")
    return dict(data)


async def test_200_with_the_quotes_that_the_model_finds_after_one_request(
    model_server: ModelServer, model_client: httpx2.AsyncClient
) -> None:
    interview_id = await _hold_interview(model_client, ROLE, WORK, STOP)
    model_server.requests.clear()
    model_server.reply = FINDINGS

    outcome = await _read(model_client, interview_id)

    assert {section: outcome[section] for section in OUTCOME} == OUTCOME
    assert outcome["user_stories"][0]["text"].startswith("As a buyer at a machine builder,")
    assert {"text": "Exceptions: not asked", "messages": []} in outcome["open_points"]
    assert not any(point["text"].startswith("What sets it off") for point in outcome["open_points"])
    assert await _read(model_client, interview_id) == outcome
    export = await model_client.post("/interviews/export", json={"interview_id": interview_id})
    assert export.json()["data"]["outcome"] == outcome
    (request,) = model_server.requests
    assert ROLE in request["messages"][-1]["content"]


async def test_an_item_that_quotes_no_answer_is_dropped(
    model_server: ModelServer, model_client: httpx2.AsyncClient, model_service: Service
) -> None:
    interview_id = await _hold_interview(model_client, ROLE, WORK, STOP)
    model_server.reply = {**FINDINGS, "wishes": list(INVENTED.values()), "people": list(INVENTED.values())}

    outcome = await _read(model_client, interview_id)

    assert {section: outcome[section] for section in OUTCOME} == OUTCOME
    assert (outcome["wishes"], outcome["people"]) == ([], [])
    assert f'"dropped":{2 * len(INVENTED)}' in model_service.log.read_text()


async def test_200_from_the_guide_without_the_model_before_the_interview_is_completed(
    model_server: ModelServer, model_client: httpx2.AsyncClient
) -> None:
    interview_id = await _hold_interview(model_client, ROLE)
    model_server.requests.clear()

    outcome = await _read(model_client, interview_id)

    assert outcome["role"] == [{"text": ROLE, "messages": [2]}]
    assert model_server.requests == []


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        ("says", "no JSON"),
        ("says", '{"role": 7}'),
        ("says", '{"role": [{"text": "I invent this", "messages": [2]}]}'),
        ("says", "{}"),
        ("refuses", ""),
        ("is cut short", ""),
        ("hangs", ""),
        ("breaks off", ""),
        ("is huge", ""),
        ("401", ""),
        ("429", ""),
        ("500", ""),
    ],
)
async def test_200_from_the_guide_if_the_model_fails(
    model_server: ModelServer, model_client: httpx2.AsyncClient, model_service: Service, behaviour: str, text: str
) -> None:
    interview_id = await _hold_interview(model_client, ROLE, WORK, STOP)
    model_server.behaviour, model_server.text = behaviour, text
    size = model_service.log.stat().st_size

    outcome = await _read(model_client, interview_id)

    assert outcome["open_points"]
    requests = len(model_server.requests)
    assert await _read(model_client, interview_id) == outcome
    assert len(model_server.requests) == requests
    logged = model_service.log.read_bytes()[size:].decode()
    assert "outcome_not_extracted" in logged
    assert not any(secret in logged for secret in (KEY, "invent", "buyer"))


async def test_reads_at_the_same_time_ask_the_model_once(
    model_server: ModelServer, model_client: httpx2.AsyncClient
) -> None:
    interview_id = await _hold_interview(model_client, ROLE, WORK, STOP)
    model_server.requests.clear()
    model_server.reply = FINDINGS

    first, *others = await asyncio.gather(*(_read(model_client, interview_id) for _ in range(5)))

    assert first["role"] == OUTCOME["role"]
    assert others == [first] * 4
    assert len(model_server.requests) == 1
