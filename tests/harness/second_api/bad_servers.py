"""Servers that do not speak as an API does: from the start, or once the first request was answered."""

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

Behaviour = Callable[["Server", socket.socket], None]


def unauthorized(body: bytes) -> bytes:
    """An answer 401 with a body."""
    return UNAUTHORIZED % (len(body), body)


class Server(socketserver.ThreadingTCPServer):
    """Answers `sound_first` requests as the library does, and then behaves."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, behaviour: Behaviour, sound_first: int) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.behaviour, self.sound_left = behaviour, sound_first
        self.lock, self.over = threading.Lock(), threading.Event()

    def sound(self) -> bool:
        """Whether the next request is still answered as it should be."""
        with self.lock:
            self.sound_left -= 1
            return self.sound_left >= 0


class Connection(socketserver.BaseRequestHandler):
    """One request, for every answer closes its connection."""

    server: Server

    def handle(self) -> None:
        if self.server.behaviour is closes and self.server.sound_left <= 0:
            return
        if not self.request.recv(65536):
            return
        if self.server.sound():
            self.request.sendall(unauthorized(PROBLEM))
        else:
            self.server.behaviour(self.server, self.request)


def answers_html(server: Server, connection: socket.socket) -> None:
    connection.sendall(HTML)


def hangs(server: Server, connection: socket.socket) -> None:
    server.over.wait()


def closes(server: Server, connection: socket.socket) -> None:
    """Nothing: the connection is closed when it has been handled."""


def answers_a_lone_surrogate(server: Server, connection: socket.socket) -> None:
    connection.sendall(unauthorized(SURROGATE))


def answers_deep_json(server: Server, connection: socket.socket) -> None:
    connection.sendall(unauthorized(NESTED))


def speaks_nonsense(server: Server, connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


@contextmanager
def bad_server(behaviour: Behaviour, sound_first: int = 0) -> Iterator[str]:
    """Its URL, until the block ends."""
    with Server(behaviour, sound_first) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def nobody() -> str:
    """A URL at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
