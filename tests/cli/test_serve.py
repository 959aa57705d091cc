"""`python -m app serve`: one command brings everything, says how to use it, and leaves in good order."""

import json
import os
import shutil
import signal
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
    """A state folder; whatever database came with it is removed."""
    folder = tmp_path / "state"
    yield folder
    server = EmbeddedPostgres(folder)
    server.start()
    home = server.data_dir.parent
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def migrated() -> AsyncIterator[str]:
    """A database that is up to date."""
    url = await create_database()
    yield url
    await drop_database(url)


def _login(service: Service, account: demo_accounts.DemoAccount) -> httpx2.Response:
    return httpx2.post(service.url + LOGIN, json={"email": account.email, "password": account.password})


def test_the_embedded_default_serves_two_at_once_keeps_what_was_stored_and_stops_with_the_last(
    tmp_path: Path, state_dir: Path
) -> None:
    first, second = _folder(tmp_path, "first"), _folder(tmp_path, "second")
    with Service(first, STATE_DIR=str(state_dir)) as one:
        token = _login(one, demo_accounts.USER).json()["data"]["token"]
        headers = {"Authorization": f"Bearer {token}"}
        started = httpx2.post(f"{one.url}/api/v1/interviews/start", json={}, headers=headers).json()
        with Service(second, STATE_DIR=str(state_dir)) as other:
            assert one.stop() == 0
            path = f"/api/v1/interviews/{started['data']['interview_id']}"
            found = httpx2.get(other.url + path, headers=headers)
            assert (found.status_code, len(found.json()["data"]["messages"])) == (200, 1)
            assert _login(other, demo_accounts.ADMIN).status_code == 200
            assert httpx2.get(other.url).status_code == 200
            assert other.stop() == 0
    assert find_running_url(state_dir) is None


def test_the_embedded_database_is_brought_back_when_it_is_killed_and_what_was_stored_is_there(
    tmp_path: Path, state_dir: Path
) -> None:
    with Service(_folder(tmp_path, "it"), STATE_DIR=str(state_dir)) as service:
        headers = {"Authorization": f"Bearer {_login(service, demo_accounts.USER).json()['data']['token']}"}
        started = httpx2.post(f"{service.url}/api/v1/interviews/start", json={}, headers=headers).json()
        watched = EmbeddedPostgres(state_dir)
        watched.start()
        postmaster = int((watched.data_dir / "postmaster.pid").read_text().splitlines()[0])
        watched.stop()

        os.kill(postmaster, signal.SIGKILL)

        service.wait_until(lambda: "embedded_postgresql_restarted" in service.log.read_text())
        assert service.is_available("/api/v1/health/ready")
        path = f"/api/v1/interviews/{started['data']['interview_id']}"
        found = httpx2.get(service.url + path, headers=headers)
        assert (found.status_code, len(found.json()["data"]["messages"])) == (200, 1)
        assert "embedded_postgresql_died" in service.log.read_text()
        assert service.stop() == 0
    assert find_running_url(state_dir) is None


@pytest.mark.skipif(shutil.which("curl") is None, reason="pastes the printed lines into a shell, which needs curl")
def test_the_printed_lines_work_when_they_are_pasted(tmp_path: Path, migrated: str) -> None:
    with Service(_folder(tmp_path, "it"), DATABASE_URL=migrated, STATE_DIR=str(tmp_path / "state")) as service:
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
        assert httpx2.get(f"{service.url}/docs").status_code == 200


def test_a_database_of_ones_own_gets_no_demo_accounts(tmp_path: Path, migrated: str) -> None:
    with Service(_folder(tmp_path, "it"), DATABASE_URL=migrated, STATE_DIR=str(tmp_path / "state")) as service:
        assert "Demo account" not in service.log.read_text()
        assert _login(service, demo_accounts.ADMIN).status_code == 401
        assert httpx2.get(service.url).headers["location"] == "/docs"
        assert service.stop() == 0


def test_a_database_of_ones_own_gets_demo_accounts_where_they_are_wished_for(tmp_path: Path, migrated: str) -> None:
    settings = {"DATABASE_URL": migrated, "STATE_DIR": str(tmp_path / "state"), "DEMO_ACCOUNTS": "yes"}
    with Service(_folder(tmp_path, "it"), **settings) as service:
        assert "Demo account: user@example.com" in service.log.read_text()
        assert _login(service, demo_accounts.ADMIN).status_code == 200
        assert httpx2.get(service.url).status_code == 200
        assert service.stop() == 0


def test_reload_restarts_the_server_if_a_source_file_changes_and_stops_on_sigterm(
    tmp_path: Path, migrated: str
) -> None:
    source = CHECKOUT / "app/server.py"
    before = source.stat()
    environment = {"DATABASE_URL": migrated, "STATE_DIR": str(tmp_path / "state")}
    log = tmp_path / "service.log"

    def changed() -> bool:
        os.utime(source, (source.stat().st_atime, source.stat().st_mtime + 1))  # the first look is only a baseline
        return "detected changes in 'app/server.py'" in log.read_text()

    with Service(tmp_path, module=(*SERVE, "--reload"), **environment) as service:
        try:
            service.wait_until(changed)
        finally:
            os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
        service.wait_until(lambda: log.read_text().count("Application startup complete") > 1)
        assert httpx2.get(f"{service.url}/api/v1/health").status_code == 200
        assert service.stop() == 0


def test_several_workers_serve_one_port_and_stop_together(tmp_path: Path, migrated: str) -> None:
    with Service(
        _folder(tmp_path, "it"), workers=2, DATABASE_URL=migrated, STATE_DIR=str(tmp_path / "state")
    ) as service:
        answers = [httpx2.get(f"{service.url}/api/v1/health/ready").status_code for _ in range(20)]
        assert answers == [200] * 20
        assert service.stop() == 0
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{service.url}/api/v1/health")


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
