"""The service as in a container: process 1 of a PID namespace, with its secrets in files."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cluster import create_database, drop_database
from tests.support.command_line import assert_one_line_error, run_subprocess
from tests.support.service import Service


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Create a migrated database. Return its URL."""
    url = await create_database()
    yield url
    await drop_database(url)


def _can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(
    not _can_unshare(), reason="starts a process 1, which needs Linux, root and `unshare` of util-linux"
)
@pytest.mark.parametrize("workers", [1, 2])
def test_process_one_stops_cleanly_on_sigterm(tmp_path: Path, url: str, workers: int) -> None:
    settings = {"DATABASE_URL": url, "STATE_DIR": str(tmp_path)}
    with Service(tmp_path, module=("-c", _IN_NAMESPACE), workers=workers, **settings) as service:
        (one,) = _children(service)

        os.kill(one, signal.SIGTERM)

        assert service.wait() == 0, service.log.read_text()


def test_a_setting_can_be_a_file_in_the_credentials_folder(tmp_path: Path, url: str) -> None:
    (tmp_path / "database_url").write_text(f"{url}\n")

    result = run_subprocess("migrate", CREDENTIALS_DIRECTORY=str(tmp_path))

    assert (result.returncode, result.stdout, result.stderr) == (0, "The database is up to date (0 applied)\n", "")


def test_the_environment_overrides_the_credentials_folder(tmp_path: Path, url: str) -> None:
    (tmp_path / "database_url").write_text("postgresql://nobody@127.0.0.1:1/nowhere")

    assert run_subprocess("migrate", CREDENTIALS_DIRECTORY=str(tmp_path), DATABASE_URL=url).returncode == 0


def test_2_without_its_value_if_a_credential_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "database_url").write_text("mysql://someone:hunter2@localhost/interviews")

    result = run_subprocess("migrate", CREDENTIALS_DIRECTORY=str(tmp_path))

    assert_one_line_error(result, naming="DATABASE_URL")
    assert "hunter2" not in result.stderr


_IN_NAMESPACE = """
import os, sys
serve = [sys.executable, "-m", "app", "serve", *sys.argv[1:]]
os.execvp("unshare", ["unshare", "--pid", "--fork", "--kill-child", *serve])
"""


def _children(service: Service) -> list[int]:
    assert service.process is not None
    pid = service.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
