"""The service of the current contract, started once for each mode."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from statuspin.contract.folder import Contract
from statuspin.http.connection import Connection
from statuspin.verify.pinning import Pinning
from statuspin.verify.servers import Servers
from statuspin.verify.service import StartedService
from tests.support.cluster import drop_database
from tests.support.command_line import CHECKOUT
from tests.support.connections import connection_settings
from tests.support.demo_accounts import create_database_with_accounts
from tests.support.timeouts import TIMEOUT

CURRENT = CHECKOUT / "contracts/specs/current"


@pytest.fixture(scope="session")
async def service_database() -> AsyncIterator[str]:
    """The URL of a database with the demo accounts for the service."""
    url = await create_database_with_accounts()
    yield url
    await drop_database(url)


@pytest.fixture(scope="session")
async def pinning(request: pytest.FixtureRequest, service_database: str) -> AsyncIterator[Pinning]:
    """Run pins on the service. Every mode of a selected pin starts before the first pin."""
    contract = Contract.read(CURRENT)
    service = contract.pins.service
    assert service is not None
    async with (
        StartedService(
            service, cwd=CHECKOUT, environment=connection_settings(service_database), patience=TIMEOUT
        ) as target,
        Servers(contract, target, connection=Connection(timeout=TIMEOUT)) as servers,
    ):
        modes = _selected_modes(request.session.items)
        await asyncio.gather(*map(servers.client, modes), return_exceptions=True)  # each pin reports its own mode
        yield Pinning(servers)
        assert "unexpected_error" not in target.logs()


def _selected_modes(items: list[pytest.Item]) -> set[str]:
    tests = (item for item in items if isinstance(item, pytest.Function) and hasattr(item, "callspec"))
    return {test.callspec.params["pin"].mode for test in tests if "pin" in test.callspec.params}
