"""Server-sent events: stream a question while the interviewer generates it (WHATWG HTML, section 9.2)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from pydantic_core import to_json
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.content_negotiation import EVENT_STREAM, JSON, select_media_type
from app.http.envelope import Envelope
from app.http.error_responses import error_response
from app.interviewer.protocol import PartCallback

GRACE_PERIOD = 30.0
"""Seconds that a running stream gets after SIGTERM, the same as any other request."""

_LINE_END = "\n"
_REPLAYED_HEADERS = ("idempotent-replayed",)

logging.getLogger("sse_starlette").setLevel(logging.WARNING)  # At lower levels it logs what was sent.


def wants_events(request: Request) -> bool:
    """Return whether the client prefers events to JSON. `*/*` means JSON."""
    return select_media_type(request, (JSON, EVENT_STREAM)) == EVENT_STREAM


async def stream_events(request: Request, work: Callable[[PartCallback], Awaitable[Envelope]]) -> Response:
    """Run `work` and return a stream of its parts as `question` events and its envelope as the final `result` event.

    work: calls its argument with each part of the question, and returns the envelope of the JSON response.

    An exception raised before the first part is raised here and becomes a JSON error response. A later exception
    becomes the final `error` event. If the client disconnects, `work` is cancelled.
    """
    parts: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(parts.put_nowait))
    task.add_done_callback(lambda _: parts.put_nowait(None))
    try:
        first = await parts.get()
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    if first is None:
        return task.result()
    return _TaskEventStream(_events(request, first, parts, task), task)


def replay_events(question: str, result: Envelope) -> Response:
    """Return the events of a stored response: one `question` event and the `result` event."""

    async def events() -> AsyncIterator[ServerSentEvent]:
        yield _question_event(question)
        yield _envelope_event("result", result)

    headers = {name: value for name, value in result.headers.items() if name in _REPLAYED_HEADERS}
    return _EventStream(events(), headers=headers)


class _EventStream(EventSourceResponse):
    def __init__(self, events: AsyncIterator[ServerSentEvent], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(events, headers=headers, sep=_LINE_END, shutdown_grace_period=GRACE_PERIOD)


class _TaskEventStream(_EventStream):
    """A stream that cancels its task if the client disconnects. A cancelled task rolls back its transaction."""

    def __init__(self, events: AsyncIterator[ServerSentEvent], task: asyncio.Future[Envelope]) -> None:
        super().__init__(events)
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await _cancel(self._task)


async def _events(
    request: Request, first: str, parts: asyncio.Queue[str | None], task: asyncio.Future[Envelope]
) -> AsyncIterator[ServerSentEvent]:
    part: str | None = first
    while part is not None:
        yield _question_event(part)
        part = await parts.get()
    error = task.exception()
    if isinstance(error, Exception):
        yield _envelope_event("error", error_response(request, error))
        return
    yield _envelope_event("result", task.result())


def _question_event(delta: str) -> ServerSentEvent:
    return _event("question", to_json({"delta": delta}))


def _envelope_event(name: str, envelope: Envelope) -> ServerSentEvent:
    return _event(name, bytes(envelope.body))


def _event(name: str, json: bytes) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.decode(), sep=_LINE_END)


async def _cancel(task: asyncio.Future[Envelope]) -> None:
    """Cancel the task if it is still running, and wait until it has released its resources."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # Retrieve it, or asyncio logs "exception was never retrieved".
