"""An unexpected error is a 500 without details, is logged with its traceback, and writes nothing."""

from typing import Any

import httpx2
import pytest
import structlog

from app.database.unit_of_work import UnitOfWork
from app.logs import _format_exception
from app.use_cases.change_status import change_status
from app.use_cases.continue_interview import record_turn
from app.use_cases.start_interview import start_interview
from tests.api.operations import OPERATIONS
from tests.support.actors import Actor
from tests.support.assertions import assert_internal_error, count_statements
from tests.support.interviews import create_interview, fetch_interview, fetch_messages

SECRET = "the combination is 7-31-4"
USE_CASES = {
    "list_interviews": "app.http.endpoints.interviews.list_interviews",
    "get_interview": "app.http.endpoints.interviews.get_interview",
    "change_status": "app.http.endpoints.interviews.change_status",
    "start_interview": "app.http.endpoints.turns.start_interview",
    "continue_interview": "app.http.endpoints.turns.open_turn",
    "export_interview": "app.http.endpoints.export.export_interview",
    "get_outcome": "app.http.endpoints.outcome.export_interview",
}


async def _fail(*_: object) -> None:
    raise ZeroDivisionError(SECRET)


def _assert_no_details(response: httpx2.Response) -> None:
    assert_internal_error(response)
    for word in (SECRET, "7-31-4", "ZeroDivisionError", "Traceback", "File", ".py"):
        assert word not in response.text


@pytest.mark.parametrize("name", OPERATIONS)
async def test_500_without_details_is_logged_once_with_its_traceback(
    client: httpx2.AsyncClient, owner: Actor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(USE_CASES[name], _fail)

    with structlog.testing.capture_logs() as lines:
        response = await OPERATIONS[name].send(client, owner.headers())

    _assert_no_details(response)
    (line,) = [line for line in lines if line["log_level"] not in ("info", "debug")]
    assert (line["event"], line["log_level"]) == ("unexpected_error", "error")
    assert (line["path"], line["method"]) == (response.request.url.path, OPERATIONS[name].method)
    written = _format_exception(None, "error", dict(line))["exception"]
    assert "in _fail" in written
    assert "ZeroDivisionError" in written


async def test_500_of_a_login_has_no_details(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.endpoints.auth.find_account", _fail)

    _assert_no_details(await client.post("/auth/login", json={"email": "a@b.c", "password": "x"}))


@pytest.mark.parametrize(
    ("name", "use_case", "real"),
    [
        ("start_interview", "app.http.endpoints.turns.start_interview", start_interview),
        ("continue_interview", "app.http.endpoints.turns.record_turn", record_turn),
        ("change_status", "app.http.endpoints.interviews.change_status", change_status),
    ],
)
async def test_500_rolls_back_every_write(
    client: httpx2.AsyncClient,
    database: UnitOfWork,
    owner: Actor,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    use_case: str,
    real: Any,
) -> None:
    async def write_and_fail(*arguments: object) -> None:
        await real(*arguments)
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(use_case, write_and_fail)
    interview_id = await create_interview(database, owner)
    before = await fetch_interview(database, interview_id)

    response = (
        await OPERATIONS[name].for_interview(interview_id).send(client, {**owner.headers(), "Idempotency-Key": "k"})
    )
    monkeypatch.undo()

    _assert_no_details(response)
    assert count_statements(response) >= 1
    assert await fetch_interview(database, interview_id) == before
    assert len(await fetch_messages(database, interview_id)) == 1
    listed = await client.get("/interviews", headers=owner.headers())
    assert listed.json()["meta"]["pagination"]["total_items"] == 1
    again = await OPERATIONS[name].for_interview(interview_id).send(client, {**owner.headers(), "Idempotency-Key": "k"})
    assert (again.status_code, "idempotent-replayed" in again.headers) == (200, False)


async def test_500_of_a_page_is_an_envelope_with_the_request_id(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(offers_demo: bool) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr("app.http.endpoints.pages._render_docs", broken)

    response = await client.get("http://interviews/docs", headers={"X-Request-ID": "order-66"})

    _assert_no_details(response)
    assert response.headers["x-request-id"] == "order-66"
