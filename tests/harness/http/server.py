"""HTTP servers of the standard library that answer as a test says."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came in. headers: names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Said:
    """An answer; `body` is sent as JSON unless it is bytes. before: called first, to wait or to close."""

    status: int = 200
    body: Any = None
    headers: dict[str, str | list[str]] = field(default_factory=dict)
    before: Callable[[BaseHTTPRequestHandler], bool | None] = lambda _: None


Answers = Callable[[Asked], Said]


@dataclass
class Server:
    """A server that runs. asked: every request, in order."""

    url: str
    asked: list[Asked]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


@contextmanager
def serving(answers: Answers, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve on a free port of the loopback until the end, over TLS if there is a context for it."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked.append(Asked(self.command, self.path, headers, body))
            said = answers(asked[-1])
            if said.before(self):
                self.close_connection = True
                return
            self.answer(said)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = do  # noqa: N815

        def answer(self, said: Said) -> None:
            body = _encoded(said.body)
            self.send_response(said.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **said.headers}
            for name, value in _each(headers):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Server(f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()


def _each(headers: dict[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, each
