"""uvicorn's HTTP/1.1 protocol with one timer for an idle connection, instead of one after each response."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class KeepAliveProtocol(HttpToolsProtocol):
    """Close a connection that stays idle for `timeout_keep_alive` seconds after a response.

    uvicorn starts a timer after each response and cancels it when the next request arrives, which costs 4 µs with
    uvloop. This timer keeps running. When it ends, it starts again if there was a response in the meantime.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = True  # whether the last request has arrived completely
        self._idle_timer: asyncio.TimerHandle | None = None
        self._idle_until = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._received = False

    def on_message_complete(self) -> None:
        """End the request, whose response may have been sent before."""
        self._received = True
        self._idle_until = self.loop.time() + self.timeout_keep_alive
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Start the next request of the pipeline, or the time for which the connection may stay idle."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_until = self.loop.time() + self.timeout_keep_alive
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        self._idle_timer = None
        if not self.cycle.response_complete:
            return  # The response starts the timer again.
        if self._received and self._idle_until <= self.loop.time():
            self.timeout_keep_alive_handler()
            return
        seconds = self._idle_until - self.loop.time() if self._received else self.timeout_keep_alive
        self._idle_timer = self.loop.call_later(seconds, self._close_if_idle)
