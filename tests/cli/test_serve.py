"""`python -m app serve` starts everything, prints how to use it, and stops cleanly."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from app.embedded_postgres import EmbeddedPostgres, find_running_url
from app.identity import demo_accounts
from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.service import SERVE, Service
from tests.support.timeouts import TIMEOUT

LOGIN = "/api/v1/auth/login"


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """Create a state folder, and remove its embedded database after the test."""
    folder = tmp_path / "state"
    yield folder
    server = EmbeddedPostgres(folder)
    server.start()
    home = server.data_dir.parent
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def migrated_database_url() -> AsyncIterator[str]:
    """Create a migrated database. Return its URL."""
    url = await create_database()
    yield url
    await drop_database(url)


def _login(service: Service, account: demo_accounts.DemoAccount) -> httpx2.Response:
    return httpx2.post(
        service.url + LOGIN, json={"email": account.email, "password": account.password}, timeout=TIMEOUT
    )


def test_two_services_share_the_embedded_database_which_stops_with_the_last(tmp_path: Path, state_dir: Path) -> None:
    first, second = _folder(tmp_path, "first"), _folder(tmp_path, "second")
    with Service(first, STATE_DIR=str(state_dir)) as one:
        token = _login(one, demo_accounts.USER).json()["data"]["token"]
        headers = {"Authorization": f"Bearer {token}"}
        started = httpx2.post(f"{one.url}/api/v1/interviews/start", json={}, headers=headers, timeout=TIMEOUT).json()
        with Service(second, STATE_DIR=str(state_dir)) as other:
            assert one.stop() == 0
            path = f"/api/v1/interviews/{started['data']['interview_id']}"
            found = httpx2.get(other.url + path, headers=headers, timeout=TIMEOUT)
            assert (found.status_code, len(found.json()["data"]["messages"])) == (200, 1)
            assert _login(other, demo_accounts.ADMIN).status_code == 200
            assert httpx2.get(other.url, timeout=TIMEOUT).status_code == 200
            assert other.stop() == 0
    assert find_running_url(state_dir) is None


def test_the_embedded_database_restarts_with_its_data_if_it_is_killed(tmp_path: Path, state_dir: Path) -> None:
    with Service(_folder(tmp_path, "it"), STATE_DIR=str(state_dir)) as service:
        headers = {"Authorization": f"Bearer {_login(service, demo_accounts.USER).json()['data']['token']}"}
        started = httpx2.post(
            f"{service.url}/api/v1/interviews/start", json={}, headers=headers, timeout=TIMEOUT
        ).json()
        watched = EmbeddedPostgres(state_dir)
        watched.start()
        postmaster = int((watched.data_dir / "postmaster.pid").read_text().splitlines()[0])
        watched.stop()

        os.kill(postmaster, signal.SIGKILL)

        service.wait_until(lambda: "embedded_postgresql_restarted" in service.log.read_text())
        assert service.is_available("/api/v1/health/ready")
        path = f"/api/v1/interviews/{started['data']['interview_id']}"
        found = httpx2.get(service.url + path, headers=headers, timeout=TIMEOUT)
        assert (found.status_code, len(found.json()["data"]["messages"])) == (200, 1)
        assert "embedded_postgresql_died" in service.log.read_text()
        assert service.stop() == 0
    assert find_running_url(state_dir) is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_printed_commands_work_in_a_shell(tmp_path: Path, migrated_database_url: str) -> None:
    with Service(
        _folder(tmp_path, "it"), DATABASE_URL=migrated_database_url, STATE_DIR=str(tmp_path / "state")
    ) as service:
        printed = service.log.read_text()
        lines = [line.strip() for line in printed.splitlines() if line.startswith("  ")]
        assert lines[0].startswith("TOKEN=")
        for line in lines[1:]:
            pasted = subprocess.run(
                ["bash", "-c", f"{lines[0]}\n{line}"], cwd="/", capture_output=True, text=True, timeout=TIMEOUT
            )
            envelope = json.loads(pasted.stdout)
            assert (envelope["status"], envelope["code"]) == ("success", 200), line
        assert len(lines) == 4
        assert f"{service.url}/docs" in printed
        assert httpx2.get(f"{service.url}/docs", timeout=TIMEOUT).status_code == 200


def test_database_url_gets_no_demo_accounts(tmp_path: Path, migrated_database_url: str) -> None:
    with Service(
        _folder(tmp_path, "it"), DATABASE_URL=migrated_database_url, STATE_DIR=str(tmp_path / "state")
    ) as service:
        assert "Demo account" not in service.log.read_text()
        assert _login(service, demo_accounts.ADMIN).status_code == 401
        page = httpx2.get(service.url, timeout=TIMEOUT)
        assert (page.status_code, demo_accounts.USER.email in page.text) == (200, False)
        assert service.stop() == 0


def test_database_url_gets_demo_accounts_if_the_setting_says_so(tmp_path: Path, migrated_database_url: str) -> None:
    settings = {"DATABASE_URL": migrated_database_url, "STATE_DIR": str(tmp_path / "state"), "DEMO_ACCOUNTS": "yes"}
    with Service(_folder(tmp_path, "it"), **settings) as service:
        assert "Demo account: user@example.com" in service.log.read_text()
        assert _login(service, demo_accounts.ADMIN).status_code == 200
        page = httpx2.get(service.url, timeout=TIMEOUT)
        assert (page.status_code, demo_accounts.USER.email in page.text) == (200, True)
        assert service.stop() == 0


def test_the_limit_of_open_files_is_logged_once_and_the_service_recovers(
    tmp_path: Path, migrated_database_url: str
) -> None:
    with Service(_folder(tmp_path, "it"), DATABASE_URL=migrated_database_url, STATE_DIR=str(tmp_path)) as service:
        assert service.process is not None
        limit = service.count_open_files() + 10
        resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        port = int(service.url.rpartition(":")[2])

        connections = [socket.create_connection(("127.0.0.1", port), TIMEOUT) for _ in range(30)]
        service.wait_until(lambda: "open_files_exhausted" in service.log.read_text())
        for connection in connections:
            connection.close()

        service.wait_until(lambda: service.is_available("/api/v1/health/ready"))
    assert service.log.read_text().count("open_files_exhausted") == 1


def test_reload_restarts_the_server_if_a_source_file_changes_and_stops_on_sigterm(
    tmp_path: Path, migrated_database_url: str
) -> None:
    source = CHECKOUT / "app/server.py"
    before = source.stat()
    environment = {"DATABASE_URL": migrated_database_url, "STATE_DIR": str(tmp_path / "state")}
    log = tmp_path / "service.log"

    def is_reloaded() -> bool:
        os.utime(source, (source.stat().st_atime, source.stat().st_mtime + 1))  # the first scan is only the baseline
        return "detected changes in 'app/server.py'" in log.read_text()

    with Service(tmp_path, module=(*SERVE, "--reload"), **environment) as service:
        try:
            service.wait_until(is_reloaded)
        finally:
            os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
        service.wait_until(lambda: log.read_text().count("Application startup complete") > 1)
        assert httpx2.get(f"{service.url}/api/v1/health", timeout=TIMEOUT).status_code == 200
        assert service.stop() == 0


def test_several_workers_share_one_port_and_stop_together(tmp_path: Path, migrated_database_url: str) -> None:
    with Service(
        _folder(tmp_path, "it"), workers=2, DATABASE_URL=migrated_database_url, STATE_DIR=str(tmp_path / "state")
    ) as service:
        answers = [httpx2.get(f"{service.url}/api/v1/health/ready", timeout=TIMEOUT).status_code for _ in range(20)]
        assert answers == [200] * 20
        assert service.stop() == 0
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{service.url}/api/v1/health", timeout=TIMEOUT)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
