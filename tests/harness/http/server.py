"""HTTP servers of the standard library with the responses of a test."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ReceivedRequest:
    """A received request. The names of its headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    """A response. `body` is sent as JSON unless it is bytes. `before` is called first, to wait or to close."""

    status: int = 200
    body: Any = None
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    before: Callable[[BaseHTTPRequestHandler], bool | None] = lambda _: None


Answers = Callable[[ReceivedRequest], Response]


@dataclass
class LocalServer:
    """A running server and the requests that it received, in order."""

    url: str
    asked: list[ReceivedRequest]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect."""


@contextmanager
def serve(answers: Answers, tls: ssl.SSLContext | None = None) -> Iterator[LocalServer]:
    """Serve on a free loopback port during the block, over TLS if a context is given."""
    asked: list[ReceivedRequest] = []

    class ResponseHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked.append(ReceivedRequest(self.command, self.path, headers, body))
            said = answers(asked[-1])
            if said.before(self):
                self.close_connection = True
                return
            self.answer(said)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = do  # noqa: N815

        def answer(self, said: Response) -> None:
            body = _encode(said.body)
            self.send_response(said.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **said.headers}
            for name, value in _flatten_headers(headers):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Write no log."""

    server = _Quiet(("127.0.0.1", 0), ResponseHandler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield LocalServer(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _encode(body: Any) -> bytes:
    return body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()


def _flatten_headers(headers: dict[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, each
