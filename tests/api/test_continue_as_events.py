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
from tests.support import assertions as then
from tests.support.actors import Actor
from tests.support.clients import another_app
from tests.support.events import EVENTS, events_of, question_of
from tests.support.givens import given_interview, stored_interview, stored_messages

CONTINUE = "/interviews/continue"
CONTINUED = "Question generated successfully"


def _turn(interview: object, **more: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": "I buy steel from three suppliers.", **more}


async def _asked(client: httpx2.AsyncClient, owner: Actor, interview: object, **headers: str) -> httpx2.Response:
    return await client.post(CONTINUE, json=_turn(interview), headers={**owner.headers(), **EVENTS, **headers})


async def test_200_tells_the_question_word_by_word_and_then_the_same_envelope_as_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    spoken, written = await given_interview(database, owner), await given_interview(database, owner)

    events = events_of(await _asked(client, owner, spoken))
    answer = await client.post(CONTINUE, json=_turn(written), headers=owner.headers())

    then.succeeded(answer, CONTINUED)
    assert events[-1].name == "result"
    assert events[-1].data == answer.text.replace(str(written), str(spoken))
    assert question_of(events) == events[-1].json["data"]["question"]
    assert len(events) > 10
    messages = await stored_messages(database, spoken)
    assert [each["content"] for each in messages[1:]] == [_turn(spoken)["user_response"], question_of(events)]


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
    interview_id = await given_interview(database, owner)

    response = await _asked(client, owner, interview_id, Accept=accept)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream") is tells


async def test_200_is_told_whole_by_an_interviewer_that_tells_no_parts(
    recorded: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.question = 'data: x\n\nevent: result\r\ndata: {} "ñ" \u2028 🏭'
    interview_id = await given_interview(database, owner)

    events = events_of(await _asked(recorded, owner, interview_id))

    assert [event.name for event in events] == ["question", "result"]
    assert question_of(events) == interviewer.question
    assert events[-1].json["data"]["question"] == interviewer.question


async def test_200_completes_the_interview_when_the_question_is_final(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await given_interview(database, owner)
    body = _turn(interview_id, user_response="basta")

    events = events_of(await client.post(CONTINUE, json=body, headers={**owner.headers(), **EVENTS}))

    assert events[-1].json["data"]["is_final"] is True
    assert (await stored_interview(database, interview_id))["status"] == "completed"


async def test_200_is_given_again_under_the_same_key_whichever_form_was_asked_for_first(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await given_interview(database, owner)
    key, headers = {"Idempotency-Key": str(uuid4())}, owner.headers()

    first = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **EVENTS, **key})
    again = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **EVENTS, **key})
    as_json = await client.post(CONTINUE, json=_turn(interview_id), headers={**headers, **key})

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == as_json.headers["idempotent-replayed"] == "true"
    replayed = events_of(again)
    assert [event.name for event in replayed] == ["question", "result"]
    assert question_of(replayed) == question_of(events_of(first))
    assert replayed[-1].json == as_json.json() == events_of(first)[-1].json
    assert len(await stored_messages(database, interview_id)) == 3


async def test_200_once_of_many_at_once_under_one_key_and_every_result_is_the_stored_one(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await given_interview(database, owner)
    key = str(uuid4())

    answers = await asyncio.gather(
        *(_asked(client, owner, interview_id, **{"Idempotency-Key": key}) for _ in range(10))
    )

    results = {events_of(answer)[-1].data for answer in answers}
    assert len(results) == 1
    messages = await stored_messages(database, interview_id)
    assert [each["sequence_number"] for each in messages] == [1, 2, 3]
    assert json.loads(results.pop())["data"]["question"] == messages[2]["content"]


async def test_refusals_that_are_known_before_the_first_word_are_what_they_are_in_json(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await given_interview(database, owner)
    over = await given_interview(database, owner, status="completed")
    headers = {**owner.headers(), **EVENTS}

    then.unauthenticated(await client.post(CONTINUE, json=_turn(interview_id), headers=EVENTS))
    without = {**owner.without("interviews:create"), **EVENTS}
    refused = await client.post(CONTINUE, json=_turn(interview_id), headers=without)
    then.lacks_permission(refused, "interviews:create", [p for p in owner.permissions if p != "interviews:create"])
    then.unsupported(await client.post(CONTINUE, content="x", headers={**headers, "Content-Type": "text/plain"}))
    then.invalid(await client.post(CONTINUE, json=_turn("no-uuid"), headers=headers), ("interview_id", "uuid_parsing"))
    then.interview_not_found(await _asked(client, owner, uuid4()))
    then.access_denied(await _asked(client, owner.stranger(), interview_id))
    then.conflicts(await _asked(client, owner, over), "Interview is not in progress", "status")
    moved = await client.post(CONTINUE, json=_turn(interview_id, question_number=7), headers=headers)
    then.conflicts(moved, "Question is not open", "question_number")
    assert len(await stored_messages(database, interview_id)) == 1


@pytest.mark.parametrize("behaviour", ["fails", "hangs"])
async def test_503_as_json_when_the_interviewer_fails_before_its_first_word(
    recorded: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    behaviour: str,
) -> None:
    interviewer.behaviour = behaviour
    interview_id = await given_interview(database, owner)

    then.interviewer_unavailable(await _asked(recorded, owner, interview_id))
    assert len(await stored_messages(database, interview_id)) == 1


@pytest.mark.parametrize("parts", [("\0",), ("\ud800",), ("x" * 5001,)])
async def test_503_as_json_when_the_first_part_cannot_be_sent(
    settings: Settings, database: UnitOfWork, owner: Actor, parts: tuple[str, ...]
) -> None:
    interview_id = await given_interview(database, owner)

    async with another_app(settings, TalkingInterviewer(parts=parts)) as client:
        then.interviewer_unavailable(await _asked(client, owner, interview_id))


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
    interview_id = await given_interview(database, owner)

    async with another_app(settings, interviewer, interviewer_timeout=0.3) as client:
        response = await _asked(client, owner, interview_id)
        events = events_of(response)

    assert question_of(events)
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
    assert len(await stored_messages(database, interview_id)) == 1


async def test_an_error_event_when_another_answer_came_first(
    settings: Settings, client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interviewer = TalkingInterviewer(behaviour="waits")
    interview_id = await given_interview(database, owner)
    async with another_app(settings, interviewer) as slow:
        turn = asyncio.create_task(_asked(slow, owner, interview_id))
        await interviewer.asked.wait()
        then.succeeded(await client.post(CONTINUE, json=_turn(interview_id), headers=owner.headers()), CONTINUED)
        interviewer.may_answer.set()
        events = events_of(await turn)

    assert (events[-1].name, events[-1].json["code"]) == ("error", 409)
    assert events[-1].json["errors"][0]["field"] == "question_number"
    assert len(await stored_messages(database, interview_id)) == 3


async def test_an_error_event_when_the_whole_request_takes_too_long(
    settings: Settings, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await given_interview(database, owner)

    async with another_app(settings, TalkingInterviewer(behaviour="hangs"), request_timeout=0.3) as client:
        events = events_of(await _asked(client, owner, interview_id))

    assert (events[-1].name, events[-1].json["message"]) == ("error", "Request timed out")
    assert len(await stored_messages(database, interview_id)) == 1


async def test_an_error_event_that_tells_nothing_when_something_unexpected_happens(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.http.endpoints.turns.record_turn", fail)
    interview_id: UUID = await given_interview(database, owner)

    async with another_app(settings) as client:
        response = await _asked(client, owner, interview_id)

    assert events_of(response)[-1].json["code"] == 500
    assert "secret" not in response.text


async def test_the_result_is_told_only_after_the_commit(
    settings: Settings, database: UnitOfWork, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = RequestTransaction._commit

    async def lost(transaction: RequestTransaction) -> str:
        if transaction.writes:
            raise ConnectionResetError
        return await commit(transaction)

    interview_id = await given_interview(database, owner)
    async with another_app(settings, transaction_attempts=1) as client:
        monkeypatch.setattr(RequestTransaction, "_commit", lost)
        events = events_of(await _asked(client, owner, interview_id))
        monkeypatch.undo()

    assert (events[-1].name, events[-1].json["code"]) == ("error", 503)
    assert len(await stored_messages(database, interview_id)) == 1
