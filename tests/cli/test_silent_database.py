"""The database goes silent: every command ends with one line, and SIGTERM ends each phase of `serve` in time."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT, assert_one_line_error, environment, run_subprocess
from tests.support.proxy import Proxy
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A way to a migrated database that can go silent."""
    url = await create_database()
    async with Proxy(url) as proxy:
        yield proxy
    await drop_database(url)


def _start_serve(settings: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    output = subprocess.PIPE
    return subprocess.Popen(command, cwd=CHECKOUT, env=settings, stdout=output, stderr=subprocess.STDOUT, text=True)


async def _run_silenced(
    proxy: Proxy, messages: int, *arguments: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command through a proxy of its own, which goes silent after a number of messages."""
    async with Proxy(proxy.upstream) as silenced:
        silenced.silent_after = messages
        return await asyncio.to_thread(run_subprocess, *arguments, DATABASE_URL=silenced.url, **settings)


async def test_one_line_if_the_database_goes_silent_during_migrate(proxy: Proxy) -> None:
    results = await asyncio.gather(*(_run_silenced(proxy, messages, "migrate") for messages in (0, 1, 3, 4, 6)))

    for result in results:
        assert_one_line_error(result, naming="did not answer in time")


async def test_doctor_reports_a_database_that_goes_silent(proxy: Proxy, tmp_path: Path) -> None:
    keys = str(tmp_path)
    results = await asyncio.gather(
        *(_run_silenced(proxy, messages, "doctor", JWT_KEY_DIR=keys) for messages in (1, 3, 5))
    )

    for result in results:
        assert (result.returncode, result.stderr) == (1, "")
        assert "the database did not answer in time" in result.stdout


@pytest.mark.parametrize("messages", [3, 9])
async def test_sigterm_ends_the_start_if_the_database_is_silent(proxy: Proxy, tmp_path: Path, messages: int) -> None:
    proxy.silent_after = messages
    settings = environment(DATABASE_URL=proxy.url, STATE_DIR=str(tmp_path), DEMO_ACCOUNTS="true")
    process = _start_serve(settings)
    while not proxy.is_silent:
        await asyncio.sleep(0.02)
        assert process.poll() is None

    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    output, _ = await asyncio.to_thread(process.communicate, timeout=TIMEOUT)

    assert time.monotonic() - began < 10
    assert "Traceback" not in output
    assert process.returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_ends_a_service_whose_database_has_gone_silent(
    proxy: Proxy, tmp_path: Path, workers: int
) -> None:
    service = Service(tmp_path, workers=workers, DATABASE_URL=proxy.url, STATE_DIR=str(tmp_path))
    await asyncio.to_thread(service.start)
    try:
        assert await asyncio.to_thread(service.is_available, "/api/v1/health/ready")
        proxy.silent_after = 0
        service.terminate()
        began = time.monotonic()
        status = await asyncio.to_thread(service.wait)
    finally:
        service.kill()

    assert (status, time.monotonic() - began < 10) == (0, True)
