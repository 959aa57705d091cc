"""ADMIN turns the pages on; without it nothing of them is there, or even loaded."""

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


def _loaded(**settings: str) -> list[str]:
    """Which of its packages are loaded where an application was made."""
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


def test_nothing_of_it_is_loaded_unless_it_is_wanted() -> None:
    assert _loaded() == []


@pytest.mark.usefixtures("extra")
def test_it_is_loaded_where_it_is_wanted() -> None:
    assert _loaded(ADMIN="true") == ["piccolo_admin", "fastapi"]


async def test_404_where_it_is_not_wanted(app: Starlette) -> None:
    async with create_client(app) as client:
        for path in ("/admin", "/admin/", "/admin/api/tables/"):
            assert (await client.get(f"http://interviews{path}")).status_code == 404
