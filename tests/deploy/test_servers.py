"""The application runs on uvicorn, gunicorn, hypercorn and granian: ready, an interview, and a clean stop."""

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT, environment
from tests.support.timeouts import TIMEOUT

FACTORY = "app.application:create_configured_app"
COMMANDS = {
    "uvicorn": ("uvicorn", "--factory", FACTORY, "--port", "{port}"),
    "gunicorn": (
        "gunicorn",
        "--worker-class",
        "uvicorn_worker.UvicornWorker",
        "--bind",
        "127.0.0.1:{port}",
        FACTORY + "()",
    ),
    "hypercorn": ("hypercorn", "--bind", "127.0.0.1:{port}", FACTORY + "()"),
    "granian": ("granian", "--interface", "asgi", "--factory", "--port", "{port}", FACTORY),
}
PACKAGES = {"gunicorn": ("gunicorn", "uvicorn_worker")}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A migrated database."""
    url = await create_database()
    yield url
    await drop_database(url)


@pytest.mark.parametrize("server", COMMANDS)
def test_an_interview_on_each_server(server: str, url: str, tmp_path: Path) -> None:
    for package in PACKAGES.get(server, (server,)):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is missing: pip install {package.replace('_', '-')}")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", *(part.format(port=port) for part in COMMANDS[server])]
    settings = environment(DATABASE_URL=url, JWT_KEY_DIR=str(tmp_path))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=settings, stdout=log, stderr=log)
    try:
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}/api/v1", headers=Actor(tmp_path).headers(), timeout=TIMEOUT
        ) as client:
            _wait_until_ready(client, process, tmp_path / "log")
            started = client.post("/interviews/start", json={"language": "en"})
            assert started.status_code == 200
            interview_id = started.json()["data"]["interview_id"]
            body = {"interview_id": interview_id, "user_response": "I buy steel for the factory."}
            assert client.post("/interviews/continue", json=body).status_code == 200
            assert client.get(f"/interviews/{interview_id}").json()["data"]["total_messages"] == 3
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def _wait_until_ready(client: httpx2.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())
