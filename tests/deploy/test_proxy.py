"""Caddy with deploy/Caddyfile, in front of a real service: TLS, the client's address, and streamed questions."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

DEPLOY = CHECKOUT / "deploy"

needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed: apt-get install caddy")


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[str]:
    url = await create_database()
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, database: str, key_dir: Path) -> Iterator[httpx2.Client]:
    """Start the service and Caddy, and return a client that trusts Caddy's own authority."""
    folder = tmp_path_factory.mktemp("proxy")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = {"DATABASE_URL": database, "JWT_KEY_DIR": str(key_dir), "TRUSTED_PROXIES": "127.0.0.1"}
    with Service(folder, LOGIN_ATTEMPTS="1", **settings) as service:
        environment = os.environ | {
            "SITE": f"https://localhost:{port}",
            "SERVICE": service.url.removeprefix("http://"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        command = ["caddy", "run", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile"]
        with (folder / "caddy.log").open("wb") as log, subprocess.Popen(command, env=environment, stderr=log) as caddy:
            try:
                with _connect(folder, port) as client:
                    yield client
            finally:
                caddy.terminate()


def _connect(folder: Path, port: int) -> httpx2.Client:
    """Return a client after Caddy has created its authority and a certificate."""
    data = folder / "data" / "caddy"
    certificate = data / "certificates" / "local" / "localhost" / "localhost.json"
    deadline = time.monotonic() + TIMEOUT
    while not certificate.exists():
        assert time.monotonic() < deadline, (folder / "caddy.log").read_text()
        time.sleep(0.05)
    tls = ssl.create_default_context(cafile=str(data / "pki" / "authorities" / "local" / "root.crt"))
    return httpx2.Client(base_url=f"https://localhost:{port}", verify=tls, timeout=TIMEOUT, trust_env=False)


@needs_caddy
def test_200_through_tls(proxied: httpx2.Client) -> None:
    response = proxied.get("/api/v1/health")

    assert (response.status_code, response.json()["status"]) == (200, "success")


@needs_caddy
def test_429_for_the_address_of_the_client_and_not_for_an_address_that_it_invents(proxied: httpx2.Client) -> None:
    body = {"email": "user@example.com", "password": "wrong password"}
    statuses = [
        proxied.post("/api/v1/auth/login", json=body, headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(2)
    ]

    assert statuses == [401, 429]


@needs_caddy
def test_a_question_is_streamed_in_parts(proxied: httpx2.Client, owner: Actor) -> None:
    started = proxied.post("/api/v1/interviews/start", json={}, headers=owner.headers()).json()
    body = {"interview_id": started["data"]["interview_id"], "user_response": "I approve orders of my department."}
    headers = owner.headers() | {"Accept": "text/event-stream"}
    with proxied.stream("POST", "/api/v1/interviews/continue", json=body, headers=headers) as response:
        text = response.read().decode()

    assert response.headers["content-type"].startswith("text/event-stream")
    assert text.count("event: question") > 1
    assert text.count("event: result") == 1


def test_compose_trusts_the_address_of_the_proxy_only() -> None:
    text = (DEPLOY / "compose.tls.yaml").read_text(encoding="utf-8").replace("!reset ", "")
    compose = yaml.safe_load(text)

    address = compose["services"]["proxy"]["networks"]["proxy"]["ipv4_address"]
    assert compose["services"]["service"]["environment"]["TRUSTED_PROXIES"] == address
    assert compose["services"]["service"]["ports"] == []
