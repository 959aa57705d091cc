"""A real service with the demo accounts, and a headless Chromium that looks at its pages."""

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
    """The URL of a service that has the demo accounts, on a database of its own."""
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
    """A headless Chromium."""
    async with launch_chromium() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser, site: str) -> AsyncIterator[Opener]:
    """Makes visits, `visit(locale="pt-BR", …)`; at the end nothing may have been said or asked elsewhere.

    A refusal that a test has asked for is said on the console by the browser itself: `visit.said.clear()` after it.
    """
    made: list[Visit] = []

    async def opened(**options: Any) -> Visit:
        context = await browser.new_context(**{"viewport": PHONE, "locale": "en-GB", **options})
        made.append(Visit(site, context, await context.new_page()))
        return made[-1]

    yield opened
    for each in made:
        await each.context.close()
    assert [each.said for each in made if each.said] == []
    assert all(each.kept_to_itself() for each in made)
