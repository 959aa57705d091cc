"""Build exchanges for the tests."""

import json
from typing import Any

from statuspin.http.exchange import Answer, Exchange, Sent


def exchange(
    operation: str, target: str = "/a", status: int | None = 200, *, method: str = "GET", body: Any = None,
    answer: Any = None, headers: dict[str, str] | None = None, media_type: str = "application/json",
) -> Exchange:  # fmt: skip
    """Build an exchange. If `status` is None, no response arrived."""
    sent_headers = {**({"content-type": "application/json"} if body is not None else {}), **(headers or {})}
    sent = Sent(method, target, sent_headers, b"" if body is None else json.dumps(body).encode())
    if status is None:
        return Exchange(operation, sent, None, failure="no response in time")
    content = b"" if answer is None else json.dumps(answer).encode()
    return Exchange(operation, sent, Answer(status, {"content-type": media_type}, content))
