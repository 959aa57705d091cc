"""Readiness reports a language model that fails, from the outcome of the turns and without calling it."""

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.api.conftest import RecordingInterviewer
from tests.support.actors import Actor
from tests.support.assertions import assert_interviewer_unavailable, assert_success
from tests.support.clients import open_client
from tests.support.connections import UNREACHABLE_URL
from tests.support.model_server import KEY, MODEL, ModelServer
from tests.support.service import Service

START, READY = "/interviews/start", "/health/ready"
LLM = {"interviewer": "llm", "llm_base_url": "http://127.0.0.1:1/v1", "llm_model": MODEL, "llm_api_key": SecretStr(KEY)}


@pytest.fixture
async def client(settings: Settings, interviewer: RecordingInterviewer) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application with INTERVIEWER=llm whose interviewer does what a test says."""
    interviewer.first_question_succeeds = False
    async with open_client(settings.model_copy(update=LLM), interviewer, interviewer_timeout=0.3) as client:
        yield client


async def _checks(client: httpx2.AsyncClient) -> dict[str, str]:
    data, _ = assert_success(await client.get(READY), "Ready")
    assert data["ready"] is True
    checks: dict[str, str] = data["checks"]
    return checks


@pytest.mark.parametrize("behaviour", ["fails", "hangs", "says nothing"])
async def test_200_of_readiness_with_degraded_until_a_turn_succeeds(
    client: httpx2.AsyncClient, interviewer: RecordingInterviewer, owner: Actor, behaviour: str
) -> None:
    assert (await _checks(client))["interviewer"] == "ok"
    interviewer.behaviour, interviewer.question = behaviour, ""
    assert_interviewer_unavailable(await client.post(START, json={}, headers=owner.headers()))

    asked = len(interviewer.conversations)
    assert await _checks(client) == {"database": "ok", "migrations": "ok", "keys": "ok", "interviewer": "degraded"}
    assert len(interviewer.conversations) == asked

    interviewer.behaviour, interviewer.question = "answers", "Why?"
    assert (await client.post(START, json={}, headers=owner.headers())).status_code == 200
    assert (await _checks(client))["interviewer"] == "ok"


async def test_a_degraded_interviewer_is_no_error_of_a_service_that_is_not_ready(
    settings: Settings, interviewer: RecordingInterviewer, owner: Actor
) -> None:
    interviewer.first_question_succeeds, interviewer.behaviour = False, "fails"
    async with open_client(settings.model_copy(update=LLM), interviewer, database_url=UNREACHABLE_URL) as client:
        assert_interviewer_unavailable(await client.post(START, json={}, headers=owner.headers()))
        response = await client.get(READY)

    assert response.status_code == 503
    assert response.json()["data"]["checks"]["interviewer"] == "degraded"
    assert [error["field"] for error in response.json()["errors"]] == ["database", "migrations"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(
    ("behaviour", "setting"),
    [
        ("401", "LLM_API_KEY"),
        ("403", "LLM_API_KEY"),
        ("402", "LLM_API_KEY"),
        ("404", "LLM_MODEL or LLM_BASE_URL"),
        ("400", "LLM_MODEL"),
        ("422", "LLM_MODEL"),
        ("405", "LLM_BASE_URL"),
        ("307", "LLM_BASE_URL"),
    ],
)
async def test_503_to_retry_in_a_minute_and_a_log_line_with_the_setting_if_a_setting_is_wrong(
    model_server: ModelServer,
    model_client: httpx2.AsyncClient,
    model_service: Service,
    behaviour: str,
    setting: str,
    accept: str,
) -> None:
    interview_id = (await model_client.post(START, json={})).json()["data"]["interview_id"]
    body = {"interview_id": interview_id, "user_response": "I buy steel."}
    model_server.behaviour = behaviour

    response = await model_client.post("/interviews/continue", json=body, headers={"Accept": accept})

    assert_interviewer_unavailable(response)
    assert int(response.headers["Retry-After"]) >= 60
    line = _last_failure(model_service)
    assert (line["status"], line["setting"]) == (int(behaviour), setting)
    assert (await _checks(model_client))["interviewer"] == "degraded"


@pytest.mark.parametrize(
    ("behaviour", "status", "setting"),
    [("500", 500, None), ("429", 429, None), ("says", None, "LLM_MODEL"), ("hangs", None, "INTERVIEWER_TIMEOUT")],
)
async def test_503_to_retry_soon_if_the_failure_may_pass(
    model_server: ModelServer,
    model_client: httpx2.AsyncClient,
    model_service: Service,
    behaviour: str,
    status: int | None,
    setting: str | None,
) -> None:
    model_server.behaviour, model_server.text = behaviour, "no JSON"

    response = await model_client.post(START, json={})

    assert_interviewer_unavailable(response)
    assert int(response.headers["Retry-After"]) < 60
    line = _last_failure(model_service)
    assert (line["status"], line["setting"]) == (status, setting)


async def test_a_log_line_names_the_url_if_no_model_is_reachable(
    settings: Settings, owner: Actor, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")
    async with open_client(settings.model_copy(update=LLM)) as client:
        assert_interviewer_unavailable(await client.post(START, json={}, headers=owner.headers()))
        assert (await _checks(client))["interviewer"] == "degraded"

    assert "LLM_BASE_URL" in "".join(capfd.readouterr())


def _last_failure(service: Service) -> dict[str, object]:
    lines = [line for line in service.log.read_text().splitlines() if "interviewer_failed" in line]
    line: dict[str, object] = json.loads(lines[-1])
    return line
