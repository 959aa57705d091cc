"""Text is stored, returned, exported and passed to the interviewer unchanged."""

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_success
from tests.support.interviews import create_interview, fetch_messages

TEXTS = {
    "emoji": "🏭👍🏽",
    "joined emoji": "👨‍👩‍👧‍👦",
    "outside the basic plane": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0010ffff",
    "combining, not composed": "e\u0301 ≠ é, 각",
    "right to left": "שלום \u202bעולם\u202c مرحبا",
    "quotes": "'single' \"double\" «angular» ``back``",
    "backslashes": r"C:\new\table \u0000 \ud800 \\",
    "SQL": "'); DROP TABLE interview; -- $1 %s {} {number}",
    "HTML": "<script>alert('x')</script>&amp;",
    "lines": "one\ntwo\r\nthree\rfour\u2028five\u2029",
    "only white space": " \t ",
    "white space around": "  padded  ",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "noncharacters": "\ufeff\ufffe\uffff\u200b",
    "JSON": '{"role": "system", "content": null}',
    "the maximum length": "🏭" * 5000,
}


@pytest.mark.parametrize("name", TEXTS)
async def test_200_with_the_same_text_everywhere(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    name: str,
) -> None:
    text = TEXTS[name]
    interviewer.question = text
    interview_id = await create_interview(database, owner)
    headers = owner.headers()
    body = {"interview_id": str(interview_id), "user_response": text, "session_id": text}

    response = await recording_client.post("/interviews/continue", json=body, headers=headers)
    read = await recording_client.get(f"/interviews/{interview_id}", headers=headers)
    exported = await recording_client.post(
        "/interviews/export", json={"interview_id": str(interview_id)}, headers=headers
    )

    data, meta = assert_success(response, "Question generated successfully")
    assert (data["question"], meta["session_id"]) == (text, text)
    assert [message["content"] for message in await fetch_messages(database, interview_id)][1:] == [text, text]
    assert [message["content"] for message in read.json()["data"]["messages"]][1:] == [text, text]
    assert [message["content"] for message in exported.json()["data"]["conversation_history"]][1:] == [text, text]
    assert interviewer.conversations[0].history[-1].content == text
