"""POST /interviews/continue: one test per status and reason (requirement 5)."""

from uuid import UUID, uuid4

import httpx2
import pytest

from app.database.unit_of_work import UnitOfWork
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_error,
    assert_interview_not_found,
    assert_method_not_allowed,
    assert_permission_missing,
    assert_success,
    assert_validation_error,
)
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

CONTINUE = "/interviews/continue"
CONTINUED = "Question generated successfully"
TEXT = 'Compro acero «especial» 🏭 para la fábrica: שלום, e\u0301, \u200d, "quotes" \\ and\na line'


def _body(interview: object, **more: object) -> dict[str, object]:
    return {"interview_id": str(interview), "user_response": TEXT, **more}


async def test_200_stores_the_answer_and_the_next_question_with_the_next_numbers(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, messages=3)
    before = await fetch_interview(database, interview_id)

    response = await client.post(CONTINUE, json=_body(interview_id, session_id="s-1"), headers=owner.headers())

    data, meta = assert_success(response, CONTINUED)
    messages = await fetch_messages(database, interview_id)
    assert [message["sequence_number"] for message in messages] == [1, 2, 3, 4, 5]
    assert [(message["role"], message["content"]) for message in messages[3:]] == [
        ("user", TEXT),
        ("assistant", data.pop("question")),
    ]
    assert data == {"question_number": 3, "is_final": False, "corrected_response": None, "process_matches": []}
    assert meta == {
        "interview_id": str(interview_id),
        "session_id": "s-1",
        "question_count": 3,
        "language": "es",
        "process_matching_enabled": False,
    }
    after = await fetch_interview(database, interview_id)
    assert (after["total_messages"], after["status"], after["completed_at"]) == (5, "in_progress", None)
    assert after["updated_at"] > before["updated_at"]
    assert int(response.headers["server-timing"].rpartition("=")[2]) <= 6


async def test_200_in_another_language_for_one_turn(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, language="es")

    response = await client.post(CONTINUE, json=_body(interview_id, language="en"), headers=owner.headers())

    data, meta = assert_success(response, CONTINUED)
    assert meta["language"] == "en"
    assert "process" in data["question"]
    assert (await fetch_interview(database, interview_id))["language"] == "es"


async def test_200_completes_the_interview_if_the_question_is_final(
    recording_client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    interviewer.behaviour = "is final"
    interview_id = await create_interview(database, owner)

    data, _ = assert_success(
        await recording_client.post(CONTINUE, json=_body(interview_id), headers=owner.headers()), CONTINUED
    )

    assert (data["is_final"], data["question_number"]) == (True, 2)
    stored = await fetch_interview(database, interview_id)
    assert (stored["status"], stored["completed_at"]) == ("completed", stored["updated_at"])


@pytest.mark.parametrize("length", [1, 5000])
async def test_200_for_the_shortest_and_the_longest_answer(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, length: int
) -> None:
    interview_id = await create_interview(database, owner)

    response = await client.post(
        CONTINUE, json=_body(interview_id, user_response="ñ" * length), headers=owner.headers()
    )

    assert_success(response, CONTINUED)
    assert (await fetch_messages(database, interview_id))[1]["content"] == "ñ" * length


async def test_200_if_question_number_is_the_open_question(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    interview_id = await create_interview(database, owner, messages=5)

    response = await client.post(CONTINUE, json=_body(interview_id, question_number=3), headers=owner.headers())

    assert assert_success(response, CONTINUED)[0]["question_number"] == 4


async def test_403_without_the_permission_to_create(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(CONTINUE, json=_body(uuid4()), headers=owner.headers_without("interviews:create"))

    held = [name for name in owner.permissions if name != "interviews:create"]
    assert_permission_missing(response, "interviews:create", held)


async def test_404_if_the_interview_does_not_exist(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(CONTINUE, json=_body(uuid4()), headers=owner.headers())

    assert_interview_not_found(response)
    assert response.headers["server-timing"] == "statements;desc=1"


async def test_405_for_methods_other_than_post(client: httpx2.AsyncClient, owner: Actor) -> None:
    assert_method_not_allowed(await client.get(CONTINUE, headers=owner.headers()), "POST")


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_409_if_the_interview_is_not_in_progress(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, status: str
) -> None:
    interview_id = await create_interview(database, owner, status=status)

    response = await client.post(CONTINUE, json=_body(interview_id), headers=owner.headers())

    assert_error(response, 409, "Interview is not in progress", {"field": "status", "error": ...})
    assert len(await fetch_messages(database, interview_id)) == 1


@pytest.mark.parametrize("number", [1, 3, 2147483647])
async def test_409_if_another_question_is_open(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, number: int
) -> None:
    interview_id = await create_interview(database, owner, messages=3)

    response = await client.post(CONTINUE, json=_body(interview_id, question_number=number), headers=owner.headers())

    assert_error(response, 409, "Question is not open", {"field": "question_number", "error": ...})
    assert "2" in response.json()["errors"][0]["error"]
    assert len(await fetch_messages(database, interview_id)) == 3


async def test_415_if_the_body_is_a_form(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(CONTINUE, data={"user_response": "x"}, headers=owner.headers())

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"interview_id": "invalid-uuid"}, ("interview_id", "uuid_parsing")),
        ({"interview_id": "urn:uuid:0193b1f0-5a3e-7c1d-8e2f-0123456789ab"}, ("interview_id", "uuid_parsing")),
        ({"interview_id": 1}, ("interview_id", "uuid_parsing")),
        ({"interview_id": None}, ("interview_id", "uuid_parsing")),
        ({"user_response": ""}, ("user_response", "string_too_short")),
        ({"user_response": "x" * 5001}, ("user_response", "string_too_long")),
        ({"user_response": "a\0b"}, ("user_response", "string_pattern_mismatch")),
        ({"user_response": 1}, ("user_response", "string_type")),
        ({"language": "fr"}, ("language", "string_pattern_mismatch")),
        ({"language": None}, ("language", "null_not_allowed")),
        ({"question_number": 0}, ("question_number", "greater_than_equal")),
        ({"question_number": 2147483648}, ("question_number", "less_than_equal")),
        ({"question_number": "1"}, ("question_number", "int_type")),
        ({"question_number": True}, ("question_number", "int_type")),
        ({"session_id": 1}, ("session_id", "string_type")),
        (
            {"conversation_history": [{"role": "x", "content": ""}]},
            ("conversation_history -> 0 -> role", "literal_error"),
        ),
        ({"conversation_history": [{"role": "user"}]}, ("conversation_history -> 0 -> content", "missing")),
        ({"conversation_history": {}}, ("conversation_history", "list_type")),
    ],
)
async def test_422_names_the_member_without_a_query(
    client: httpx2.AsyncClient, owner: Actor, change: dict[str, object], error: tuple[str, str]
) -> None:
    response = await client.post(CONTINUE, json=_body(uuid4(), **change), headers=owner.headers())

    assert_validation_error(response, error)
    assert response.headers["server-timing"] == "statements;desc=0"


async def test_422_lists_every_error(client: httpx2.AsyncClient, owner: Actor) -> None:
    body = {"interview_id": "invalid-uuid", "user_response": "", "language": "fr"}

    response = await client.post(CONTINUE, json=body, headers=owner.headers())

    assert_validation_error(
        response,
        ("interview_id", "uuid_parsing"),
        ("user_response", "string_too_short"),
        ("language", "string_pattern_mismatch"),
    )


@pytest.mark.parametrize(
    ("behaviour", "question"),
    [
        ("hangs", "?"),
        ("fails", "?"),
        ("answers", ""),
        ("answers", "a\0b"),
        ("answers", "x" * 5001),
        ("answers", "\ud800"),
    ],
)
async def test_503_and_no_write_if_the_interviewer_returns_no_usable_question(
    recording_client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    interviewer: RecordingInterviewer,
    behaviour: str,
    question: str,
) -> None:
    interviewer.behaviour, interviewer.question = behaviour, question
    interview_id: UUID = await create_interview(database, owner)

    response = await recording_client.post(CONTINUE, json=_body(interview_id), headers=owner.headers())

    assert_error(response, 503, "Interviewer unavailable", {"field": "interviewer", "error": ...})
    assert "secret" not in response.text
    assert len(await fetch_messages(database, interview_id)) == 1
