"""Servers that do not behave as an API, from the start or after the first requests."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROBLEM = b'{"type": "about:blank", "status": 401, "detail": "A key is required"}'
UNAUTHORIZED = (
    b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\nWWW-Authenticate: ApiKey\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b"
)
SURROGATE = PROBLEM.replace(b"about:blank", b"\\udfff")
NESTED = PROBLEM.replace(b'"about:blank"', b"[" * 300 + b"]" * 300)
PAGE = b"<!doctype html><title>Welcome</title>"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (
    len(PAGE),
    PAGE,
)

Behaviour = Callable[["BadServer", socket.socket], None]


def unauthorized(body: bytes) -> bytes:
    """Return a 401 response with a body."""
    return UNAUTHORIZED % (len(body), body)


class BadServer(socketserver.ThreadingTCPServer):
    """Answers `sound_requests` requests like the library, and then shows its behaviour."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, behaviour: Behaviour, sound_requests: int) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.behaviour, self.sound_left = behaviour, sound_requests
        self.lock, self.over = threading.Lock(), threading.Event()

    def sound(self) -> bool:
        """Return whether the next request gets a correct response."""
        with self.lock:
            self.sound_left -= 1
            return self.sound_left >= 0


class Connection(socketserver.BaseRequestHandler):
    """One request per connection."""

    server: BadServer

    def handle(self) -> None:
        if self.server.behaviour is close_connection and self.server.sound_left <= 0:
            return
        if not self.request.recv(65536):
            return
        if self.server.sound():
            self.request.sendall(unauthorized(PROBLEM))
        else:
            self.server.behaviour(self.server, self.request)


def send_html(server: BadServer, connection: socket.socket) -> None:
    connection.sendall(HTML)


def hang(server: BadServer, connection: socket.socket) -> None:
    server.over.wait()


def close_connection(server: BadServer, connection: socket.socket) -> None:
    """Send nothing, so that the connection closes."""


def send_lone_surrogate(server: BadServer, connection: socket.socket) -> None:
    connection.sendall(unauthorized(SURROGATE))


def send_deep_json(server: BadServer, connection: socket.socket) -> None:
    connection.sendall(unauthorized(NESTED))


def send_nonsense(server: BadServer, connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


@contextmanager
def bad_server(behaviour: Behaviour, sound_requests: int = 0) -> Iterator[str]:
    """Start a server and yield its URL."""
    with BadServer(behaviour, sound_requests) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def find_unreachable_url() -> str:
    """Return a URL without a server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
