"""POST /interviews/continue with `Accept: text/event-stream`: parts of the question, then the whole envelope."""

import asyncio
import json
from uuid import UUID, uuid4

import httpx2
import pytest

from app.database.transaction import RequestTransaction
from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer, StreamingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_access_denied,
    assert_conflict,
    assert_interview_not_found,
    assert_interviewer_unavailable,
    assert_permission_missing,
    assert_success,
    assert_unauthenticated,
    assert_unsupported_media_type,
    assert_validation_error,
)
from tests.support.clients import open_client
from tests.support.events import ACCEPT_EVENTS, assert_events, join_question
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

CONTINUE = "/interviews/continue"
CONTINUED = "Question generated successfully"


def _body(interview: object, **more: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": "I buy steel from three suppliers.", **more}


async def _continue(client: httpx2.AsyncClient, owner: Actor, interview: object, **headers: str) -> httpx2.Response:
    return await client.post(CONTINUE, json=_body(interview), headers={**owner.headers(), **ACCEPT_EVENTS, **headers})


async def test_200_streams_the_question_in_parts_and_then_the_same_envelope_as_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    streamed, plain = await create_interview(database, owner), await create_interview(database, owner)

    events = assert_events(await _continue(client, owner, streamed))
    response = await client.post(CONTINUE, json=_body(plain), headers=owner.headers())

    assert_success(response, CONTINUED)
    assert events[-1].name == "result"
    assert events[-1].data == response.text.replace(str(plain), str(streamed))
    assert join_question(events) == events[-1].json["data"]["question"]
    assert len(events) > 10
    messages = await fetch_messages(database, streamed)
    assert [each["content"] for each in messages[1:]] == [_body(streamed)["user_response"], join_question(events)]


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=0.9, application/json; q=0.8", True),
        ("text/event-stream, */*", True),
        ("text/event-stream;q=0.5, application/json", False),
        ("application/json, text/event-stream", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=much", True),
        ("text/*", True),
        ("text/*, application/json;q=0.1", True),
        ("no media type", False),
        ("*/*", False),
        ("text/html", False),
        ("", False),
    ],
)
async def test_200_as_events_only_if_accept_prefers_them_to_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, accept: str, streams: bool
) -> None:
    interview_id = await create_interview(database, owner)

    response = await _continue(client, owner, interview_id, Accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream") is streams


async def test_200_in_one_part_if_the_interviewer_does_not_stream(
    recording_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.question = 'data: x\n\nevent: result\r\ndata: {} "ñ" \u2028 🏭'
    interview_id = await create_interview(database, owner)

    events = assert_events(await _continue(recording_client, owner, interview_id))

    assert [event.name for event in events] == ["question", "result"]
    assert join_question(events) == interviewer.question
    assert events[-1].json["data"]["question"] == interviewer.question


async def test_200_completes_the_interview_if_the_question_is_final(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = _body(interview_id, user_response="basta")

    events = assert_events(await client.post(CONTINUE, json=body, headers={**owner.headers(), **ACCEPT_EVENTS}))

    assert events[-1].json["data"]["is_final"] is True
    assert (await fetch_interview(database, interview_id))["status"] == "completed"


async def test_200_is_replayed_for_the_same_key_in_either_format(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    key, headers = {"Idempotency-Key": str(uuid4())}, owner.headers()

    first = await client.post(CONTINUE, json=_body(interview_id), headers={**headers, **ACCEPT_EVENTS, **key})
    again = await client.post(CONTINUE, json=_body(interview_id), headers={**headers, **ACCEPT_EVENTS, **key})
    as_json = await client.post(CONTINUE, json=_body(interview_id), headers={**headers, **key})

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == as_json.headers["idempotent-replayed"] == "true"
    replayed = assert_events(again)
    assert [event.name for event in replayed] == ["question", "result"]
    assert join_question(replayed) == join_question(assert_events(first))
    assert replayed[-1].json == as_json.json() == assert_events(first)[-1].json
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_concurrent_requests_with_one_key_store_one_turn_and_all_receive_it(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    key = str(uuid4())

    responses = await asyncio.gather(
        *(_continue(client, owner, interview_id, **{"Idempotency-Key": key}) for _ in range(10))
    )

    results = {assert_events(response)[-1].data for response in responses}
    assert len(results) == 1
    messages = await fetch_messages(database, interview_id)
    assert [each["sequence_number"] for each in messages] == [1, 2, 3]
    assert json.loads(results.pop())["data"]["question"] == messages[2]["content"]


async def test_an_error_before_the_first_part_is_the_same_response_as_for_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    completed = await create_interview(database, owner, status="completed")
    headers = {**owner.headers(), **ACCEPT_EVENTS}

    assert_unauthenticated(await client.post(CONTINUE, json=_body(interview_id), headers=ACCEPT_EVENTS))
    without = {**owner.headers_without("interviews:create"), **ACCEPT_EVENTS}
    response = await client.post(CONTINUE, json=_body(interview_id), headers=without)
    assert_permission_missing(response, "interviews:create", [p for p in owner.permissions if p != "interviews:create"])
    assert_unsupported_media_type(
        await client.post(CONTINUE, content="x", headers={**headers, "Content-Type": "text/plain"})
    )
    assert_validation_error(
        await client.post(CONTINUE, json=_body("no-uuid"), headers=headers), ("interview_id", "uuid_parsing")
    )
    assert_interview_not_found(await _continue(client, owner, uuid4()))
    assert_access_denied(await _continue(client, owner.stranger(), interview_id))
    assert_conflict(await _continue(client, owner, completed), "Interview is not in progress", "status")
    moved = await client.post(CONTINUE, json=_body(interview_id, question_number=7), headers=headers)
    assert_conflict(moved, "Question is not open", "question_number")
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("behaviour", ["fails", "hangs"])
async def test_503_as_json_if_the_interviewer_fails_before_the_first_part(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    behaviour: str,
) -> None:
    interviewer.behaviour = behaviour
    interview_id = await create_interview(database, owner)

    assert_interviewer_unavailable(await _continue(recording_client, owner, interview_id))
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("parts", [("\0",), ("\ud800",), ("x" * 5001,)])
async def test_503_as_json_if_the_first_part_cannot_be_sent(
    settings: Settings, database: UnitOfWork, owner: Actor, parts: tuple[str, ...]
) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, StreamingInterviewer(parts=parts)) as client:
        assert_interviewer_unavailable(await _continue(client, owner, interview_id))


@pytest.mark.parametrize(
    "interviewer",
    [
        pytest.param(StreamingInterviewer(behaviour="fails"), id="fails"),
        pytest.param(StreamingInterviewer(behaviour="hangs"), id="hangs"),
        pytest.param(StreamingInterviewer(question="Another?"), id="returns another question"),
        pytest.param(StreamingInterviewer(parts=("And", "\0")), id="streams a part that cannot be sent"),
        pytest.param(StreamingInterviewer(parts=("x" * 5000, "x")), id="streams too much"),
        pytest.param(StreamingInterviewer(corrected_response="\0"), id="returns an invalid correction"),
    ],
)
async def test_an_error_event_and_no_write_if_the_interviewer_fails_after_the_first_part(
    settings: Settings, database: UnitOfWork, owner: Actor, interviewer: StreamingInterviewer
) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, interviewer, interviewer_timeout=0.3) as client:
        response = await _continue(client, owner, interview_id)
        events = assert_events(response)

    assert join_question(events)
    assert (events[-1].name, events[-1].json) == (
        "error",
        {
            "status": "error",
            "code": 503,
            "message": "Interviewer unavailable",
            "data": None,
            "errors": [{"field": "interviewer", "error": "No question could be made; nothing was stored, try again"}],
            "meta": {"request_id": response.headers["x-request-id"]},
        },
    )
    assert len(await fetch_messages(database, interview_id)) == 1


async def test_an_error_event_if_another_answer_was_stored_first(
    settings: Settings, client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interviewer = StreamingInterviewer(behaviour="waits")
    interview_id = await create_interview(database, owner)
    async with open_client(settings, interviewer) as slow_client:
        turn = asyncio.create_task(_continue(slow_client, owner, interview_id))
        await interviewer.waiting.wait()
        assert_success(await client.post(CONTINUE, json=_body(interview_id), headers=owner.headers()), CONTINUED)
        interviewer.resume.set()
        events = assert_events(await turn)

    assert (events[-1].name, events[-1].json["code"]) == ("error", 409)
    assert events[-1].json["errors"][0]["field"] == "question_number"
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_an_error_event_if_the_request_times_out(settings: Settings, database: UnitOfWork, owner: Actor) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, StreamingInterviewer(behaviour="hangs"), request_timeout=0.3) as client:
        events = assert_events(await _continue(client, owner, interview_id))

    assert (events[-1].name, events[-1].json["message"]) == ("error", "Request timed out")
    assert len(await fetch_messages(database, interview_id)) == 1


async def test_an_error_event_without_details_for_an_unexpected_error(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.http.endpoints.turns.record_turn", fail)
    interview_id: UUID = await create_interview(database, owner)

    async with open_client(settings) as client:
        response = await _continue(client, owner, interview_id)

    assert assert_events(response)[-1].json["code"] == 500
    assert "secret" not in response.text


async def test_the_result_is_sent_only_after_the_commit(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = RequestTransaction._commit

    async def fail_to_commit(transaction: RequestTransaction) -> str:
        if transaction.writes:
            raise ConnectionResetError
        return await commit(transaction)

    interview_id = await create_interview(database, owner)
    async with open_client(settings, transaction_attempts=1) as client:
        monkeypatch.setattr(RequestTransaction, "_commit", fail_to_commit)
        events = assert_events(await _continue(client, owner, interview_id))
        monkeypatch.undo()

    assert (events[-1].name, events[-1].json["code"]) == ("error", 503)
    assert len(await fetch_messages(database, interview_id)) == 1
