"""A reverse proxy on the loopback that passes requests to a server and records each with the status of its response."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

import httpx2

from statuspin.errors import CannotRun
from statuspin.traffic.files import Recorded

_NOT_PASSED_ON = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade"),
        *("transfer-encoding", "content-length", "content-encoding", "host", "date", "server"),
    }
)
"""Headers that apply to one connection (RFC 9110, section 7.6.1), or are set again when a message is sent."""


class RecordingProxy:
    """A proxy that listens in the block: `with RecordingProxy(url, port) as proxy`. `recorded` grows while it runs."""

    def __init__(self, url: str, port: int, *, limit: int | None = None, verify: Any = True) -> None:
        """url: the server. port: 0 for a free port. limit: the number of requests after which `full` is set.

        verify: as in httpx2. Raises CannotRun if the port is in use.
        """
        self.recorded: list[Recorded] = []
        self.full = Event()
        self._limit, self._lock = limit, Lock()
        self._client = httpx2.Client(base_url=url, verify=verify, timeout=60, follow_redirects=False)
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise CannotRun(f"port {port}: {(error.strerror or str(error)).lower()}; choose another --port") from None
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The base URL of the proxy."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "RecordingProxy":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: proxy._pass_on(self)
                raise AttributeError(name)

            def log_message(self, *arguments: object) -> None:
                """Log nothing: the recorded requests are the log."""

        return Handler

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = _read_body(handler)
        headers = [(name, value) for name, value in handler.headers.items() if name.lower() not in _NOT_PASSED_ON]
        try:
            response = self._client.request(handler.command, handler.path, headers=headers, content=body)
        except httpx2.HTTPError as error:
            handler.send_error(502, explain=f"{self._client.base_url} did not respond: {error}")
            return
        lower = {name.lower(): value for name, value in handler.headers.items()}
        self._record(Recorded(handler.command, handler.path, lower, body or None, response.status_code))
        handler.send_response(response.status_code)
        for name, value in response.headers.multi_items():
            if name.lower() not in _NOT_PASSED_ON:
                handler.send_header(name, value)
        if response.status_code not in (204, 304):
            handler.send_header("Content-Length", str(len(response.content)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(response.content)

    def _record(self, recorded: Recorded) -> None:
        with self._lock:
            self.recorded.append(recorded)
            if self._limit is not None and len(self.recorded) >= self._limit:
                self.full.set()


def _read_body(handler: BaseHTTPRequestHandler) -> bytes:
    if "chunked" not in handler.headers.get("Transfer-Encoding", "").lower():
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    chunks = []
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        chunks.append(handler.rfile.read(size))
        handler.rfile.readline()
    while handler.rfile.readline().strip():  # trailers
        pass
    return b"".join(chunks)
