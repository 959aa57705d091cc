"""Raw HTTP over a socket: requests that no client library would send."""

import json
import socket
from dataclasses import dataclass
from typing import Any

_TIMEOUT = 30.0
"""Seconds without a byte after which a test fails."""


@dataclass(frozen=True)
class RawResponse:
    """The first response on a connection. status is 0 if the server closed the connection without a response."""

    status: int
    headers: dict[str, str]
    body: bytes
    sent: int
    """Bytes that the server accepted before it closed the connection."""

    @property
    def envelope(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def connect(url: str) -> socket.socket:
    """Open a connection to a server. url: `http://host:port`."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_TIMEOUT)


def send_raw(url: str, *parts: bytes) -> RawResponse:
    """Send the parts on a new connection, until the server closes it, and return its first response."""
    sent = 0
    with connect(url) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                sent += len(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The response may have arrived before.
        return read_response(connection, sent)


def read_response(connection: socket.socket, sent: int = 0) -> RawResponse:
    """Read until the server closes the connection and return the first response."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(status_line.split()[1]) if status_line else 0
    return RawResponse(status, headers, body[: int(headers.get("content-length", len(body)))], sent)
