"""X-Request-ID: on every answer, and on every line that is logged for it."""

import httpx2
import pytest
import structlog

from app.logs import add_request_id
from tests.api.operations import NOBODYS
from tests.support.actors import Actor

WITH_ID = [add_request_id]
URLS = [
    "/health",
    "/interviews",
    "/nowhere",
    "/interviews/invalid-uuid",
    f"/interviews/{NOBODYS}",
    "/interviews/start",
    "http://interviews/docs",
    "http://interviews/openapi.yaml",
    "http://interviews/nowhere",
]


@pytest.mark.parametrize("url", URLS)
async def test_an_answer_carries_the_clients_id_or_one_of_its_own(
    client: httpx2.AsyncClient, owner: Actor, url: str
) -> None:
    theirs = await client.get(url, headers={**owner.headers(), "X-Request-ID": "order-66"})
    ours = [(await client.get(url, headers=owner.headers())).headers["x-request-id"] for _ in range(2)]

    assert theirs.headers.get_list("x-request-id") == ["order-66"]
    assert len(set(ours)) == 2
    assert all(ours)


async def test_the_first_harmless_id_counts(client: httpx2.AsyncClient) -> None:
    sent = [("X-Request-ID", "not harmless"), ("X-Request-ID", "first"), ("X-Request-ID", "second")]

    assert (await client.get("/health", headers=sent)).headers["x-request-id"] == "first"


@pytest.mark.parametrize("length", [1, 128])
async def test_an_id_may_have_up_to_128_characters(client: httpx2.AsyncClient, length: int) -> None:
    response = await client.get("/health", headers={"X-Request-ID": "x" * length})

    assert response.headers["x-request-id"] == "x" * length


async def test_the_one_line_of_a_refused_request_carries_its_id_and_tells_how_it_ended_and_why(
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
        ("not-a-token", "not three segments in base64url"),
        ({"roles": ["secret" * 50]}, "claims are missing or of the wrong type: roles"),
    ],
    ids=["no token", "claims"],
)
async def test_the_line_of_a_refused_token_says_why_and_nothing_of_the_token(
    client: httpx2.AsyncClient, owner: Actor, token: str | dict[str, object], reason: str
) -> None:
    text = token if isinstance(token, str) else owner.token(**token)

    with structlog.testing.capture_logs() as lines:
        response = await client.get("/interviews", headers={"Authorization": f"Bearer {text}"})

    assert response.status_code == 401
    assert [(line["error"], line["reason"]) for line in lines] == [("InvalidToken", reason)]
    assert reason not in response.text


async def test_every_line_of_a_request_carries_its_id(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("app.http.endpoints.pages._docs")

    with structlog.testing.capture_logs(processors=WITH_ID) as lines:
        await client.get("http://interviews/docs", headers={"X-Request-ID": "order-66"})

    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("unexpected_error", "order-66"),
        ("request", "order-66"),
    ]


async def test_an_id_does_not_get_into_the_lines_of_the_next_request(client: httpx2.AsyncClient) -> None:
    with structlog.testing.capture_logs(processors=WITH_ID) as lines:
        await client.get("/health", headers={"X-Request-ID": "first"})
        await client.get("/health", headers={"X-Request-ID": "second"})

    assert [line["request_id"] for line in lines] == ["first", "second"]
