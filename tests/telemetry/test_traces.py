"""Traces of a real service as a collector receives them: spans of requests, transactions and statements."""

import asyncio
import json
from pathlib import Path

import asyncpg
import httpx2
import pytest

from app.identity import demo_accounts
from tests.support.service import Service

pytest.importorskip("opentelemetry.sdk", reason="needs the extra traces: pip install -e '.[traces]'")

from tests.support.collector import Collector
from tests.support.timeouts import TIMEOUT

API = "/api/v1"
SENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "A secret answer: 4711."


def _run_interview(service: Service) -> tuple[str, str]:
    """Log in, start an interview, answer, and send one invalid request. Return the token and the interview's id."""
    login = {"email": demo_accounts.USER.email, "password": demo_accounts.USER.password}
    with httpx2.Client(base_url=service.url + API, timeout=TIMEOUT) as http:
        token: str = http.post("/auth/login", json=login).json()["data"]["token"]
        http.headers = httpx2.Headers({"Authorization": f"Bearer {token}", "traceparent": SENT})
        interview_id: str = http.post("/interviews/start", json={}).json()["data"]["interview_id"]
        turn = {"interview_id": interview_id, "user_response": SECRET}
        assert http.post("/interviews/continue", json=turn, headers={"X-Request-ID": "mine"}).status_code == 200
        assert http.get(f"/interviews/{SECRET}").status_code == 422
    return token, interview_id


def test_statement_spans_are_children_of_transactions_and_these_of_requests(accounts_url: str, tmp_path: Path) -> None:
    with (
        Collector() as collector,
        Service(
            tmp_path, DATABASE_URL=accounts_url, STATE_DIR=str(tmp_path), LOG_FORMAT="json", **collector.settings
        ) as service,
    ):
        token, interview_id = _run_interview(service)
        service.stop()  # sends the remaining spans

        (turn,) = collector.find_spans("continue_interview")
        assert (turn.kind, turn.trace, turn.parent, turn.failed) == ("server", *SENT.split("-")[1:3], False)
        assert turn.attributes == {
            "http.request.method": "POST",
            "http.route": f"{API}/interviews/continue",
            "url.scheme": "http",
            "http.response.status_code": 200,
        }
        read_span, write_span = collector.find_children(turn)
        assert (read_span.name, write_span.name) == ("transaction reading", "transaction writing")
        assert {span.attributes["interview.outcome"] for span in (read_span, write_span)} == {"committed"}
        (read,), (write,) = collector.find_children(read_span), collector.find_children(write_span)
        assert (read.kind, read.name, write.name) == ("client", "SELECT", "WITH")
        assert read.attributes["db.system.name"] == "postgresql"
        assert "$1" in str(read.attributes["db.query.text"])
        (refused,) = collector.find_spans("get_interview")
        assert (refused.attributes["http.response.status_code"], collector.find_children(refused)) == (422, [])
        assert collector.service == "interview-system"

        for secret in (
            SECRET,
            "4711",
            token,
            interview_id,
            demo_accounts.USER.password,
            demo_accounts.USER.email,
            demo_accounts.USER.name,
        ):
            assert secret.encode() not in collector.received

    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    (line,) = (span for span in lines if span.get("request_id") == "mine")
    assert line["trace_id"] == turn.trace


async def test_a_503_is_a_failed_span_with_the_name_of_the_error(accounts_url: str, tmp_path: Path) -> None:
    settings = {"LOCK_TIMEOUT": "0.1", "STATE_DIR": str(tmp_path), "DATABASE_URL": accounts_url}
    locker = await asyncpg.connect(accounts_url)
    with Collector() as collector, Service(tmp_path, **settings, **collector.settings) as service:
        async with locker.transaction():
            await locker.execute("LOCK TABLE piccolo_user")
            login = {"email": demo_accounts.USER.email, "password": demo_accounts.USER.password}
            answer = await asyncio.to_thread(httpx2.post, f"{service.url}{API}/auth/login", json=login)
        service.stop()
    await locker.close()

    assert answer.status_code == 503
    (span,) = collector.find_spans("login")
    assert (span.failed, span.attributes["error.type"]) == (True, "503")
    statement = collector.find_children(collector.find_children(span)[0])[0]
    assert (statement.failed, statement.attributes["error.type"]) == (True, "LockNotAvailableError")


def test_responses_and_the_stop_do_not_wait_for_an_unreachable_collector(accounts_url: str, tmp_path: Path) -> None:
    settings = {"TRACES": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with Service(tmp_path, DATABASE_URL=accounts_url, STATE_DIR=str(tmp_path), **settings) as service:
        _run_interview(service)
        assert service.stop() == 0
