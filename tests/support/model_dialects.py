"""Replies as Ollama, vLLM and other servers of OpenAI's chat completions send them, whole and in a stream.

Each has the thoughts SECRET, which must not be seen.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SECRET = "SECRET"
QUESTION = "What {sets} it off: “mail”?"
REPLY = json.dumps({"question": QUESTION, "corrected_response": None, "is_final": False}, ensure_ascii=False)
THOUGHTS = f'Okay, {SECRET}: the person {{buys}} steel. I could ask {{"question": "{SECRET}?"}}.'


@dataclass(frozen=True)
class Dialect:
    """One reply. content and other members of the message; finish_reason; chunk_size: characters in each chunk.

    without: members that the server leaves out. comments: whether it sends comments between the chunks of a stream.
    line_end: that of the stream. usage_chunk: whether a stream ends with a chunk that has only the usage.
    """

    content: str | None
    members: dict[str, Any] = field(default_factory=dict)
    finish_reason: str | None = "stop"
    chunk_size: int = 3
    without: tuple[str, ...] = ()
    comments: bool = False
    line_end: str = "\n"
    usage_chunk: bool = False
    done: bool = True

    def body(self) -> bytes:
        """Return the response to a request without a stream."""
        message = {"role": "assistant", "content": self.content, **self.members}
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return json.dumps(self._leave_out({**_HEAD, "choices": [choice], "usage": usage})).encode()

    def events(self) -> list[bytes]:
        """Return the response to a request with a stream, event by event."""
        events = [self._event({"role": "assistant", "content": "" if self.content is None else self.content[:0]})]
        for delta in self._deltas():
            events += [b": keep-alive" + self.line_end.encode() * 2] if self.comments else []
            events.append(self._event(delta))
        events.append(self._event({}, self.finish_reason))
        if self.usage_chunk:
            events.append(self._encode({**_HEAD, "choices": [], "usage": {"prompt_tokens": 1, "total_tokens": 2}}))
        return [*events, *([f"data: [DONE]{self.line_end * 2}".encode()] if self.done else [])]

    def _deltas(self) -> Iterator[dict[str, Any]]:
        for name in ("reasoning_content", "reasoning"):
            for part in _split(self.members.get(name) or "", self.chunk_size):
                yield {name: part}
        for part in _split(self.content or "", self.chunk_size):
            yield {"content": part}
        for index, call in enumerate(self.members.get("tool_calls") or ()):
            first, *others = _split(call["function"]["arguments"], self.chunk_size)
            yield {"tool_calls": [{**call, "index": index, "function": {**call["function"], "arguments": first}}]}
            for part in others:
                yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}

    def _event(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._encode({**_HEAD, "object": "chat.completion.chunk", "choices": [choice]})

    def _encode(self, chunk: dict[str, Any]) -> bytes:
        return f"data: {json.dumps(self._leave_out(chunk))}{self.line_end * 2}".encode()

    def _leave_out(self, members: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in members.items() if name not in self.without}


_HEAD = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "small-model"}


def _split(text: str, size: int) -> list[str]:
    return [text[begin : begin + size] for begin in range(0, len(text), size)]


def _call(arguments: str) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": "question", "arguments": arguments}}
    return {"tool_calls": [call]}


UNDERSTOOD = {
    "plain": Dialect(REPLY),
    "think block": Dialect(f"<think>\n{THOUGHTS}\n</think>\n\n{REPLY}", chunk_size=1),
    "think block in large chunks": Dialect(f"<think>\n{THOUGHTS}\n</think>\n\n{REPLY}", chunk_size=40),
    "empty think block": Dialect(f"<think>\n\n</think>\n\n{REPLY}"),
    "two think blocks": Dialect(f"<think>{THOUGHTS}</think>\n<think>{THOUGHTS}</think>{REPLY}"),
    "end of a think block whose start is in the prompt": Dialect(f"{THOUGHTS}\n</think>\n\n{REPLY}"),
    "think block of another name": Dialect(f"<Thinking>{THOUGHTS}</Thinking>{REPLY}"),
    "think block in brackets": Dialect(f"[THINK]{THOUGHTS}[/THINK]{REPLY}"),
    "think block after the reply": Dialect(f"{REPLY}\n<think>{THOUGHTS}</think>"),
    "think block in the question": Dialect(
        REPLY.replace("What", f"<think>{SECRET}: 5 < 6</think>\\n What"), chunk_size=1
    ),
    "end of a think block in the question": Dialect(REPLY.replace("What", "<think></think> What"), chunk_size=2),
    "code fence": Dialect(f"```json\n{REPLY}\n```"),
    "code fence without a language": Dialect(f"```\n{REPLY}\n```\n"),
    "prose around a code fence": Dialect(f"Here is {{the}} question:\n\n```json\n{REPLY}\n```\nI hope {{it}} helps!"),
    "trailing prose": Dialect(f"{REPLY}\n\nThis question asks for the {{trigger}}."),
    "think block and code fence": Dialect(f"<think>{THOUGHTS}</think>\n```json\n{REPLY}\n```"),
    "byte order mark": Dialect(f"\ufeff{REPLY}"),
    "tool call": Dialect(None, _call(REPLY), "tool_calls"),
    "tool call beside empty text": Dialect("", _call(REPLY), "stop"),
    "tool call after a think block": Dialect(f"<think>{THOUGHTS}</think>", _call(REPLY), "tool_calls"),
    "tool call as text": Dialect(f'<tool_call>\n{{"name": "question", "arguments": {REPLY}}}\n</tool_call>'),
    "tool call with parameters as text": Dialect(f'{{"name": "question", "parameters": {REPLY}}}'),
    "reasoning_content of vLLM": Dialect(REPLY, {"reasoning_content": THOUGHTS}),
    "reasoning of vLLM and Ollama": Dialect(REPLY, {"reasoning": THOUGHTS}),
    "reply in reasoning_content": Dialect(None, {"reasoning_content": REPLY}),
    "reply in reasoning": Dialect(None, {"reasoning": REPLY, "tool_calls": []}),
    "no usage": Dialect(REPLY, without=("usage",)),
    "usage in a chunk without choices": Dialect(REPLY, usage_chunk=True),
    "no finish reason": Dialect(REPLY, finish_reason=None),
    "white space until the limit of tokens": Dialect(REPLY + "\n" * 50, finish_reason="length"),
    "comments": Dialect(REPLY, comments=True),
    "carriage returns": Dialect(REPLY, line_end="\r\n", comments=True),
    "no end of the stream": Dialect(REPLY, done=False),
}
"""Replies with the question."""

FAILED = {
    "think block without an end": Dialect(f"<think>\n{THOUGHTS}", finish_reason="length"),
    "thoughts without tags": Dialect(THOUGHTS.replace('"question"', '"thought"')),
    "thoughts without tags until the limit of tokens": Dialect(f"{THOUGHTS} Hmm, but", finish_reason="length"),
    "only thoughts": Dialect(f"<think>{THOUGHTS}</think>"),
    "half a reply after a think block": Dialect(f"<think>{THOUGHTS}</think>{REPLY[:10]}", finish_reason="length"),
    "half a tool call": Dialect(None, _call(REPLY[:30]), "length"),
    "thoughts in reasoning_content": Dialect(None, {"reasoning_content": THOUGHTS}),
    "thoughts in reasoning": Dialect("", {"reasoning": THOUGHTS}),
    "half a reply in reasoning": Dialect(None, {"reasoning": REPLY[:30]}, "length"),
    "no content": Dialect(None),
    "empty content": Dialect(""),
    "no choices": Dialect(REPLY, without=("choices",)),
    "deep nesting": Dialect('{"a":' * 5000),
    "many brackets": Dialect("{" * 50_000, chunk_size=1000),
    "a think block as the question": Dialect(json.dumps({"question": f"<think>{SECRET}</think>"})),
    "an open think block as the question": Dialect(json.dumps({"question": f"<think>{SECRET}"})),
}
"""Replies without a question."""

ERRORS = {
    "Ollama, unknown model": (
        404,
        '{"error":{"message":"model not found","type":"not_found_error","param":null,"code":null}}',
    ),
    "Ollama, older": (404, '{"error":{"message":"model not found","type":"api_error","param":null,"code":null}}'),
    "Ollama, native": (500, '{"error":"llama runner process has terminated"}'),
    "vLLM": (400, '{"error":{"message":"context length","type":"BadRequestError","param":null,"code":400}}'),
    "vLLM, older": (
        400,
        '{"object":"error","message":"context length","type":"BadRequestError","param":null,"code":400}',
    ),
    "vLLM without a message": (500, '{"error":{"message":"","type":"InternalServerError","param":null,"code":500}}'),
    "proxy": (502, "<html><body>Bad Gateway</body></html>"),
    "nothing": (503, ""),
    "success with an error": (200, '{"error":{"message":"overloaded","type":"server_error","param":null,"code":503}}'),
    "success with a list": (200, "[]"),
    "success with text": (200, "overloaded"),
    "success with nothing": (200, ""),
    "success without choices": (200, '{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[]}'),
    "success with no list of choices": (
        200,
        '{"id":"1","object":"chat.completion","created":1,"model":"m","choices":null}',
    ),
}
"""Responses with an error: status and body."""
