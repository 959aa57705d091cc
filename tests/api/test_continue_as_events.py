"""POST /interviews/continue with `Accept: text/event-stream`: the question as it is made, then the whole answer."""

import asyncio
import json
from uuid import UUID, uuid4

import httpx2
import pytest

from app.database.transaction import RequestTransaction
from app.database.unit_of_work import UnitOfWork
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer, TalkingInterviewer
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


def _turn(interview: object, **more: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": "I buy steel from three suppliers.", **more}


async def _asked(client: httpx2.AsyncClient, owner: Actor, interview: object, **headers: str) -> httpx2.Response:
    return await client.post(CONTINUE, json=_turn(interview), headers={**owner.headers(), **ACCEPT_EVENTS, **headers})


async def test_200_tells_the_question_word_by_word_and_then_the_same_envelope_as_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    spoken, written = await create_interview(database, owner), await create_interview(database, owner)

    events = assert_events(await _asked(client, owner, spoken))
    answer = await client.post(CONTINUE, json=_turn(written), headers=owner.headers())

    assert_success(answer, CONTINUED)
    assert events[-1].name == "result"
    assert events[-1].data == answer.text.replace(str(written), str(spoken))
    assert join_question(events) == events[-1].json["data"]["question"]
    assert len(events) > 10
    messages = await fetch_messages(database, spoken)
    assert [each["content"] for each in messages[1:]] == [_turn(spoken)["user_response"], join_question(events)]


@pytest.mark.parametrize(
    ("accept", "tells"),
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
async def test_200_with_events_only_for_those_who_ask_for_them_rather_than_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, accept: str, tells: bool
) -> None:
    interview_id = await create_interview(database, owner)

    response = await _asked(client, owner, interview_id, Accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream") is tells


async def test_200_is_told_whole_by_an_interviewer_that_tells_no_parts(
    recorded: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.question = 'data: x\n\nevent: result\r\ndata: {} "ñ" \u2028 🏭'
    interview_id = await create_interview(database, owner)

    events = assert_events(await _asked(recorded, owner, interview_id))

    assert [event.name for event in events] == ["question", "result"]
    assert join_question(events) == interviewer.question
    assert events[-1].json["data"]["question"] == interviewer.question


async def test_200_completes_the_interview_when_the_question_is_final(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    body = _turn(interview_id, user_response="basta")

    events = assert_events(await client.post(CONTINUE, json=body, headers={**owner.headers(), **ACCEPT_EVENTS}))

    assert events[-1].json["data"]["is_final"] is True
    assert (await fetch_interview(database, interview_id))["status"] == "completed"


async def test_200_is_given_again_under_the_same_key_whichever_form_was_asked_for_first(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    key, headers = {"Idempotency-Key": str(uuid4())}, owner.headers()

    first = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **ACCEPT_EVENTS, **key})
    again = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **ACCEPT_EVENTS, **key})
    as_json = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **key})

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == as_json.headers["idempotent-replayed"] == "true"
    replayed = assert_events(again)
    assert [event.name for event in replayed] == ["question", "result"]
    assert join_question(replayed) == join_question(assert_events(first))
    assert replayed[-1].json == as_json.json() == assert_events(first)[-1].json
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_200_once_of_many_at_once_under_one_key_and_every_result_is_the_stored_one(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    key = str(uuid4())

    answers = await asyncio.gather(
        *(_asked(client, owner, interview_id, **{"Idempotency-Key": key}) for _ in range(10))
    )

    results = {assert_events(answer)[-1].data for answer in answers}
    assert len(results) == 1
    messages = await fetch_messages(database, interview_id)
    assert [each["sequence_number"] for each in messages] == [1, 2, 3]
    assert json.loads(results.pop())["data"]["question"] == messages[2]["content"]


async def test_refusals_that_are_known_before_the_first_word_are_what_they_are_in_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)
    over = await create_interview(database, owner, status="completed")
    headers = {**owner.headers(), **ACCEPT_EVENTS}

    assert_unauthenticated(await client.post(CONTINUE, json=_turn(interview_id), headers=ACCEPT_EVENTS))
    without = {**owner.headers_without("interviews:create"), **ACCEPT_EVENTS}
    refused = await client.post(CONTINUE, json=_turn(interview_id), headers=without)
    assert_permission_missing(refused, "interviews:create", [p for p in owner.permissions if p != "interviews:create"])
    assert_unsupported_media_type(
        await client.post(CONTINUE, content="x", headers={**headers, "Content-Type": "text/plain"})
    )
    assert_validation_error(
        await client.post(CONTINUE, json=_turn("no-uuid"), headers=headers), ("interview_id", "uuid_parsing")
    )
    assert_interview_not_found(await _asked(client, owner, uuid4()))
    assert_access_denied(await _asked(client, owner.stranger(), interview_id))
    assert_conflict(await _asked(client, owner, over), "Interview is not in progress", "status")
    moved = await client.post(CONTINUE, json=_turn(interview_id, question_number=7), headers=headers)
    assert_conflict(moved, "Question is not open", "question_number")
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("behaviour", ["fails", "hangs"])
async def test_503_as_json_when_the_interviewer_fails_before_its_first_word(
    recorded: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    behaviour: str,
) -> None:
    interviewer.behaviour = behaviour
    interview_id = await create_interview(database, owner)

    assert_interviewer_unavailable(await _asked(recorded, owner, interview_id))
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("parts", [("\0",), ("\ud800",), ("x" * 5001,)])
async def test_503_as_json_when_the_first_part_cannot_be_sent(
    settings: Settings, database: UnitOfWork, owner: Actor, parts: tuple[str, ...]
) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, TalkingInterviewer(parts=parts)) as client:
        assert_interviewer_unavailable(await _asked(client, owner, interview_id))


@pytest.mark.parametrize(
    "interviewer",
    [
        pytest.param(TalkingInterviewer(behaviour="fails"), id="fails"),
        pytest.param(TalkingInterviewer(behaviour="hangs"), id="hangs"),
        pytest.param(TalkingInterviewer(question="Another?"), id="asks something else"),
        pytest.param(TalkingInterviewer(parts=("And", "\0")), id="says what cannot be sent"),
        pytest.param(TalkingInterviewer(parts=("x" * 5000, "x")), id="talks for too long"),
        pytest.param(TalkingInterviewer(corrected="\0"), id="is no use in the end"),
    ],
)
async def test_an_error_event_and_nothing_written_when_the_interviewer_fails_half_way(
    settings: Settings, database: UnitOfWork, owner: Actor, interviewer: TalkingInterviewer
) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, interviewer, interviewer_timeout=0.3) as client:
        response = await _asked(client, owner, interview_id)
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


async def test_an_error_event_when_another_answer_came_first(
    settings: Settings, client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interviewer = TalkingInterviewer(behaviour="waits")
    interview_id = await create_interview(database, owner)
    async with open_client(settings, interviewer) as slow:
        turn = asyncio.create_task(_asked(slow, owner, interview_id))
        await interviewer.asked.wait()
        assert_success(await client.post(CONTINUE, json=_turn(interview_id), headers=owner.headers()), CONTINUED)
        interviewer.may_answer.set()
        events = assert_events(await turn)

    assert (events[-1].name, events[-1].json["code"]) == ("error", 409)
    assert events[-1].json["errors"][0]["field"] == "question_number"
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_an_error_event_when_the_whole_request_takes_too_long(
    settings: Settings, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner)

    async with open_client(settings, TalkingInterviewer(behaviour="hangs"), request_timeout=0.3) as client:
        events = assert_events(await _asked(client, owner, interview_id))

    assert (events[-1].name, events[-1].json["message"]) == ("error", "Request timed out")
    assert len(await fetch_messages(database, interview_id)) == 1


async def test_an_error_event_that_tells_nothing_when_something_unexpected_happens(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.http.endpoints.turns.record_turn", fail)
    interview_id: UUID = await create_interview(database, owner)

    async with open_client(settings) as client:
        response = await _asked(client, owner, interview_id)

    assert assert_events(response)[-1].json["code"] == 500
    assert "secret" not in response.text


async def test_the_result_is_told_only_after_the_commit(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = RequestTransaction._commit

    async def lost(transaction: RequestTransaction) -> str:
        if transaction.writes:
            raise ConnectionResetError
        return await commit(transaction)

    interview_id = await create_interview(database, owner)
    async with open_client(settings, transaction_attempts=1) as client:
        monkeypatch.setattr(RequestTransaction, "_commit", lost)
        events = assert_events(await _asked(client, owner, interview_id))
        monkeypatch.undo()

    assert (events[-1].name, events[-1].json["code"]) == ("error", 503)
    assert len(await fetch_messages(database, interview_id)) == 1
