"""With an external issuer: its tokens are valid, the service issues none, and an unreachable key server is a 503."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from app.identity.jwks import encode_jwks
from app.identity.signing_keys import load_or_create_keys
from app.settings import Settings
from tests.support.actors import Actor
from tests.support.assertions import (
    assert_error,
    assert_key_server_unavailable,
    assert_method_not_allowed,
    assert_path_not_found,
    assert_success,
    assert_unauthenticated,
)
from tests.support.clients import open_client


@asynccontextmanager
async def _key_server(body: bytes, status: str = "200 OK") -> AsyncIterator[str]:
    """Start a key server that sends one response, or none if the status is empty, and yield its URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if status:
            head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        else:
            await reader.read()  # until the client disconnects
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"


@pytest.fixture
def keys(key_dir: Path) -> dict[str, list[dict[str, str]]]:
    """The JWK Set of the keys of the tests."""
    return encode_jwks([key.public for key in load_or_create_keys(key_dir)])


@pytest.fixture(params=[lambda keys: keys, lambda keys: {"status": "success", "data": keys}], ids=["bare", "enveloped"])
async def issuer(request: pytest.FixtureRequest, keys: dict[str, object]) -> AsyncIterator[str]:
    """The URL of a key server with the keys of the tests."""
    shape: Callable[[object], object] = request.param
    async with _key_server(json.dumps(shape(keys)).encode()) as url:
        yield url


async def test_tokens_of_the_issuer_are_valid_and_login_and_jwks_are_404(
    settings: Settings, issuer: str, owner: Actor
) -> None:
    async with open_client(settings, jwt_jwks_url=issuer) as client:
        claims, _ = assert_success(
            await client.get("/auth/me", headers=owner.headers()), "Claims retrieved successfully"
        )
        assert claims["sub"] == str(owner.employee_id)
        for response in (
            await client.post("/auth/login", json={}),
            await client.get("/auth/login"),
            await client.get("/auth/jwks"),
        ):
            assert_path_not_found(response)
        ready, _ = assert_success(await client.get("/health/ready"), "Ready")
        assert ready["checks"]["keys"] == "ok"


async def test_401_for_a_token_signed_with_an_unknown_key(settings: Settings, issuer: str, tmp_path: Path) -> None:
    async with open_client(settings, jwt_jwks_url=issuer) as client:
        response = await client.get("/auth/me", headers=Actor(tmp_path).headers())

    assert_error(response, 401, "Invalid token", {"field": "token", "error": ...})


async def test_200_with_cached_keys_after_the_key_server_has_stopped(
    settings: Settings, keys: dict[str, object], owner: Actor
) -> None:
    async with AsyncExitStack() as stack:
        async with _key_server(json.dumps(keys).encode()) as url:
            client = await stack.enter_async_context(open_client(settings, jwt_jwks_url=url, jwks_max_age=0.001))
            assert (await client.get("/auth/me", headers=owner.headers())).status_code == 200

        for each in (owner, owner.colleague()):
            assert (await client.get("/interviews", headers=each.headers())).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", ""), (b"", "500 Oops"), (b"nonsense", "200 OK"), (b'{"keys": []}', "200 OK"), (b"[]", "200 OK")],
    ids=["silent", "failing", "no JSON", "no key", "no object"],
)
async def test_503_if_the_response_of_the_key_server_is_unusable(
    settings: Settings, owner: Actor, body: bytes, status: str
) -> None:
    async with (
        _key_server(body, status) as url,
        open_client(settings, jwt_jwks_url=url, jwks_timeout=0.2) as client,
    ):
        assert_key_server_unavailable(await client.get("/interviews", headers=owner.headers()))


async def test_503_if_the_key_server_is_unreachable_and_no_key_is_cached(settings: Settings, owner: Actor) -> None:
    async with open_client(settings, jwt_jwks_url="http://127.0.0.1:1/jwks") as client:
        for path in ("/auth/me", "/interviews", "/interviews/invalid-uuid"):
            for headers in (owner.headers(), owner.headers_without("interviews:read"), owner.headers(lifetime=-1)):
                assert_key_server_unavailable(await client.get(path, headers=headers))
        assert_unauthenticated(await client.get("/auth/me"))
        malformed = await client.get("/auth/me", headers={"Authorization": "Bearer no.real.token"})
        assert_error(malformed, 401, "Invalid token", {"field": "token", "error": ...})
        assert_method_not_allowed(await client.post("/auth/me", headers=owner.headers()), "GET")
        assert_path_not_found(await client.get("/auth/you", headers=owner.headers()))
        assert (await client.get("/health")).status_code == 200
        ready = await client.get("/health/ready")
        assert ready.json()["data"]["checks"]["keys"] == "the key server is out of reach"
