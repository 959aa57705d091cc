"""`serve --workers N`: one migration run, one log line per event, replaced workers, and a clean stop."""

import asyncio
import os
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from http.client import HTTPResponse
from pathlib import Path

import httpx2
import pytest

from app.database.migrations import expected
from tests.support.cluster import create_empty_database, drop_database
from tests.support.command_line import CHECKOUT, run_subprocess
from tests.support.service import SERVE, Service
from tests.support.timeouts import TIMEOUT

FAILS_TO_START = """
import sys

if "--multiprocessing-fork" in sys.argv:
    sys.path.insert(0, {checkout!r})
    import app.server

    def fail():
        raise RuntimeError("cannot start")

    app.server.stop_when_orphaned = fail
"""


@pytest.fixture
async def empty_database_url() -> AsyncIterator[str]:
    """Create a database without tables. Return its URL."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


def test_two_workers_migrate_once_and_log_each_event_once(empty_database_url: str, tmp_path: Path) -> None:
    with _service(empty_database_url, tmp_path) as service:
        workers = _wait_for_workers(service, 2)
        for number in range(12):
            httpx2.get(f"{service.url}/api/v1/health", headers={"X-Request-ID": f"request-{number}"}, timeout=TIMEOUT)
        assert service.stop() == 0

    log = service.log.read_text()
    assert re.findall(r"^Migration applied: (.*)$", log, re.MULTILINE) == expected()
    assert log.count("Interview System at ") == 1
    for number in range(12):
        assert log.count(f'"request_id":"request-{number}"') == 1
    for event in ("Started", "Finished"):
        assert sorted(re.findall(rf"{event} server process \[(\d+)\]", log)) == sorted(map(str, workers))
    assert [pid for pid in workers if _is_alive(pid)] == []


def test_a_killed_worker_is_replaced_while_the_others_serve(empty_database_url: str, tmp_path: Path) -> None:
    with _service(empty_database_url, tmp_path) as service:
        dead, other = _wait_for_workers(service, 2)

        os.kill(dead, signal.SIGKILL)

        _wait_until(lambda: not _is_alive(dead))
        assert [service.is_available("/api/v1/health/ready") for _ in range(10)] == [True] * 10
        after = _wait_for_workers(service, 3)
        assert set(after) > {dead, other}
        assert service.stop() == 0
        assert [pid for pid in after if _is_alive(pid)] == []


async def test_sighup_replaces_every_worker_and_breaks_no_request(empty_database_url: str, tmp_path: Path) -> None:
    statuses: Counter[int] = Counter()
    replaced = asyncio.Event()

    async def send_requests(http: httpx2.AsyncClient) -> None:
        while not replaced.is_set():
            statuses[(await http.get("/api/v1/health/ready")).status_code] += 1

    with _service(empty_database_url, tmp_path) as service:
        before = _wait_for_workers(service, 2)
        assert service.process is not None
        limits = httpx2.Limits(max_keepalive_connections=0)
        http = httpx2.AsyncClient(base_url=service.url, timeout=TIMEOUT, limits=limits)
        async with http, asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(send_requests(http))
            service.process.send_signal(signal.SIGHUP)
            await asyncio.to_thread(_wait_until, lambda: not any(map(_is_alive, before)))
            replaced.set()
        after = _wait_for_workers(service, 4)
        assert set(after) > set(before)
        assert service.stop() == 0

    assert set(statuses) == {200}
    assert "workers_not_replaced" not in service.log.read_text()


@pytest.mark.parametrize("earlier_requests", [0, 1])
def test_200_if_the_stop_comes_while_the_headers_arrive(
    empty_database_url: str, tmp_path: Path, earlier_requests: int
) -> None:
    request = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Service(tmp_path, DATABASE_URL=empty_database_url, STATE_DIR=str(tmp_path)) as service:
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        with socket.create_connection(address, TIMEOUT) as connection:
            for _ in range(earlier_requests):
                connection.sendall(request)
                assert _read_response(connection).status == 200
            connection.sendall(request[:20])
            # When this response arrives, the service has read the 20 bytes.
            httpx2.get(f"{service.url}/api/v1/health", timeout=TIMEOUT)
            service.terminate()
            service.wait_until(lambda: "Shutting down" in service.log.read_text())

            connection.sendall(request[20:])

            response = _read_response(connection)
            assert (response.status, response.getheader("connection")) == (200, "close")
        assert service.wait() == 0


def test_sighup_keeps_the_workers_and_names_them_if_a_new_one_does_not_start_in_time(
    empty_database_url: str, tmp_path: Path
) -> None:
    with _service(empty_database_url, tmp_path, WORKER_START_TIMEOUT="0.001") as service:
        before = _wait_for_workers(service, 2)
        assert service.process is not None

        service.process.send_signal(signal.SIGHUP)

        _wait_until(lambda: "workers_not_replaced" in service.log.read_text())
        line = next(line for line in service.log.read_text().splitlines() if "workers_not_replaced" in line)
        assert all(str(pid) in line for pid in before)
        assert "WORKER_START_TIMEOUT" in line
        assert all(map(_is_alive, before))
        assert service.is_available("/api/v1/health/ready")
        assert service.stop() == 0


def test_sigterm_ends_workers_that_are_being_replaced(empty_database_url: str, tmp_path: Path) -> None:
    with _service(empty_database_url, tmp_path) as service:
        _wait_for_workers(service, 2)
        assert service.process is not None
        service.process.send_signal(signal.SIGHUP)
        _wait_until(lambda: service.log.read_text().count("Started server process") > 2)

        assert service.stop() == 0

        assert not any(map(_is_alive, _find_worker_pids(service)))


def test_a_worker_without_memory_is_replaced(empty_database_url: str, tmp_path: Path) -> None:
    with _service(empty_database_url, tmp_path, module=("-m", "tests.support.memory_limited_service")) as service:
        before = _wait_for_workers(service, 2)

        status = httpx2.get(f"{service.url}/api/v1/interviews/permissions", timeout=TIMEOUT).status_code

        assert status == 500
        _wait_until(lambda: "out_of_memory" in service.log.read_text())
        _wait_for_workers(service, 3)
        _wait_until(lambda: sum(map(_is_alive, before)) == 1)
        assert service.is_available("/api/v1/health/ready")


def test_2_if_no_worker_can_start(empty_database_url: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAILS_TO_START.format(checkout=str(CHECKOUT)))

    result = run_subprocess(
        "serve", "--port", "0", "--workers", "2",
        DATABASE_URL=empty_database_url, STATE_DIR=str(tmp_path), PYTHONPATH=str(tmp_path),
    )  # fmt: skip

    assert result.returncode == 2
    assert "cannot start" in result.stderr
    assert result.stderr.splitlines()[-1] == "error: the service could not start; see the log above"


def _service(url: str, folder: Path, *, module: Sequence[str] = SERVE, **settings: str) -> Service:
    return Service(folder, module=module, workers=2, DATABASE_URL=url, STATE_DIR=str(folder), **settings)


def _read_response(connection: socket.socket) -> HTTPResponse:
    response = HTTPResponse(connection)
    response.begin()
    response.read()
    return response


def _find_worker_pids(service: Service) -> list[int]:
    """Return the process ids of all workers so far."""
    return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", service.log.read_text())]


def _wait_for_workers(service: Service, number: int) -> list[int]:
    """Wait until `number` workers have been ready. Return the process ids of all workers so far."""
    _wait_until(lambda: service.log.read_text().count("Application startup complete") >= number)
    return _find_worker_pids(service)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
