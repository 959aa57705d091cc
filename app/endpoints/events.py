"""Server-Sent Events: parts of an answer, told before the whole is there (WHATWG HTML, section 9.2)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from pydantic_core import to_json
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.envelope import Envelope
from app.inputs.accepting import EVENT_STREAM, JSON, accepted
from app.interviewer.protocol import Tell
from app.refusals import answer

GRACE = 30.0
"""Seconds that a stream under way has after SIGTERM: as many as any other request."""

_LINE_END = "\n"
_KEPT_HEADERS = ("idempotent-replayed",)

logging.getLogger("sse_starlette").setLevel(logging.WARNING)  # below, it tells what was sent


def wants_events(request: Request) -> bool:
    """Whether the request asks for events rather than JSON. `*/*` asks for JSON."""
    return accepted(request, (JSON, EVENT_STREAM)) == EVENT_STREAM


async def told(request: Request, work: Callable[[Tell], Awaitable[Envelope]]) -> Response:
    """Answer with what `work` tells as events `question`, and last with its envelope, as event `result`.

    What `work` raises before it has told anything is raised here, and becomes a refusal like any other; what it raises
    later is the last event, `error`. A client that leaves cancels `work`.
    """
    parts: asyncio.Queue[str | None] = asyncio.Queue()
    task = asyncio.ensure_future(work(parts.put_nowait))
    task.add_done_callback(lambda _: parts.put_nowait(None))
    try:
        first = await parts.get()
    except asyncio.CancelledError:
        await _stop(task)
        raise
    if first is None:
        return task.result()
    return _Told(_events(request, first, parts, task), task)


def whole(question: str, result: Envelope) -> Response:
    """The events of an answer that was there already."""

    async def events() -> AsyncIterator[ServerSentEvent]:
        yield _question(question)
        yield _last("result", result)

    headers = {name: value for name, value in result.headers.items() if name in _KEPT_HEADERS}
    return _EventStream(events(), headers=headers)


class _EventStream(EventSourceResponse):
    def __init__(self, events: AsyncIterator[ServerSentEvent], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(events, headers=headers, sep=_LINE_END, shutdown_grace_period=GRACE)


class _Told(_EventStream):
    """Leaves no work behind: when the client has left, what is not done is cancelled, and undone."""

    def __init__(self, events: AsyncIterator[ServerSentEvent], task: asyncio.Future[Envelope]) -> None:
        super().__init__(events)
        self._task = task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await _stop(self._task)


async def _events(
    request: Request, first: str, parts: asyncio.Queue[str | None], task: asyncio.Future[Envelope]
) -> AsyncIterator[ServerSentEvent]:
    part: str | None = first
    while part is not None:
        yield _question(part)
        part = await parts.get()
    error = task.exception()
    if isinstance(error, Exception):
        yield _last("error", answer(request, error))
        return
    yield _last("result", task.result())


def _question(delta: str) -> ServerSentEvent:
    return _event("question", to_json({"delta": delta}))


def _last(event: str, envelope: Envelope) -> ServerSentEvent:
    return _event(event, bytes(envelope.body))


def _event(name: str, json: bytes) -> ServerSentEvent:
    return ServerSentEvent(event=name, data=json.decode(), sep=_LINE_END)


async def _stop(task: asyncio.Future[Envelope]) -> None:
    """Cancel the work where it is not done, and wait until it has given back all that it held."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # looked at, so that asyncio does not complain of it
