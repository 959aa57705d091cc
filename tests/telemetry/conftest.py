"""Fixtures of the tests that observe a service from outside its process."""

import importlib
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.support.cluster import drop_database
from tests.support.demo_accounts import create_database_with_accounts
from tests.support.timeouts import TIMEOUT


@pytest.fixture
async def accounts_url() -> AsyncIterator[str]:
    """Create a database with the demo accounts. Return its URL."""
    url = await create_database_with_accounts()
    yield url
    await drop_database(url)


@pytest.fixture
def free_port() -> int:
    """Return an unused port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def scrape(port: int) -> dict[tuple[str, ...], float]:
    """Return the value of each sample by its name and label values, without buckets."""
    families = importlib.import_module("prometheus_client.parser").text_string_to_metric_families
    answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(answer.text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }
