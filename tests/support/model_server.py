"""A server that speaks OpenAI's chat completions over real HTTP, and fails in whichever way it is told to.

It runs uvicorn in a thread of its own. What it answers is set by the test; what it was asked is kept for the test.
"""

import asyncio
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.bad_responses import BrokenOff, Endless, Streamed
from tests.support.patience import PATIENCE

KEY = "sk-a-key-that-nobody-may-see"
MODEL = "small-model"
REPLY = {"question": "What do you do all day?", "corrected_response": None}

_PIECE = 7
"""Characters that a streamed answer comes in."""


class ModelServer:
    """Answers `reply` as JSON, unless `behaviour` says otherwise; `behaviours` come first, one a request.

    behaviour: "answers"; "says" (`text` as it is); "refuses"; "is filtered"; "is cut short" (out of tokens); "hangs";
    "breaks off"; or, streamed, "waits" for `may_go_on`; or a status as text, such as "429".
    retry_after: what a refusal by status says in Retry-After.
    after: how many characters of an answer that is streamed come before it hangs, waits or breaks off.
    listed: its list of models, as JSON.
    requests, headers: what it was asked, in order; of a question for its list, the headers alone.
    """

    def __init__(self) -> None:
        self.reply: dict[str, Any]
        self.behaviours: deque[str] = deque()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()
        self.may_go_on = threading.Event()
        self.reset()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        paths = ("/v1/chat/completions", "/elsewhere")
        completions = [Route(path, self._complete, methods=["POST"]) for path in paths]
        app = Starlette(routes=[*completions, Route("/v1/models", self._list)])
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="model server")

    def reset(self) -> None:
        """As if it were new."""
        self.reply, self.behaviour, self.text, self.after = dict(REPLY), "answers", "", 0
        self.retry_after = "0"
        self.listed: Any = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
        self.behaviours.clear()
        self.requests.clear()
        self.headers.clear()
        self.hung_up.clear()
        self.may_go_on.clear()

    def settings(self) -> dict[str, str]:
        """The environment of a service that asks this server."""
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
        asked = await request.json()
        self.requests.append(asked)
        self.headers.append(dict(request.headers))
        behaviour = self.behaviours.popleft() if self.behaviours else self.behaviour
        if behaviour.isdigit() and request.url.path != "/elsewhere":
            return self._refused(behaviour)
        if asked.get("stream"):
            return Streamed(self._chunks(behaviour), media_type="text/event-stream")
        if behaviour == "hangs":
            return Endless(self.hung_up)
        if behaviour == "breaks off":
            return BrokenOff()
        return JSONResponse(_completion(*self._said(behaviour)))

    async def _list(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if self.behaviour.isdigit():
            return self._refused(self.behaviour)
        if self.behaviour == "says":
            return Response(self.text, media_type="application/json")
        return Endless(self.hung_up) if self.behaviour == "hangs" else JSONResponse(self.listed)

    def _refused(self, status: str) -> Response:
        error = {"error": {"message": f"refused, and {KEY} is quoted", "type": "error", "code": None}}
        return JSONResponse(error, int(status), {"Retry-After": self.retry_after, "Location": "/elsewhere"})

    def _said(self, behaviour: str) -> tuple[dict[str, Any], str]:
        """The message and its finish reason."""
        content = json.dumps(self.reply, ensure_ascii=False)
        if behaviour == "refuses":
            return {"role": "assistant", "content": None, "refusal": "I would rather not."}, "stop"
        if behaviour == "is filtered":
            return {"role": "assistant", "content": None}, "content_filter"
        if behaviour == "is cut short":
            return {"role": "assistant", "content": content[: len(content) // 2]}, "length"
        return {"role": "assistant", "content": self.text if behaviour == "says" else content}, "stop"

    async def _chunks(self, behaviour: str) -> AsyncIterator[bytes]:
        message, finish_reason = self._said(behaviour)
        yield _chunk({"role": "assistant", "content": ""})
        if message.get("refusal"):
            yield _chunk({"refusal": message["refusal"]})
        sent = 0
        for piece in _pieces(message["content"] or ""):
            if sent >= self.after:
                await self._fail(behaviour)
            yield _chunk({"content": piece})
            sent += len(piece)
        yield _chunk({}, finish_reason)
        yield b"data: [DONE]\n\n"

    async def _fail(self, behaviour: str) -> None:
        if behaviour == "waits":
            await asyncio.to_thread(self.may_go_on.wait, PATIENCE)
        if behaviour == "hangs":
            try:
                await asyncio.Event().wait()
            finally:
                self.hung_up.set()
        if behaviour == "breaks off":
            raise ConnectionAbortedError


def _pieces(text: str) -> Iterator[str]:
    return (text[begin : begin + _PIECE] for begin in range(0, len(text), _PIECE))


def _completion(message: dict[str, Any], finish_reason: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
    return b"data: %b\n\n" % json.dumps(chunk, ensure_ascii=False).encode()
