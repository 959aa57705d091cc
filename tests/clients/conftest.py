"""A real service with the demo accounts, and the commands of the how-to guide that generate clients."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.cluster import drop_database
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import create_database_with_accounts
from tests.support.service import Service

OUTPUT = re.compile(
    r"1\. .+\n   I buy steel for the plant\.\n2\. .+\n   I compare three offers, and then I order\.\n"
    r"in_progress: 5 messages\nexported for Uma User: 3 questions, 2 answers\n"
)
"""The output of both example clients."""

_PAGE = (CHECKOUT / "docs/how-to/generate-a-typed-client.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
async def accounts_url() -> AsyncIterator[str]:
    """Create a database with the demo accounts. Return its URL."""
    url = await create_database_with_accounts()
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def service(accounts_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start the service."""
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, DATABASE_URL=accounts_url, STATE_DIR=str(folder)) as service:
        yield service


def find_command(command: str, service: Service) -> str:
    """Return the guide's line that begins with this command, with the URL of the service."""
    (line,) = re.findall(rf"^{command} .*$", _PAGE, re.MULTILINE)
    return str(line).replace("http://127.0.0.1:8000", service.url)


def copy_client(name: str, folder: Path) -> Path:
    """Copy the example client `name` into `folder`."""
    ignored = shutil.ignore_patterns("node_modules", "build", "schema.d.ts", "interviews_client")
    return Path(shutil.copytree(CHECKOUT / "clients" / name, folder / name, ignore=ignored))
