"""The server's HTTP/1.1 protocol: uvicorn's httptools protocol with limits and the checks that RFC 9112 requires.

The parser has no limits of its own. A rejected request still passes the application's middleware, so it gets an
envelope, a request id, a log line and a place in the metrics. The connection is closed after the response.
"""

import asyncio
from typing import Any

import httptools

from app.http.errors import (
    REJECTED,
    BadRequest,
    HeadersTooLarge,
    HTTPError,
    ReceiveTimedOut,
    TargetTooLong,
    VersionNotSupported,
)
from app.http.keep_alive import KeepAliveProtocol
from app.http.message_rules import check_message
from app.http.rejection import Rejection, rejection_scope, render_rejection
from app.settings import Settings

_MAX_SLICE = 16 * 1024
"""Bytes that the parser gets in one call. It buffers at most this much beyond a limit."""

_CHUNK_FRAME = 24
"""Bytes of a chunk's size and line ends. What a body has beyond this is chunk extensions and trailers."""

_MAX_FRAMING = 16 * 1024
"""Bytes of chunk extensions and trailers in one request (RFC 9112, section 7.1.1)."""

_LINGER = 2.0
"""Seconds to discard input after a rejection. Without them the client might lose the response."""

_MAX_DISCARDED = 4 * 1024 * 1024
"""Bytes to discard in that time. Then the connection is reset."""

_LAST_REQUEST = 2.0
"""Seconds after a stop in which an idle connection may still begin a request, which the client may have sent before."""


class LimitedHTTPProtocol(KeepAliveProtocol):
    """uvicorn's protocol with limits: `uvicorn.Config(http=partial(LimitedHTTPProtocol, settings=settings))`.

    The limits are MAX_TARGET_SIZE, MAX_HEADER_SIZE, MAX_HEADERS_SIZE and MAX_HEADERS. HEADER_TIMEOUT starts when the
    connection opens or when the request begins, BODY_TIMEOUT after the headers.
    """

    def __init__(self, *args: Any, settings: Settings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settings = settings
        self._timer: asyncio.TimerHandle | None = None
        self._in_headers = True
        self._rejected = False
        self._stopping = False
        self._discarded = 0
        self._slice = 0  # bytes of the slice in the parser
        self._head = 0  # bytes since the request began, and those before it in the same slice
        self._stalled = 0  # bytes since the parser reported a part of the head
        self._framing = 0  # bytes of the body that are not content
        self.url = b""
        self.headers = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Open the connection and start the time for its first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self._settings.header_timeout, self._expire)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, and reject the request if it exceeds a limit or breaks a rule."""
        if self._rejected:
            self._discard(data)
            return
        try:
            for start in range(0, len(data), _MAX_SLICE):
                self._feed(data[start : start + _MAX_SLICE])
        except Rejection as rejection:
            self._reject(rejection.error)
        except httptools.HttpParserUpgrade:
            # A server may ignore Upgrade (RFC 9110, section 7.8). The parser stops here, so the connection must end.
            self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            self._reject(_find_error(error))
        if self._received:
            self._stop_timer()
        elif self._timer is None and not self._rejected:
            seconds = self._settings.header_timeout if self._in_headers else self._settings.body_timeout
            self._timer = self.loop.call_later(seconds, self._expire)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        if self._stopping:
            self._stop_timer()
        self._in_headers = True
        self._head, self._stalled, self._framing = self._slice, 0, 0

    def on_headers_complete(self) -> None:
        """Check the headers and start the application."""
        self._check_size()
        check_message(self.parser.get_http_version(), self.headers)
        self._in_headers = False
        self._stop_timer()
        super().on_headers_complete()
        if self._stopping:
            self.cycle.keep_alive = False
        self.headers = []  # for trailers, which must not be merged into the headers (RFC 9110, section 6.5.1)

    def on_chunk_header(self) -> None:
        """Allow for the frame of a chunk."""
        self._framing -= _CHUNK_FRAME

    def on_body(self, body: bytes) -> None:
        """Add a part of the body."""
        self._framing -= len(body)
        super().on_body(body)

    def shutdown(self) -> None:
        """Let the connection close after the request that runs or arrives. Without one, it closes in _LAST_REQUEST."""
        self._stopping = True
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timer()
            super().shutdown()
        elif self._received:
            self._stop_timer()
            self._timer = self.loop.call_later(_LAST_REQUEST, self.transport.close)

    def _feed(self, piece: bytes) -> None:
        size = self._slice = len(piece)
        self._head += size
        progress, in_body = len(self.url) + len(self.headers), not self._in_headers
        self.parser.feed_data(piece)
        if self._in_headers:
            # The parser reports a header only when it is complete.
            self._stalled = self._stalled + size if len(self.url) + len(self.headers) == progress else 0
            if self._stalled > self._settings.max_header_size:
                raise Rejection(HeadersTooLarge() if self.url else BadRequest("The request line is missing"))
            self._check_size()
        elif in_body and not self._received:
            self._framing += size
            if self._framing > _MAX_FRAMING:
                raise Rejection(BadRequest("Chunk extensions or trailers are too large"))

    def _check_size(self) -> None:
        limits = self._settings
        if len(self.url) > limits.max_target_size:
            raise Rejection(TargetTooLong())
        if self._head <= limits.max_header_size and len(self.headers) <= limits.max_headers:
            return
        sizes = [len(name) + len(value) for name, value in self.headers]
        is_too_large = sum(sizes) > limits.max_headers_size or max(sizes, default=0) > limits.max_header_size
        if is_too_large or len(sizes) > limits.max_headers:
            raise Rejection(HeadersTooLarge())

    def _expire(self) -> None:
        """Handle a request that did not arrive in time."""
        self._timer = None
        if self._rejected or self.transport.is_closing():
            return
        if self._in_headers and not self._received:
            self._reject(ReceiveTimedOut())
        elif self._received or self.cycle.response_complete:  # The connection was never used, or has its response.
            self.transport.close()
        else:  # The application is reading the body. Wake it, so that it raises the error.
            self.cycle.keep_alive = False
            self.cycle.scope[REJECTED] = ReceiveTimedOut()  # type: ignore[literal-required]  # a key of our own
            self.cycle.message_event.set()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _reject(self, error: HTTPError) -> None:
        """Let the application respond with `error`, then close the connection."""
        self._rejected = True
        self._stop_timer()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.keep_alive = False
            if self._in_headers or cycle.response_started:
                return  # A response is due or has begun. The connection closes after it.
            cycle.disconnected = True
            cycle.message_event.set()
        task = self.loop.create_task(self._respond(error))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _respond(self, error: HTTPError) -> None:
        response = await render_rejection(self.app, rejection_scope(self, error))
        if self.transport.is_closing():
            return
        self.transport.write(response)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(_LINGER, self.transport.close)
        else:
            self.transport.close()

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _MAX_DISCARDED:
            self.transport.abort()


def _find_error(error: httptools.HttpParserError) -> HTTPError:
    """Return the HTTPError for a parser error, which hides what a callback raised in its context."""
    if isinstance(error.__context__, Rejection):
        return error.__context__.error
    if "version" in str(error).lower():
        return VersionNotSupported()
    return BadRequest("The request is not valid HTTP/1.1")
