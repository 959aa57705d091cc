"""A client that disconnects before its body has ended."""

import structlog
from starlette.applications import Starlette
from starlette.types import Message

from tests.support.actors import Actor


async def test_a_disconnect_during_the_body_sends_no_response_and_logs_one_line_at_info(
    app: Starlette, owner: Actor
) -> None:
    received: list[Message] = [
        {"type": "http.request", "body": b'{"la', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []
    headers = {**owner.headers(), "content-type": "application/json"}
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/interviews/start", "query_string": b"", "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> Message:
        return received.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    with structlog.testing.capture_logs() as lines:
        await app(scope, receive, send)

    assert sent == []
    assert [(line["event"], line["log_level"], line["status"]) for line in lines] == [("request", "info", 499)]
