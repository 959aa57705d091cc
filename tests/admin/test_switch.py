"""The setting ADMIN enables the pages. Without it their packages are not imported."""

import json
import subprocess
import sys

import pytest
from starlette.applications import Starlette

from tests.support.clients import create_client
from tests.support.command_line import CHECKOUT, environment
from tests.support.timeouts import TIMEOUT

LOADED = """
import json, sys
from app.application import create_app
create_app()
print(json.dumps([name for name in ("piccolo_admin", "fastapi") if name in sys.modules]))
"""


def _find_loaded_packages(**settings: str) -> list[str]:
    """Return the packages of the admin pages that a new process imports to create an application."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=CHECKOUT,
        env=environment(DATABASE_URL="postgresql://127.0.0.1:1/x", **settings),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    loaded: list[str] = json.loads(result.stdout)
    return loaded


def test_no_admin_package_is_imported_by_default() -> None:
    assert _find_loaded_packages() == []


@pytest.mark.usefixtures("extra")
def test_the_admin_packages_are_imported_if_admin_is_on() -> None:
    assert _find_loaded_packages(ADMIN="true") == ["piccolo_admin", "fastapi"]


async def test_404_if_admin_is_off(app: Starlette) -> None:
    async with create_client(app) as client:
        for path in ("/admin", "/admin/", "/admin/api/tables/"):
            assert (await client.get(f"http://interviews{path}")).status_code == 404
