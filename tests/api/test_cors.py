"""CORS: the origins in CORS_ORIGINS can call the API and read its responses."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from app.settings import Settings
from tests.support.actors import Actor
from tests.support.assertions import assert_method_not_allowed
from tests.support.clients import open_client

ALL_HEADERS = "authorization, content-type, idempotency-key, x-custom"
ALLOWED_ORIGIN, OTHER_ORIGIN = "https://app.example", "https://evil.example"
ALLOW_ORIGIN, EXPOSE_HEADERS = "access-control-allow-origin", "access-control-expose-headers"


@pytest.fixture(scope="module")
async def cors_client(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a service that allows one origin."""
    async with open_client(settings, cors_origins=(ALLOWED_ORIGIN,)) as client:
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
async def test_200_for_a_preflight_from_an_allowed_origin(cors_client: httpx2.AsyncClient, method: str) -> None:
    response = await cors_client.options("/interviews", headers=_preflight(ALLOWED_ORIGIN, method, ALL_HEADERS))

    assert (response.status_code, response.headers[ALLOW_ORIGIN]) == (200, ALLOWED_ORIGIN)
    assert method in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"].lower()
    assert allowed == "authorization, content-type, idempotency-key, x-custom"
    assert response.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    "preflight",
    [_preflight(OTHER_ORIGIN, "GET"), _preflight("null", "GET"), _preflight(f"{ALLOWED_ORIGIN}.evil.example", "GET")],
)
async def test_400_for_a_preflight_from_another_origin(
    cors_client: httpx2.AsyncClient, preflight: dict[str, str]
) -> None:
    response = await cors_client.options("/interviews", headers=preflight)

    assert response.status_code == 400
    assert ALLOW_ORIGIN not in response.headers


@pytest.mark.parametrize("preflight", [_preflight(ALLOWED_ORIGIN, "PUT"), _preflight(OTHER_ORIGIN, "GET", "x-custom")])
async def test_400_for_a_preflight_of_an_unsupported_method_or_header(
    cors_client: httpx2.AsyncClient, preflight: dict[str, str]
) -> None:
    assert (await cors_client.options("/interviews", headers=preflight)).status_code == 400


async def test_an_allowed_origin_can_read_every_response_and_every_error(
    cors_client: httpx2.AsyncClient, owner: Actor
) -> None:
    headers = {**owner.headers(), "Origin": ALLOWED_ORIGIN}
    responses = [
        await cors_client.get("/interviews", headers=headers),
        await cors_client.get("/interviews", headers={"Origin": ALLOWED_ORIGIN}),
        await cors_client.get("/nowhere", headers=headers),
        await cors_client.post("/interviews/start", content=b"{", headers=headers),
        await cors_client.get("/interviews/invalid-uuid", headers=headers),
    ]

    assert [response.status_code for response in responses] == [200, 401, 404, 415, 422]
    assert {response.headers[ALLOW_ORIGIN] for response in responses} == {ALLOWED_ORIGIN}
    assert all("origin" in response.headers["vary"].lower() for response in responses)
    assert {response.headers["access-control-allow-credentials"] for response in responses} == {"true"}
    assert {response.headers[EXPOSE_HEADERS] for response in responses} == {
        "Idempotent-Replayed, Retry-After, X-Request-ID"
    }


async def test_another_origin_cannot_read_a_response(cors_client: httpx2.AsyncClient, owner: Actor) -> None:
    response = await cors_client.get("/interviews", headers={**owner.headers(), "Origin": OTHER_ORIGIN})

    assert ALLOW_ORIGIN not in response.headers


async def test_credentials_and_custom_headers_are_not_allowed_if_every_origin_is(
    settings: Settings, owner: Actor
) -> None:
    async with open_client(settings, cors_origins=("*",)) as client:
        preflight = await client.options("/interviews", headers=_preflight(OTHER_ORIGIN, "GET"))
        custom = await client.options("/interviews", headers=_preflight(OTHER_ORIGIN, "GET", "x-custom"))
        response = await client.get("/interviews", headers={**owner.headers(), "Origin": OTHER_ORIGIN})

    assert (preflight.status_code, custom.status_code, response.status_code) == (200, 400, 200)
    assert {each.headers[ALLOW_ORIGIN] for each in (preflight, response)} == {"*"}
    assert not [each for each in (preflight, custom, response) if "access-control-allow-credentials" in each.headers]


async def test_405_for_options_without_a_preflight(cors_client: httpx2.AsyncClient) -> None:
    assert_method_not_allowed(await cors_client.options("/interviews", headers={"Origin": ALLOWED_ORIGIN}), "GET")


async def test_no_cors_headers_if_no_origin_is_configured(client: httpx2.AsyncClient, owner: Actor) -> None:
    preflight = await client.options("/interviews", headers=_preflight(ALLOWED_ORIGIN, "GET"))
    response = await client.get("/interviews", headers={**owner.headers(), "Origin": ALLOWED_ORIGIN})

    assert_method_not_allowed(preflight, "GET")
    assert not [name for name in response.headers if name.startswith("access-control")]
