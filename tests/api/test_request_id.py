"""X-Request-ID is on every response and on every log line of its request."""

import httpx2
import pytest
import structlog

from app.logs import add_request_id
from tests.api.operations import MISSING_ID
from tests.support.actors import Actor

WITH_ID = [add_request_id]
URLS = [
    "/health",
    "/interviews",
    "/nowhere",
    "/interviews/invalid-uuid",
    f"/interviews/{MISSING_ID}",
    "/interviews/start",
    "http://interviews/docs",
    "http://interviews/openapi.yaml",
    "http://interviews/nowhere",
]


@pytest.mark.parametrize("url", URLS)
async def test_a_response_has_the_id_of_the_client_or_a_new_one(
    client: httpx2.AsyncClient, owner: Actor, url: str
) -> None:
    given = await client.get(url, headers={**owner.headers(), "X-Request-ID": "order-66"})
    generated = [(await client.get(url, headers=owner.headers())).headers["x-request-id"] for _ in range(2)]

    assert given.headers.get_list("x-request-id") == ["order-66"]
    assert len(set(generated)) == 2
    assert all(generated)


async def test_the_first_valid_id_is_used(client: httpx2.AsyncClient) -> None:
    sent = [("X-Request-ID", "not harmless"), ("X-Request-ID", "first"), ("X-Request-ID", "second")]

    assert (await client.get("/health", headers=sent)).headers["x-request-id"] == "first"


@pytest.mark.parametrize("length", [1, 128])
async def test_an_id_may_have_up_to_128_characters(client: httpx2.AsyncClient, length: int) -> None:
    response = await client.get("/health", headers={"X-Request-ID": "x" * length})

    assert response.headers["x-request-id"] == "x" * length


async def test_the_log_line_of_an_error_has_the_id_the_status_and_the_error(
    client: httpx2.AsyncClient, owner: Actor
) -> None:
    with structlog.testing.capture_logs(processors=WITH_ID) as lines:
        response = await client.get("/interviews/invalid-uuid", headers={**owner.headers(), "X-Request-ID": "order-66"})

    (line,) = lines
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "warning",
        "request_id": "order-66",
        "method": "GET",
        "path": response.request.url.path,
        "status": 422,
        "error": "InvalidRequest",
        "errors": 1,
        "reason": None,
    }


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("not-a-token", "not three base64url segments"),
        ({"roles": ["secret" * 50]}, "claims are missing or of the wrong type: roles"),
    ],
    ids=["no token", "claims"],
)
async def test_the_log_line_of_an_invalid_token_has_the_reason_but_not_the_token(
    client: httpx2.AsyncClient, owner: Actor, token: str | dict[str, object], reason: str
) -> None:
    text = token if isinstance(token, str) else owner.token(**token)

    with structlog.testing.capture_logs() as lines:
        response = await client.get("/interviews", headers={"Authorization": f"Bearer {text}"})

    assert response.status_code == 401
    assert [(line["error"], line["reason"]) for line in lines] == [("InvalidToken", reason)]
    assert reason not in response.text


async def test_every_log_line_of_a_request_has_its_id(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("app.http.endpoints.pages._render_docs")

    with structlog.testing.capture_logs(processors=WITH_ID) as lines:
        await client.get("http://interviews/docs", headers={"X-Request-ID": "order-66"})

    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("unexpected_error", "order-66"),
        ("request", "order-66"),
    ]


async def test_the_id_is_not_in_the_log_lines_of_the_next_request(client: httpx2.AsyncClient) -> None:
    with structlog.testing.capture_logs(processors=WITH_ID) as lines:
        await client.get("/health", headers={"X-Request-ID": "first"})
        await client.get("/health", headers={"X-Request-ID": "second"})

    assert [line["request_id"] for line in lines] == ["first", "second"]
