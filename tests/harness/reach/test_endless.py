"""Servers that never complete a response: every run ends with a line that has the reason."""

import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.verify import fuzz_phase
from statuspin.verify.verdict import findings
from tests.harness.cli.commands import run_command
from tests.harness.http.server import ReceivedRequest, Response, serve
from tests.harness.reach.runs import broken_pins, document, run, write_contract

SHORT = Connection(timeout=0.5)


@pytest.fixture
def test_ended() -> threading.Event:
    """Return an event that is set after the test, so that server threads end."""
    event = threading.Event()
    yield event
    event.set()


def endless_response(test_ended: threading.Event, media_type: str, first: bytes, again: bytes) -> Response:
    """Return a response that begins and does not end."""

    def stream(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        part = first
        try:
            while not test_ended.is_set():
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                test_ended.wait(0.02)
                part = again
        except OSError:
            return True
        return True

    return Response(before=stream)


def document_of_events(media_type: str = "text/event-stream") -> dict[str, object]:
    answer = {"200": {"description": "", "content": {media_type: {}}}}
    return document(paths={"/events": {"get": {"operationId": "events", "responses": answer}}})


PINS = {"pins": {"events": {"rows": [{"actor": "anonymous", "answer": 200}]}}}


@pytest.mark.parametrize("separator", [b"\n\n", b"\r\n\r\n"])
async def test_an_endless_event_stream_is_checked_by_its_beginning(tmp_path: Path, test_ended, separator):
    event = b"data: 1" + separator
    with serve(lambda asked: endless_response(test_ended, "text/event-stream", event, event)) as server:
        result = await run(write_contract(tmp_path, document_of_events(), PINS), server.url, SHORT)
    assert broken_pins(result) == []
    (answer,) = [each.answer for cell in result.coverage.cells() for each in cell.exchanges]
    assert answer.cut
    assert answer.body.startswith(event)


async def test_an_event_stream_without_an_event_is_a_failure(tmp_path: Path, test_ended):
    def answers(asked: ReceivedRequest) -> Response:
        if asked.target != "/events":
            return Response(200, {"id": 1})
        return endless_response(test_ended, "text/event-stream", b": comment", b".")

    with serve(answers) as server:
        result = await run(write_contract(tmp_path, document_of_events(), PINS), server.url, SHORT)
    assert broken_pins(result) == ["events · anonymous → promised 200, observed none: no response in time"]


async def test_a_pin_is_broken_if_the_body_is_no_event(tmp_path: Path, test_ended):
    with serve(lambda asked: endless_response(test_ended, "text/event-stream", b"<html>\n\n", b"x")) as server:
        result = await run(write_contract(tmp_path, document_of_events(), PINS), server.url, SHORT)
    assert broken_pins(result) == [
        "events · anonymous → promised the response 200 of openapi.yaml, observed: the body does not begin with a"
        " Server-Sent Event"
    ]


async def test_an_endless_body_breaks_only_its_pin(tmp_path: Path, test_ended):
    def answers(asked: ReceivedRequest) -> Response:
        if asked.target == "/events":
            return endless_response(test_ended, "application/json", b"[", b"1,")
        return Response(200, {"id": 1})

    pins = {"pins": {**PINS["pins"], "get_thing": {"rows": [{"actor": "anonymous", "answer": 200}]}}}
    with serve(answers) as server:
        result = await run(
            write_contract(tmp_path, document_of_events("application/json"), pins), server.url, SHORT, fuzz=True
        )
    assert broken_pins(result) == ["events · anonymous → promised 200, observed none: no response in time"]
    assert {each.key for each in result.coverage.cells() if each.operation == "get_thing" and each.count} == {"200"}
    assert result.fuzzed.answered > 0


def test_one_line_if_every_response_is_endless(tmp_path: Path, test_ended):
    write_contract(tmp_path / "contract", document(), {"pins": {}})
    with serve(lambda asked: endless_response(test_ended, "application/json", b"[", b"1,")) as server:
        ended = run_command("verify", "--contract", tmp_path / "contract", "--url", server.url, "--timeout", "0.5")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"error: {server.url}: no response in time (request: GET /thing);"
        " is the server running, and is the URL correct?\n"
    )


async def test_the_run_ends_if_the_server_stops_answering(tmp_path: Path, test_ended):
    count = iter(range(10_000))

    def answers(asked: ReceivedRequest) -> Response:
        return (
            endless_response(test_ended, "application/json", b"[", b"1,")
            if next(count) > 2
            else Response(200, {"id": 1})
        )

    rows = [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(40)]
    pins = {"pins": {"get_thing": {"rows": rows}, "make_thing": {"rows": rows}}}
    with (
        serve(answers) as server,
        pytest.raises(CannotRun, match=r"\d+ requests in a row were not answered completely"),
    ):
        await run(write_contract(tmp_path, document(), pins), server.url, Connection(timeout=0.2), workers=4)


PATHS = {f"/endless/{number}": {"get": {"responses": {"200": {"description": ""}}}} for number in range(20)}


async def test_the_fuzzer_stops_if_the_server_stops_answering(tmp_path: Path, test_ended):
    def answers(asked: ReceivedRequest) -> Response:
        endless = asked.target.startswith("/endless")
        return endless_response(test_ended, "application/json", b"[", b"1,") if endless else Response(200, {"id": 1})

    read = write_contract(tmp_path, document(paths=PATHS), {"pins": {}})
    started_at = time.monotonic()
    with serve(answers) as server:
        result = await run(read, server.url, Connection(timeout=0.5), fuzz=True)
    assert result.unfinished == ["fuzzer: 8 requests in a row were not answered completely within 0.5 s"]
    assert "run-unfinished" in {each.rule for each in findings(result)}
    assert time.monotonic() - started_at < 60


async def test_a_fuzzer_that_hangs_is_abandoned(tmp_path: Path, test_ended, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fuzz_phase, "_MIN_PATIENCE", 2.0)
    count = iter(range(10_000))

    def answers(asked: ReceivedRequest) -> Response:  # Schemathesis looks at `/` first, and reads the answer to its end
        return (
            endless_response(test_ended, "application/json", b"[", b"1,")
            if next(count) > 0
            else Response(200, {"id": 1})
        )

    with serve(answers) as server:
        result = await run(
            write_contract(tmp_path, document(), {"pins": {}}), server.url, Connection(timeout=0.2), fuzz=True
        )
        test_ended.set()
    assert result.unfinished == ["fuzzer: no request or response for 2 s"]


async def test_a_phase_ends_at_its_time_limit_and_counts_the_remaining_pins(tmp_path: Path):
    def waits(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)

    rows = [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(40)]
    with serve(lambda _: Response(200, {"id": 1}, before=waits)) as server:
        connection = Connection(timeout=5, max_time=1)
        result = await run(
            write_contract(tmp_path, document(), {"pins": {"get_thing": {"rows": rows}}}), server.url, connection
        )
    (unfinished,) = result.unfinished
    left = len([each for each in result.outcomes if each.verdict == "skipped"])
    assert unfinished == f"pins: {left} of 40 were not run, because the time limit of 1 s (--max-time) was reached"
    assert 30 < left < 40
    assert len(result.outcomes) == 40
