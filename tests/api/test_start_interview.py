"""POST /interviews/start: one test per status and reason."""

from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from app.application import create_app
from app.database.unit_of_work import UnitOfWork
from app.domain.interview import Language
from app.interviewer.guide import load_guide
from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_error,
    assert_interviewer_unavailable,
    assert_method_not_allowed,
    assert_permission_missing,
    assert_success,
    assert_validation_error,
    count_statements,
)
from tests.support.guides import GUIDE
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

START = "/interviews/start"
STARTED = "Interview started successfully"


@pytest.mark.parametrize("language", ["es", "en", "pt"])
async def test_200_with_the_first_question_in_the_requested_language(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor, language: str
) -> None:
    await create_interview(database, owner)

    response = await client.post(START, json={"language": language}, headers=owner.headers())

    data, meta = assert_success(response, STARTED)
    interview_id = UUID(data.pop("interview_id"))
    assert load_guide(Language(language)).topics[0].question in data.pop("question")
    assert data == {"question_number": 1, "is_final": False}
    assert meta == {
        "user_name": owner.name,
        "organization": owner.organization_name,
        "language": language,
        "context": {"processes_count": 0, "previous_interviews": 1, "roles": ["employee"]},
    }
    stored = await fetch_interview(database, interview_id)
    assert (stored["language"], stored["status"], stored["technical_level"]) == (language, "in_progress", "unknown")
    assert (stored["employee_id"], stored["organization_id"]) == (owner.employee_id, owner.organization_id)
    (message,) = await fetch_messages(database, interview_id)
    assert (message["role"], message["sequence_number"]) == ("assistant", 1)
    assert interview_id.version == message["id_message"].version == 7
    assert response.headers["server-timing"] == "statements;desc=1"


async def test_200_with_the_first_question_of_the_guide_which_is_stored(
    client: httpx2.AsyncClient, database: UnitOfWork, owner: Actor
) -> None:
    guide = load_guide(Language.PT, "software-requirements")
    body = {"language": "pt", "guide": "software-requirements"}

    data, meta = assert_success(await client.post(START, json=body, headers=owner.headers()), STARTED)
    answer = {"interview_id": data["interview_id"], "user_response": "Cuido do depósito, e a equipe usa o aplicativo."}
    continued = await client.post("/interviews/continue", json=answer, headers=owner.headers())

    assert data["question"].endswith(guide.topics[0].question)
    assert set(meta) == {"user_name", "organization", "language", "context"}
    assert (await fetch_interview(database, UUID(data["interview_id"])))["guide"] == "software-requirements"
    assert continued.json()["data"]["question"] == guide.topics[1].question


@pytest.mark.parametrize("guide", ["gossip", "", "Process-Discovery", "process-discovery\n", "a\0b", "x" * 5000])
async def test_422_if_the_guide_is_unknown(client: httpx2.AsyncClient, owner: Actor, guide: str) -> None:
    response = await client.post(START, json={"guide": guide}, headers=owner.headers())

    assert_validation_error(response, ("guide", "enum"))
    assert response.json()["errors"][0]["error"] == "Input should be 'process-discovery' or 'software-requirements'"
    assert count_statements(response) == 0


async def test_200_with_a_guide_of_the_organization_and_422_in_a_language_that_it_lacks(
    settings: Settings, owner: Actor, tmp_path: Path
) -> None:
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding" / "en.yaml").write_text(GUIDE, encoding="utf-8")
    app = create_app(settings.model_copy(update={"guide_dir": tmp_path}))
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://interviews", headers=owner.headers()) as client,
    ):
        started = await client.post(f"/api/v1{START}", json={"language": "en", "guide": "onboarding"})
        interview_id = started.json()["data"]["interview_id"]
        lacking = await client.post(f"/api/v1{START}", json={"language": "pt", "guide": "onboarding"})
        outcome = await client.get(f"/api/v1/interviews/{interview_id}/outcome")
        document = await client.get("/openapi.json")
        text = await client.get("/openapi.yaml")

    assert started.json()["data"]["question"].endswith("What is your goal?")
    assert_validation_error(lacking, ("guide", "enum"))
    assert lacking.json()["errors"][0]["error"] == "This guide is not in the language pt, only in en"
    assert [point["text"] for point in outcome.json()["data"]["open_points"]] == [
        "Your goal: not asked",
        "Trouble: not asked",
    ]
    guides = document.json()["components"]["schemas"]["StartRequest"]["properties"]["guide"]["enum"]
    assert guides == ["process-discovery", "software-requirements", "onboarding"]
    assert "enum: [process-discovery, software-requirements, onboarding]" in text.text


async def test_200_in_spanish_by_default(client: httpx2.AsyncClient, owner: Actor) -> None:
    _, meta = assert_success(await client.post(START, json={}, headers=owner.headers()), STARTED)

    assert meta["language"] == "es"


async def test_200_names_the_caller_by_email_or_id_if_the_token_has_no_name(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    headers = owner.headers(name=None, email="ana@example.com", organization_name=None)
    _, meta = assert_success(await client.post(START, json={}, headers=headers), STARTED)
    assert (meta["user_name"], meta["organization"]) == ("ana@example.com", str(owner.organization_id))

    _, meta = assert_success(await client.post(START, json={}, headers=owner.headers(name=None)), STARTED)
    assert meta["user_name"] == str(owner.employee_id)


async def test_200_passes_name_and_language_and_an_empty_history_to_the_interviewer(
    recording_client: httpx2.AsyncClient, owner: Actor, interviewer: RecordingInterviewer
) -> None:
    assert_success(await recording_client.post(START, json={"language": "pt"}, headers=owner.headers()), STARTED)

    (conversation,) = interviewer.conversations
    assert (conversation.user_name, conversation.language, tuple(conversation.history)) == (owner.name, Language.PT, ())


async def test_403_without_the_permission_to_create(client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await client.post(START, json={}, headers=owner.headers_without("interviews:create"))

    held = [name for name in owner.permissions if name != "interviews:create"]
    assert_permission_missing(response, "interviews:create", held)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_405_for_methods_other_than_post(client: httpx2.AsyncClient, owner: Actor, method: str) -> None:
    response = await client.request(method, START, headers=owner.headers())

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    if method != "HEAD":
        assert_method_not_allowed(response, "POST")


async def test_413_if_the_body_is_larger_than_a_mebibyte(client: httpx2.AsyncClient, owner: Actor) -> None:
    headers = {**owner.headers(), "Content-Type": "application/json"}

    response = await client.post(START, content=b" " * (1024 * 1024 + 1), headers=headers)

    assert_error(response, 413, "Request body too large", {"field": "body", "error": ...})


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
async def test_415_if_the_body_is_not_declared_as_json(
    client: httpx2.AsyncClient, owner: Actor, content_type: str | None
) -> None:
    headers = owner.headers() if content_type is None else {**owner.headers(), "Content-Type": content_type}

    response = await client.post(START, content=b"{}", headers=headers)

    assert_error(response, 415, "Unsupported media type", {"field": "body", "error": ...})


@pytest.mark.parametrize("language", ["fr", "", "ES", None, 1, ["es"]])
async def test_422_for_an_unsupported_language(client: httpx2.AsyncClient, owner: Actor, language: object) -> None:
    response = await client.post(START, json={"language": language}, headers=owner.headers())

    error_type = "string_pattern_mismatch" if isinstance(language, str) else "enum"
    assert_validation_error(response, ("language", error_type))


@pytest.mark.parametrize(("behaviour", "question"), [("hangs", "?"), ("fails", "?"), ("answers", "")])
async def test_503_and_no_write_if_the_interviewer_returns_no_usable_question(
    recording_client: httpx2.AsyncClient, owner: Actor, interviewer: RecordingInterviewer, behaviour: str, question: str
) -> None:
    interviewer.first_question_succeeds, interviewer.behaviour, interviewer.question = False, behaviour, question

    response = await recording_client.post(START, json={}, headers=owner.headers())

    assert_interviewer_unavailable(response)
    assert "secret" not in response.text
    assert count_statements(response) == 0
    listed = await recording_client.get("/interviews", headers=owner.headers())
    assert listed.json()["meta"]["pagination"]["total_items"] == 0
