"""A client that hangs up in the middle of its body gets no answer, and is no fault of the service."""

import structlog
from starlette.applications import Starlette
from starlette.types import Message

from tests.support.actors import Actor


async def test_nothing_is_sent_and_one_line_without_alarm_when_the_client_leaves_half_way(
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
