"""Servers that never end an answer: every run ends, and says why in a line."""

import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.verify import fuzz_phase
from statuspin.verify.verdict import findings
from tests.harness.cli.running import ran
from tests.harness.http.server import Asked, Said, serving
from tests.harness.reach.running import document, kept, run, written

SHORT = Connection(timeout=0.5)


@pytest.fixture
def over() -> threading.Event:
    """Set at the end of a test, so that no server thread is left."""
    event = threading.Event()
    yield event
    event.set()


def streaming(over: threading.Event, media_type: str, first: bytes, again: bytes) -> Said:
    """An answer that begins and does not end."""

    def stream(handler: BaseHTTPRequestHandler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        part = first
        try:
            while not over.is_set():
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                over.wait(0.02)
                part = again
        except OSError:
            return True
        return True

    return Said(before=stream)


def events_document(media_type: str = "text/event-stream") -> dict[str, object]:
    answer = {"200": {"description": "", "content": {media_type: {}}}}
    return document(paths={"/events": {"get": {"operationId": "events", "responses": answer}}})


PINS = {"pins": {"events": {"rows": [{"actor": "anonymous", "answer": 200}]}}}


@pytest.mark.parametrize("separator", [b"\n\n", b"\r\n\r\n"])
async def test_an_endless_event_stream_is_judged_by_its_beginning(tmp_path: Path, over, separator):
    event = b"data: 1" + separator
    with serving(lambda asked: streaming(over, "text/event-stream", event, event)) as server:
        result = await run(written(tmp_path, events_document(), PINS), server.url, SHORT)
    assert kept(result) == []
    (answer,) = [each.answer for cell in result.coverage.cells() for each in cell.exchanges]
    assert answer.cut
    assert answer.body.startswith(event)


async def test_an_event_stream_without_an_event_is_no_answer(tmp_path: Path, over):
    def answers(asked: Asked) -> Said:
        if asked.target != "/events":
            return Said(200, {"id": 1})
        return streaming(over, "text/event-stream", b": comment", b".")

    with serving(answers) as server:
        result = await run(written(tmp_path, events_document(), PINS), server.url, SHORT)
    assert kept(result) == ["events · anonymous → promised 200, observed none: no answer in time"]


async def test_what_is_no_event_is_named(tmp_path: Path, over):
    with serving(lambda asked: streaming(over, "text/event-stream", b"<html>\n\n", b"x")) as server:
        result = await run(written(tmp_path, events_document(), PINS), server.url, SHORT)
    assert kept(result) == [
        "events · anonymous → promised what openapi.yaml has for 200, observed: the body does not begin with a"
        " Server-Sent Event"
    ]


async def test_an_endless_body_breaks_its_pin_and_not_the_others(tmp_path: Path, over):
    def answers(asked: Asked) -> Said:
        if asked.target == "/events":
            return streaming(over, "application/json", b"[", b"1,")
        return Said(200, {"id": 1})

    pins = {"pins": {**PINS["pins"], "get_thing": {"rows": [{"actor": "anonymous", "answer": 200}]}}}
    with serving(answers) as server:
        result = await run(written(tmp_path, events_document("application/json"), pins), server.url, SHORT, fuzz=True)
    assert kept(result) == ["events · anonymous → promised 200, observed none: no answer in time"]
    assert {each.key for each in result.coverage.cells() if each.operation == "get_thing" and each.count} == {"200"}
    assert result.fuzzed.answered > 0


def test_a_server_whose_every_answer_is_endless_is_one_line(tmp_path: Path, over):
    written(tmp_path / "contract", document(), {"pins": {}})
    with serving(lambda asked: streaming(over, "application/json", b"[", b"1,")) as server:
        ended = ran("verify", "--contract", tmp_path / "contract", "--url", server.url, "--timeout", "0.5")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"error: {server.url}: no answer in time (GET /thing was asked); is the server up, and the URL right?\n"
    )


async def test_a_server_that_stops_to_answer_ends_the_run(tmp_path: Path, over):
    count = iter(range(10_000))

    def answers(asked: Asked) -> Said:
        return streaming(over, "application/json", b"[", b"1,") if next(count) > 2 else Said(200, {"id": 1})

    rows = [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(40)]
    pins = {"pins": {"get_thing": {"rows": rows}, "make_thing": {"rows": rows}}}
    with (
        serving(answers) as server,
        pytest.raises(CannotRun, match=r"\d+ requests in a row got no whole answer"),
    ):
        await run(written(tmp_path, document(), pins), server.url, Connection(timeout=0.2), workers=4)


PATHS = {f"/endless/{number}": {"get": {"responses": {"200": {"description": ""}}}} for number in range(20)}


async def test_the_fuzzer_stops_if_nothing_is_answered(tmp_path: Path, over):
    def answers(asked: Asked) -> Said:
        endless = asked.target.startswith("/endless")
        return streaming(over, "application/json", b"[", b"1,") if endless else Said(200, {"id": 1})

    read = written(tmp_path, document(paths=PATHS), {"pins": {}})
    begun = time.monotonic()
    with serving(answers) as server:
        result = await run(read, server.url, Connection(timeout=0.5), fuzz=True)
    assert result.unfinished == ["fuzzer: 8 requests in a row got no whole answer within 0.5 s"]
    assert "run-unfinished" in {each.rule for each in findings(result)}
    assert time.monotonic() - begun < 60


async def test_a_fuzzer_that_hangs_in_a_request_is_left_behind(tmp_path: Path, over, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fuzz_phase, "_LEAST_PATIENCE", 2.0)
    count = iter(range(10_000))

    def answers(asked: Asked) -> Said:  # Schemathesis looks at `/` first, and reads the answer to its end
        return streaming(over, "application/json", b"[", b"1,") if next(count) > 0 else Said(200, {"id": 1})

    with serving(answers) as server:
        result = await run(written(tmp_path, document(), {"pins": {}}), server.url, Connection(timeout=0.2), fuzz=True)
        over.set()
    assert result.unfinished == ["fuzzer: nothing was sent or answered for 2 s"]


async def test_a_phase_ends_with_its_time_and_names_what_was_not_run(tmp_path: Path):
    def waits(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)

    rows = [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(40)]
    with serving(lambda _: Said(200, {"id": 1}, before=waits)) as server:
        connection = Connection(timeout=5, max_time=1)
        result = await run(
            written(tmp_path, document(), {"pins": {"get_thing": {"rows": rows}}}), server.url, connection
        )
    (unfinished,) = result.unfinished
    left = len([each for each in result.outcomes if each.verdict == "skipped"])
    assert unfinished == f"pins: {left} of 40 were not run, because the 1 s of --max-time were over"
    assert 30 < left < 40
    assert len(result.outcomes) == 40
