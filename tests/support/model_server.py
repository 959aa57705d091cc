"""A server of OpenAI's chat completions over real HTTP that fails on request.

It runs uvicorn in a thread. A test sets its responses and reads the requests that it received.
"""

import asyncio
import gzip
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.bad_responses import AbortableStream, HangingResponse, TruncatedResponse
from tests.support.timeouts import TIMEOUT

KEY = "sk-a-secret-key"
MODEL = "small-model"
REPLY = {"question": "What do you do all day?", "corrected_response": None}

_PART_LENGTH = 7
"""The number of characters in each part of a streamed response."""

_HUGE, _HUGE_PART = 300_000_000, 100_000
"""Bytes of a huge reply, and of each of its parts."""


class ModelServer:
    """Responds with `reply` as JSON, or as `behaviour` says.

    behaviour: "answers"; "says" (sends `text`); "refuses"; "is filtered"; "is cut short" (out of tokens); "hangs";
        "breaks off"; "is huge" (300 MB); "is compressed" (the same);
        "sends" (`body`, or `events` in a stream); "waits" for `resume` in a stream; or a status as text, such as "429".
    respond: returns the reply to a request, in place of `reply`.
    behaviours: a behaviour for each of the next requests, before `behaviour` applies.
    status: that of the response if it sends `body`.
    retry_after: the Retry-After header of a response with an error status.
    fail_after: the number of characters that a stream sends before it hangs, waits or breaks off.
    models: the list of models as JSON.
    requests, headers: the received requests in order. A request for the list of models adds only its headers.
    disconnected: set if the client has disconnected from a response that hangs.
    """

    def __init__(self) -> None:
        self.reply: dict[str, Any]
        self.respond: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.behaviours: deque[str] = deque()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.disconnected = threading.Event()
        self.resume = threading.Event()
        self.reset()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # asyncio sets this only if the socket names its protocol. Without it, a response in two parts takes 40 ms more.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        paths = ("/v1/chat/completions", "/elsewhere")
        completions = [Route(path, self._complete, methods=["POST"]) for path in paths]
        app = Starlette(routes=[*completions, Route("/v1/models", self._list)])
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="model server")

    def reset(self) -> None:
        """Restore the initial state."""
        self.reply, self.behaviour, self.text, self.fail_after = dict(REPLY), "answers", "", 0
        self.status, self.body = 200, b""
        self.events: Sequence[bytes] = ()
        self.retry_after = "0"
        self.models: Any = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
        self.behaviours.clear()
        self.requests.clear()
        self.headers.clear()
        self.disconnected.clear()
        self.resume.clear()

    def settings(self) -> dict[str, str]:
        """Return the environment of a service that uses this server."""
        return {"INTERVIEWER": "llm", "LLM_BASE_URL": self.url, "LLM_MODEL": MODEL, "LLM_API_KEY": KEY}

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        behaviour = self.behaviours.popleft() if self.behaviours else self.behaviour
        if behaviour.isdigit() and request.url.path != "/elsewhere":
            return self._error_response(behaviour)
        if behaviour == "sends":
            return self._send(is_stream=bool(body.get("stream")))
        if behaviour == "is compressed":
            return Response(_compress_huge_reply(), media_type="application/json", headers={"Content-Encoding": "gzip"})
        if behaviour == "is huge":
            is_stream = bool(body.get("stream"))
            media_type = "text/event-stream" if is_stream else "application/json"
            return AbortableStream(self._send_huge_reply(is_stream=is_stream), media_type=media_type)
        if body.get("stream"):
            return AbortableStream(self._stream(behaviour), media_type="text/event-stream")
        if behaviour == "hangs":
            return HangingResponse(self.disconnected)
        if behaviour == "breaks off":
            return TruncatedResponse()
        return JSONResponse(_create_completion(*self._create_message(behaviour)))

    def _send(self, *, is_stream: bool) -> Response:
        if is_stream and self.status == 200:
            return AbortableStream(_iterate(self.events), media_type="text/event-stream")
        return Response(self.body, self.status, media_type="application/json")

    async def _list(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if self.behaviour.isdigit():
            return self._error_response(self.behaviour)
        if self.behaviour == "says":
            return Response(self.text, media_type="application/json")
        return HangingResponse(self.disconnected) if self.behaviour == "hangs" else JSONResponse(self.models)

    def _error_response(self, status: str) -> Response:
        error = {"error": {"message": f"rejected {KEY}", "type": "error", "code": None}}
        return JSONResponse(error, int(status), {"Retry-After": self.retry_after, "Location": "/elsewhere"})

    def _create_message(self, behaviour: str) -> tuple[dict[str, Any], str]:
        """Return the message and its finish reason."""
        reply = self.respond(self.requests[-1]) if self.respond else self.reply
        content = json.dumps(reply, ensure_ascii=False)
        if behaviour == "refuses":
            return {"role": "assistant", "content": None, "refusal": "I would rather not."}, "stop"
        if behaviour == "is filtered":
            return {"role": "assistant", "content": None}, "content_filter"
        if behaviour == "is cut short":
            return {"role": "assistant", "content": content[: len(content) // 2]}, "length"
        return {"role": "assistant", "content": self.text if behaviour == "says" else content}, "stop"

    async def _send_huge_reply(self, *, is_stream: bool) -> AsyncIterator[bytes]:
        text = "x" * _HUGE_PART
        before, _, after = json.dumps(_create_completion({"role": "assistant", "content": "|"}, "stop")).partition("|")
        if not is_stream:
            yield before.encode()
        for _ in range(_HUGE // _HUGE_PART):
            yield _encode_chunk({"content": text}) if is_stream else text.encode()
        yield b"data: [DONE]\n\n" if is_stream else after.encode()

    async def _stream(self, behaviour: str) -> AsyncIterator[bytes]:
        message, finish_reason = self._create_message(behaviour)
        yield _encode_chunk({"role": "assistant", "content": ""})
        if message.get("refusal"):
            yield _encode_chunk({"refusal": message["refusal"]})
        sent = 0
        for piece in _split(message["content"] or ""):
            if sent >= self.fail_after:
                await self._fail(behaviour)
            yield _encode_chunk({"content": piece})
            sent += len(piece)
        yield _encode_chunk({}, finish_reason)
        yield b"data: [DONE]\n\n"

    async def _fail(self, behaviour: str) -> None:
        if behaviour == "waits":
            await asyncio.to_thread(self.resume.wait, TIMEOUT)
        if behaviour == "hangs":
            try:
                await asyncio.Event().wait()
            finally:
                self.disconnected.set()
        if behaviour == "breaks off":
            raise ConnectionAbortedError


def _compress_huge_reply() -> bytes:
    part = gzip.compress(b" " * _HUGE_PART)  # White space is allowed before JSON, and gzip allows many parts.
    return part * (_HUGE // _HUGE_PART) + gzip.compress(b"{}")


async def _iterate(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        await asyncio.sleep(0)


def _split(text: str) -> Iterator[str]:
    return (text[begin : begin + _PART_LENGTH] for begin in range(0, len(text), _PART_LENGTH))


def _create_completion(message: dict[str, Any], finish_reason: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _encode_chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
    return b"data: %b\n\n" % json.dumps(chunk, ensure_ascii=False).encode()
