"""With an outer issuer: its tokens are good, ours are not issued, and where it is out of reach that is a 503."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from app.identity.jwks import document
from app.identity.signing_keys import read_or_make
from app.settings import Settings
from tests.support import assertions as then
from tests.support.actors import Actor
from tests.support.clients import another_app

UNAVAILABLE = {"field": "service", "error": ...}


@pytest.fixture(params=[lambda keys: keys, lambda keys: {"status": "success", "data": keys}], ids=["bare", "enveloped"])
async def issuer(request: pytest.FixtureRequest, key_dir: Path) -> AsyncIterator[str]:
    """A key server on this machine that serves the tests' keys; its URL."""
    shape: Callable[[object], object] = request.param
    body = json.dumps(shape(document([key.public for key in read_or_make(key_dir)]))).encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"


async def test_its_tokens_are_good_and_login_and_jwks_are_404(settings: Settings, issuer: str, owner: Actor) -> None:
    async with another_app(settings, jwt_jwks_url=issuer) as client:
        claims, _ = then.succeeded(
            await client.get("/auth/me", headers=owner.headers()), "Claims retrieved successfully"
        )
        assert claims["sub"] == str(owner.employee_id)
        for response in (
            await client.post("/auth/login", json={}),
            await client.get("/auth/login"),
            await client.get("/auth/jwks"),
        ):
            then.refused(response, 404, "Not found", {"field": "path", "error": ...})
        ready, _ = then.succeeded(await client.get("/health/ready"), "Ready")
        assert ready["checks"]["keys"] == "ok"


async def test_503_when_the_key_server_is_out_of_reach_and_no_key_is_known(settings: Settings, owner: Actor) -> None:
    async with another_app(settings, jwt_jwks_url="http://127.0.0.1:1/jwks") as client:
        for path in ("/auth/me", "/interviews", "/interviews/invalid-uuid"):
            response = await client.get(path, headers=owner.headers())
            then.refused(response, 503, "Authentication service unavailable", UNAVAILABLE)
        then.unauthenticated(await client.get("/auth/me"))
        assert (await client.get("/health")).status_code == 200
        ready = await client.get("/health/ready")
        assert ready.json()["data"]["checks"]["keys"] == "the key server is out of reach"
