"""Invalid replies of an interviewer: a turn is either stored completely, or a 503 and not stored."""

import asyncio
from typing import Any

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from app.interviewer.protocol import Reply
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_interviewer_unavailable, assert_success
from tests.support.clients import open_client
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

CONTINUE = "/interviews/continue"
CONTINUED = "Question generated successfully"

INVALID_REPLIES: dict[str, Any] = {
    "no reply": None,
    "a string": "And then?",
    "a question that is a number": Reply(7),
    "a question that is bytes": Reply(b"And then?"),
    "no question": Reply(None),
    "is_final is a string": Reply("?", is_final="no"),
    "a correction that is a number": Reply("?", corrected_response=7),
    "a correction with NUL": Reply("?", corrected_response="a\0"),
    "a correction with a lone surrogate": Reply("?", corrected_response="\ud800"),
}


@pytest.mark.parametrize("reply_name", INVALID_REPLIES)
async def test_503_and_no_write_if_the_reply_is_invalid(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    monkeypatch: pytest.MonkeyPatch,
    reply_name: str,
) -> None:
    async def reply(_: object) -> Any:
        return INVALID_REPLIES[reply_name]

    monkeypatch.setattr(interviewer, "reply", reply)
    interview_id = await create_interview(database, owner)
    before = await fetch_interview(database, interview_id)

    response = await recording_client.post(
        CONTINUE, json={"interview_id": str(interview_id), "user_response": "x"}, headers=owner.headers()
    )

    assert_interviewer_unavailable(response)
    assert len(await fetch_messages(database, interview_id)) == 1
    assert await fetch_interview(database, interview_id) == before


@pytest.mark.parametrize("matches", [None, 7, [7], ["text"], [object()], [{"name": "\ud800"}], [{"name": object()}]])
async def test_200_without_process_matches_if_they_are_invalid(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    monkeypatch: pytest.MonkeyPatch,
    matches: Any,
) -> None:
    async def match_processes(_: object) -> Any:
        return matches

    monkeypatch.setattr(interviewer, "match_processes", match_processes)
    interviewer.matches_processes = True
    interview_id = await create_interview(database, owner)

    response = await recording_client.post(
        CONTINUE, json={"interview_id": str(interview_id), "user_response": "x"}, headers=owner.headers()
    )

    assert assert_success(response, CONTINUED)[0]["process_matches"] == []
    assert len(await fetch_messages(database, interview_id)) == 3


@pytest.mark.parametrize("question", ["?", "ñ" * 5000, "two\nlines\tand \x01"])
async def test_200_for_an_unusual_but_valid_question(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    question: str,
) -> None:
    interviewer.question, interviewer.corrected_response = question, "corrected"
    interview_id = await create_interview(database, owner)

    response = await recording_client.post(
        CONTINUE, json={"interview_id": str(interview_id), "user_response": "x"}, headers=owner.headers()
    )

    data, _ = assert_success(response, CONTINUED)
    assert (data["question"], data["corrected_response"]) == (question, "corrected")
    assert (await fetch_messages(database, interview_id))[2]["content"] == question


async def test_200_for_other_requests_during_a_turn_even_with_one_connection(
    settings: Settings, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.behaviour = "waits"
    interview_id = await create_interview(database, owner)
    headers = owner.headers()
    async with open_client(settings, interviewer, pool_max_size=1) as client:
        body = {"interview_id": str(interview_id), "user_response": "x"}
        turn = asyncio.create_task(client.post(CONTINUE, json=body, headers=headers))
        await interviewer.waiting.wait()

        responses = [
            await client.get("/health"),
            await client.get("/interviews", headers=headers),
            await client.get(f"/interviews/{interview_id}", headers=headers),
            await client.patch(f"/interviews/{interview_id}", json={"status": "in_progress"}, headers=headers),
        ]
        assert not turn.done()
        interviewer.resume.set()

    assert [response.status_code for response in responses] == [200, 200, 200, 200]
    assert (await turn).status_code == 200
