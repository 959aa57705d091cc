"""Browsers: only the origins that CORS_ORIGINS names may call, and what they may read of an answer."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from app.settings import Settings
from tests.support.actors import Actor
from tests.support.assertions import assert_method_not_allowed
from tests.support.clients import open_client

ALL_HEADERS = "authorization, content-type, idempotency-key, x-custom"
OURS, FOREIGN = "https://app.example", "https://evil.example"
ALLOWED, EXPOSED = "access-control-allow-origin", "access-control-expose-headers"


@pytest.fixture(scope="module")
async def shared(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service that lets one origin call."""
    async with open_client(settings, cors_origins=(OURS,)) as client:
        yield client


def _preflight(
    origin: str, method: str, headers: str = "authorization, content-type, idempotency-key"
) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
async def test_200_to_a_browsers_question_from_our_origin(shared: httpx2.AsyncClient, method: str) -> None:
    response = await shared.options("/interviews", headers=_preflight(OURS, method, ALL_HEADERS))

    assert (response.status_code, response.headers[ALLOWED]) == (200, OURS)
    assert method in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"].lower()
    assert allowed == "authorization, content-type, idempotency-key, x-custom"
    assert response.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    "asked",
    [_preflight(FOREIGN, "GET"), _preflight("null", "GET"), _preflight(f"{OURS}.evil.example", "GET")],
)
async def test_400_to_a_browsers_question_from_another_origin(
    shared: httpx2.AsyncClient, asked: dict[str, str]
) -> None:
    response = await shared.options("/interviews", headers=asked)

    assert response.status_code == 400
    assert ALLOWED not in response.headers


@pytest.mark.parametrize("asked", [_preflight(OURS, "PUT"), _preflight(FOREIGN, "GET", "x-custom")])
async def test_400_to_a_browsers_question_for_what_no_operation_takes(
    shared: httpx2.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await shared.options("/interviews", headers=asked)).status_code == 400


async def test_every_answer_to_our_origin_may_be_read_refusals_too(shared: httpx2.AsyncClient, owner: Actor) -> None:
    asking = {**owner.headers(), "Origin": OURS}
    answers = [
        await shared.get("/interviews", headers=asking),
        await shared.get("/interviews", headers={"Origin": OURS}),
        await shared.get("/nowhere", headers=asking),
        await shared.post("/interviews/start", content=b"{", headers=asking),
        await shared.get("/interviews/invalid-uuid", headers=asking),
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 404, 415, 422]
    assert {answer.headers[ALLOWED] for answer in answers} == {OURS}
    assert all("origin" in answer.headers["vary"].lower() for answer in answers)
    assert {answer.headers["access-control-allow-credentials"] for answer in answers} == {"true"}
    assert {answer.headers[EXPOSED] for answer in answers} == {"Idempotent-Replayed, Retry-After, X-Request-ID"}


async def test_an_answer_to_another_origin_may_not_be_read(shared: httpx2.AsyncClient, owner: Actor) -> None:
    response = await shared.get("/interviews", headers={**owner.headers(), "Origin": FOREIGN})

    assert ALLOWED not in response.headers


async def test_no_credentials_and_no_free_choice_of_headers_if_any_origin_may_call(
    settings: Settings, owner: Actor
) -> None:
    async with open_client(settings, cors_origins=("*",)) as client:
        preflight = await client.options("/interviews", headers=_preflight(FOREIGN, "GET"))
        custom = await client.options("/interviews", headers=_preflight(FOREIGN, "GET", "x-custom"))
        response = await client.get("/interviews", headers={**owner.headers(), "Origin": FOREIGN})

    assert (preflight.status_code, custom.status_code, response.status_code) == (200, 400, 200)
    assert {each.headers[ALLOWED] for each in (preflight, response)} == {"*"}
    assert not [each for each in (preflight, custom, response) if "access-control-allow-credentials" in each.headers]


async def test_405_where_options_is_asked_by_no_browser(shared: httpx2.AsyncClient) -> None:
    assert_method_not_allowed(await shared.options("/interviews", headers={"Origin": OURS}), "GET")


async def test_nothing_is_allowed_to_anybody_where_no_origin_is_set(client: httpx2.AsyncClient, owner: Actor) -> None:
    asked = await client.options("/interviews", headers=_preflight(OURS, "GET"))
    answer = await client.get("/interviews", headers={**owner.headers(), "Origin": OURS})

    assert_method_not_allowed(asked, "GET")
    assert not [name for name in answer.headers if name.startswith("access-control")]
