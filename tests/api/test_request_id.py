"""X-Request-ID: on every answer, and on every line that is logged for it."""

import httpx
import pytest
import structlog

from tests.api.operations import NOBODYS
from tests.support.actors import Actor

MERGED = [structlog.contextvars.merge_contextvars]
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
    client: httpx.AsyncClient, owner: Actor, url: str
) -> None:
    theirs = await client.get(url, headers={**owner.headers(), "X-Request-ID": "order-66"})
    ours = [(await client.get(url, headers=owner.headers())).headers["x-request-id"] for _ in range(2)]

    assert theirs.headers.get_list("x-request-id") == ["order-66"]
    assert len(set(ours)) == 2
    assert all(ours)


async def test_the_first_harmless_id_counts(client: httpx.AsyncClient) -> None:
    sent = [("X-Request-ID", "not harmless"), ("X-Request-ID", "first"), ("X-Request-ID", "second")]

    assert (await client.get("/health", headers=sent)).headers["x-request-id"] == "first"


@pytest.mark.parametrize("length", [1, 128])
async def test_an_id_may_have_up_to_128_characters(client: httpx.AsyncClient, length: int) -> None:
    response = await client.get("/health", headers={"X-Request-ID": "x" * length})

    assert response.headers["x-request-id"] == "x" * length


async def test_every_line_of_a_request_carries_its_id_and_the_last_one_tells_how_it_ended(
    client: httpx.AsyncClient, owner: Actor
) -> None:
    with structlog.testing.capture_logs(processors=MERGED) as lines:
        response = await client.get("/interviews/invalid-uuid", headers={**owner.headers(), "X-Request-ID": "order-66"})

    assert [line["event"] for line in lines] == ["request_refused", "request"]
    assert {line["request_id"] for line in lines} == {"order-66"}
    last = lines[-1]
    assert (last["method"], last["path"], last["status"]) == ("GET", response.request.url.path, 422)
    assert last["ms"] >= 0


async def test_an_id_does_not_get_into_the_lines_of_the_next_request(client: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs(processors=MERGED) as lines:
        await client.get("/health", headers={"X-Request-ID": "first"})
        await client.get("/health", headers={"X-Request-ID": "second"})

    assert [line["request_id"] for line in lines] == ["first", "second"]
