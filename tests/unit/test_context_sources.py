"""The context of an organization, from a file and from a real server that is slow, faulty, hostile or stopped."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import TypeAdapter, ValidationError
from structlog.testing import capture_logs

pytest.importorskip("rapidfuzz", reason="needs rapidfuzz: pip install -e .")

from app.context.file import FileContext
from app.context.remote import MAX_AGE, MAX_RESPONSE_SIZE, RETRY_INTERVAL, RemoteContext
from app.context.source import InvalidContext, Known
from app.settings_types import ContextUrl
from tests.support.command_line import assert_one_line_error, run_command
from tests.support.context_server import CONTEXT, ContextServer, Responder, hang, respond, trickle

ONE, OTHER = uuid4(), uuid4()
TOKEN = "a.secret.token"

FILE = f"""
processes: [Purchase orders, {{process_id: P-2, name: Onboarding}}]
organizations:
  {ONE}:
    processes: [{{id: 7, name: Payroll, aliases: [wages]}}]
    systems: [SAP]
"""


class Clock:
    """A clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def server() -> AsyncIterator[ContextServer]:
    async with ContextServer() as server:
        yield server


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def remote(server: ContextServer, clock: Clock) -> AsyncIterator[RemoteContext]:
    context = RemoteContext(server.url, timeout=0.5, clock=clock)
    yield context
    await context.aclose()


def _names(known: Known | None) -> list[str]:
    return [process.name for process in known.processes] if known else []


async def test_a_file_is_about_every_organization_but_those_with_an_entry(tmp_path: Path) -> None:
    (tmp_path / "context.yaml").write_text(FILE, encoding="utf-8")
    context = FileContext(tmp_path / "context.yaml")

    assert _names(await context.find(ONE, TOKEN)) == ["Payroll"]
    assert _names(await context.find(OTHER, TOKEN)) == ["Purchase orders", "Onboarding"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("processes: [", "is not YAML"),
        ("[]", "top level: Input should be a valid dictionary"),
        ("workflows: []", "workflows: Extra inputs are not permitted"),
        ("processes: [{name: x}]", "processes.0.process_id: Field required"),
        ('processes: [""]', "processes.0.process_id: String should have at least 1 character"),
        ("organizations: {acme: {}}", "organizations.acme.[key]: Input should be a valid UUID"),
        (b"\xff", "the file is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_the_error_of_an_invalid_file_names_it_and_the_place(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    text: str | bytes | None,
    says: str,
) -> None:
    path = tmp_path / "context.yaml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv("CONTEXT_FILE", str(path))

    with pytest.raises(InvalidContext) as raised:
        FileContext(path)
    result = run_command(capsys, "serve")

    assert str(path) in str(raised.value)
    assert_one_line_error(result, naming=says)


async def test_the_endpoint_gets_the_token_and_is_asked_once_in_five_minutes_for_each_organization(
    server: ContextServer, remote: RemoteContext, clock: Clock
) -> None:
    assert _names(await remote.find(ONE, TOKEN)) == ["Purchase order approval", "Onboarding"]
    server.responder = respond({"data": {"processes": ["Payroll"]}})
    assert _names(await remote.find(OTHER, "another.token")) == ["Payroll"]
    clock.now += MAX_AGE - 1
    assert _names(await remote.find(ONE, TOKEN)) == ["Purchase order approval", "Onboarding"]
    assert len(server.requests) == 2
    assert f"authorization: bearer {TOKEN}" in server.requests[0]
    assert "authorization: bearer another.token" in server.requests[1]

    clock.now += 1

    assert _names(await remote.find(ONE, TOKEN)) == ["Payroll"]


async def test_turns_at_once_share_one_fetch(server: ContextServer, remote: RemoteContext) -> None:
    found = await asyncio.gather(*(remote.find(ONE, TOKEN) for _ in range(20)))

    assert len({id(each) for each in found}) == len(server.requests) == 1


async def test_a_cancelled_turn_does_not_cancel_the_fetch_of_another(
    server: ContextServer, remote: RemoteContext
) -> None:
    first = asyncio.create_task(remote.find(ONE, TOKEN))
    second = asyncio.create_task(remote.find(ONE, TOKEN))
    await asyncio.sleep(0)
    first.cancel()

    assert _names(await second) == ["Purchase order approval", "Onboarding"]


@pytest.mark.parametrize(
    "responder",
    [
        respond(b"", "500 Internal Server Error"),
        respond(CONTEXT, "302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n"),
        respond(CONTEXT, "403 Forbidden"),
        respond(b"<html>"),
        respond(b"[" * 100_000),
        respond([]),
        respond({"processes": [{"name": "without an id"}]}),
        respond({"processes": [f"process {number}" for number in range(2001)]}),
        respond(b" " * (MAX_RESPONSE_SIZE + 1)),
        respond(b"\xff"),
        hang,
        trickle,
    ],
    ids=[
        "500", "redirect", "403", "HTML", "nested", "list", "no id", "too many", "too large", "not UTF-8", "hangs",
        "slow",
    ],
)  # fmt: skip
async def test_nothing_is_known_if_the_endpoint_fails(
    server: ContextServer, remote: RemoteContext, clock: Clock, responder: Responder
) -> None:
    server.responder = responder

    with capture_logs() as logs:
        assert await remote.find(ONE, TOKEN) is None
        assert await remote.find(ONE, TOKEN) is None

    assert len(server.requests) == 1
    assert [entry["event"] for entry in logs] == ["context_unavailable"]
    assert TOKEN not in str(logs)
    server.responder = respond(CONTEXT)
    clock.now += RETRY_INTERVAL
    assert _names(await remote.find(ONE, TOKEN)) == ["Purchase order approval", "Onboarding"]


async def test_the_last_answer_stays_in_use_while_the_endpoint_fails(
    server: ContextServer, remote: RemoteContext, clock: Clock
) -> None:
    await remote.find(ONE, TOKEN)
    server.responder = respond(b"", "503 Service Unavailable")
    clock.now += MAX_AGE

    assert _names(await remote.find(ONE, TOKEN)) == ["Purchase order approval", "Onboarding"]
    assert len(server.requests) == 2


async def test_nothing_is_known_if_no_server_listens() -> None:
    context = RemoteContext("http://127.0.0.1:1/context", timeout=0.5)

    assert await context.find(ONE, TOKEN) is None
    await context.aclose()


@pytest.mark.parametrize(
    "url", ["https://context.example/api", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80/x"]
)
def test_a_url_is_encrypted_or_on_this_machine(url: str) -> None:
    assert TypeAdapter(ContextUrl).validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://context.example/api", "http://10.0.0.1/x", "http://localhost.example/x", "http://127.0.0.1.example/x",
        "https://user:secret@context.example/x", "https://context.example/x#y", "ftp://127.0.0.1/x", "https://",
        "http://127.0.0.1@context.example/x", "http://0.0.0.0/x", "",
    ],
)  # fmt: skip
def test_another_url_is_rejected(url: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ContextUrl).validate_python(url)


def test_2_if_both_sources_are_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONTEXT_FILE", str(tmp_path / "context.yaml"))
    monkeypatch.setenv("CONTEXT_URL", "https://context.example/api")

    assert_one_line_error(run_command(capsys, "serve"), naming="CONTEXT_URL")
