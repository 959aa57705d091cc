"""Connections that a server closes, and requests that are sent once more."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness.reach.running import document, kept, run, written

ANSWER = b'HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"id": 1}'
MANY = {"get_thing": {"rows": [{"actor": "anonymous", "input": f"n{number}", "answer": 200} for number in range(20)]}}
POSTS = {"make_thing": {"rows": [{"actor": "anonymous", "input": f"n{number}", "answer": 201} for number in range(20)]}}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@contextmanager
def serving_one_request_a_connection(*, silent_at: int = 0) -> Iterator[tuple[str, list[bytes]]]:
    """A server that says keep-alive, waits for the next request and closes without a byte. silent_at: the number of a
    connection whose first request is not answered either. The lines of the requests that were answered."""
    answered: list[bytes] = []
    connections = iter(range(1, 10_000))

    class Handler(socketserver.BaseRequestHandler):
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

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", answered
        finally:
            server.shutdown()
            thread.join()


async def verified(folder: Path, url: str, pins: dict[str, Any], **more: Any) -> Any:
    return await run(written(folder, document(), {"pins": pins}), url, **more)


async def test_an_idempotent_request_on_a_connection_that_was_closed_is_sent_again_and_counted(tmp_path: Path):
    with serving_one_request_a_connection() as (url, answered):
        result = await verified(tmp_path, url, MANY)
    assert kept(result) == []
    assert result.resends.closed == 10  # every other request finds the connection of the one before
    assert len(answered) == 21  # and the probe


async def test_a_request_that_is_not_idempotent_never_goes_on_a_used_connection(tmp_path: Path):
    with serving_one_request_a_connection() as (url, answered):
        result = await verified(tmp_path, url, POSTS)
    assert kept(result) == []
    assert result.resends.closed == 0
    assert [line for line in answered if line.startswith(b"POST")] == [b"POST /thing HTTP/1.1"] * 20


async def test_no_request_of_a_race_is_sent_again(tmp_path: Path):
    race = {"actor": "anonymous", "at_once": 5, "answers": {200: 5}, "rounds": 3}
    with serving_one_request_a_connection() as (url, answered):
        result = await verified(tmp_path, url, {"get_thing": {"rows": [race]}})
    assert kept(result) == []
    assert result.resends.closed == 0
    assert len(answered) == 16


@pytest.mark.parametrize("pins", [MANY, POSTS], ids=["GET", "POST"])
async def test_a_fresh_connection_that_is_closed_is_a_failure(tmp_path: Path, pins):
    with serving_one_request_a_connection(silent_at=2) as (url, _):
        result = await verified(tmp_path, url, pins)
    assert len(kept(result)) == 1
    assert "the connection was closed before the answer was complete" in kept(result)[0]


async def test_the_fuzzer_meets_the_same_server_without_a_finding(tmp_path: Path):
    with serving_one_request_a_connection() as (url, _):
        result = await verified(tmp_path, url, {}, fuzz=True)
    assert result.fuzzed.answered == result.fuzzed.cases > 0
