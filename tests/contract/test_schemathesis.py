"""Plain Schemathesis on a real service with schemathesis.toml: every phase, every default check, no failure."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.identity import demo_accounts
from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT


@pytest.fixture
async def service(tmp_path: Path, key_dir: Path) -> AsyncIterator[Service]:
    """A service for the fuzzer."""
    url = await create_database()
    with Service(tmp_path, DATABASE_URL=url, JWT_KEY_DIR=str(key_dir), OVERLAP="raise", LOG_LEVEL="warning") as started:
        yield started
    await drop_database(url)


def test_schemathesis_finds_no_failure(service: Service, key_dir: Path) -> None:
    admin = Actor(key_dir, "admin", demo_accounts.ADMIN.employee_id, demo_accounts.ORGANIZATION_ID)
    st = Path(sys.executable).parent / "st"

    result = subprocess.run(
        [st, "run", f"{service.url}/openapi.yaml", "--max-examples", "20"],
        cwd=CHECKOUT,  # the folder of schemathesis.toml
        env={**os.environ, "TOKEN": admin.token()},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    assert result.returncode == 0, result.stdout
    assert "Tested: 14" in result.stdout
    assert "unexpected_error" not in service.log.read_text()
