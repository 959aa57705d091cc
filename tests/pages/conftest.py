"""A real service with the demo accounts, and a headless Chromium."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.pages.visits import PHONE, Opener, Visit
from tests.support.browser import launch_chromium
from tests.support.cluster import create_database, drop_database
from tests.support.service import Service


@pytest.fixture(scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Start a service with the demo accounts on a new database. Return its URL."""
    folder = tmp_path_factory.mktemp("site")
    url = await create_database()
    service = Service(
        folder, DATABASE_URL=url, STATE_DIR=str(folder / "state"), DEMO_ACCOUNTS="true", LOGIN_ATTEMPTS="1000"
    )
    await asyncio.to_thread(service.start)
    yield service.url
    assert await asyncio.to_thread(service.stop) == 0
    await drop_database(url)


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Start a headless Chromium."""
    async with launch_chromium() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser, site: str) -> AsyncIterator[Opener]:
    """Return a function that opens a page: `visit(locale="pt-BR")`.

    After the test, assert that the console is empty and no other site was requested. The browser itself writes each
    error response to the console: call `visit.console.clear()` after an expected one.
    """
    visits: list[Visit] = []

    async def open_page(**options: Any) -> Visit:
        context = await browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
        visits.append(Visit(site, context, await context.new_page()))
        return visits[-1]

    yield open_page
    for visitor in visits:
        await visitor.context.close()
    assert [visitor.console for visitor in visits if visitor.console] == []
    assert all(visitor.requested_only_the_site() for visitor in visits)
