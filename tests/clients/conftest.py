"""A real service with the demo accounts, and the lines of the how-to guide that generate a client of it."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.cluster import drop_database
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import create_database_with_accounts
from tests.support.service import Service

HELD = re.compile(
    r"1\. .+\n   I buy steel for the plant\.\n2\. .+\n   I compare three offers, and then I order\.\n"
    r"in_progress: 5 messages\nexported for Uma User: 3 questions, 2 answers\n"
)
"""What both clients print of the interview that they held."""

_PAGE = (CHECKOUT / "docs/how-to/generate-a-typed-client.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
async def accounts() -> AsyncIterator[str]:
    """A database with the demo accounts; its URL."""
    url = await create_database_with_accounts()
    yield url
    await drop_database(url)


@pytest.fixture(scope="module")
def service(accounts: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, in a process of its own."""
    folder = tmp_path_factory.mktemp("service")
    with Service(folder, DATABASE_URL=accounts, STATE_DIR=str(folder)) as service:
        yield service


def generating(command: str, service: Service) -> str:
    """The guide's line that begins with this command, for this service."""
    (line,) = re.findall(rf"^{command} .*$", _PAGE, re.MULTILINE)
    return str(line).replace("http://127.0.0.1:8000", service.url)


def copied(name: str, folder: Path) -> Path:
    """A copy of the example client `name`, to generate into."""
    ignored = shutil.ignore_patterns("node_modules", "build", "schema.d.ts", "interviews_client")
    return Path(shutil.copytree(CHECKOUT / "clients" / name, folder / name, ignore=ignored))
