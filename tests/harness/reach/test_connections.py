"""Connections that a server closes, and requests that are sent again."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness.reach.runs import broken_pins, document, run, write_contract

ANSWER = b'HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"id": 1}'
MANY = {"get_thing": {"rows": [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(20)]}}
POSTS = {"make_thing": {"rows": [{"actor": "anonymous", "input": f"n{number}", "answer": 201} for number in range(20)]}}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def serve_one_request_per_connection(*, silent_at: int = 0) -> Iterator[tuple[str, list[bytes]]]:
    """Start a server that sends keep-alive, and closes each connection at its second request.

    It does not answer the first request of the connection number `silent_at` either. Yields the URL and the
    lines of the answered requests.
    """
    answered: list[bytes] = []
    connections = iter(range(1, 10_000))

    class ClosingHandler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            number = next(connections)
            if not (first := self.receive()) or number == silent_at:
                return
            answered.append(first)
            self.request.sendall(ANSWER % (201 if first.startswith(b"POST") else 200))
            self.receive()

        def receive(self) -> bytes:
            received = b""
            while b"\r\n\r\n" not in received:
                part = self.request.recv(65536)
                if not part:
                    return b""
                received += part
            return received.partition(b"\r\n")[0]

    with _Server(("127.0.0.1", 0), ClosingHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", answered
        finally:
            server.shutdown()
            thread.join()


async def verify_pins(folder: Path, url: str, pins: dict[str, Any], **more: Any) -> Any:
    return await run(write_contract(folder, document(), {"pins": pins}), url, **more)


async def test_an_idempotent_request_is_sent_again_if_the_connection_was_closed(tmp_path: Path):
    with serve_one_request_per_connection() as (url, answered):
        result = await verify_pins(tmp_path, url, MANY)
    assert broken_pins(result) == []
    assert result.resends.closed == 10  # every second request uses the connection of the one before
    assert len(answered) == 21  # includes the probe


async def test_a_request_that_is_not_idempotent_uses_a_new_connection(tmp_path: Path):
    with serve_one_request_per_connection() as (url, answered):
        result = await verify_pins(tmp_path, url, POSTS)
    assert broken_pins(result) == []
    assert result.resends.closed == 0
    assert [line for line in answered if line.startswith(b"POST")] == [b"POST /thing HTTP/1.1"] * 20


async def test_no_request_of_a_race_is_sent_again(tmp_path: Path):
    race = {"actor": "anonymous", "at_once": 5, "answers": {200: 5}, "rounds": 3}
    with serve_one_request_per_connection() as (url, answered):
        result = await verify_pins(tmp_path, url, {"get_thing": {"rows": [race]}})
    assert broken_pins(result) == []
    assert result.resends.closed == 0
    assert len(answered) == 16


@pytest.mark.parametrize("pins", [MANY, POSTS], ids=["GET", "POST"])
async def test_a_closed_new_connection_is_a_failure(tmp_path: Path, pins):
    with serve_one_request_per_connection(silent_at=2) as (url, _):
        result = await verify_pins(tmp_path, url, pins)
    assert len(broken_pins(result)) == 1
    assert "the connection was closed before the response was complete" in broken_pins(result)[0]


async def test_the_fuzzer_has_no_finding_on_this_server(tmp_path: Path):
    with serve_one_request_per_connection() as (url, _):
        result = await verify_pins(tmp_path, url, {}, fuzz=True)
    assert result.fuzzed.answered == result.fuzzed.cases > 0
