"""A real service with the demo accounts, and a headless Chromium that looks at its pages."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.cluster import drop_database, new_database
from tests.support.service import Service

Opener = Callable[..., Any]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The URL of a service that has the demo accounts, on a database of its own."""
    folder = tmp_path_factory.mktemp("site")
    url = await new_database()
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
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium in the path; Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Visit:
    """One person's look at the site: what the console said, and whom the page asked."""

    def __init__(self, site: str, context: BrowserContext, page: Page) -> None:
        self.site, self.context, self.page = site, context, page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        context.on("request", lambda request: self.asked.append(request.url))

    async def to(self, path: str) -> Page:
        """Open a path; the page."""
        await self.page.goto(self.site + path)
        return self.page

    def kept_to_itself(self) -> bool:
        """Whether nobody but the service was asked anything."""
        return all(url.startswith((self.site, "blob:" + self.site)) for url in self.asked)


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


async def faults(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now, with the elements; besides, more or less than one h1."""
    found = (await Axe().run(page)).response["violations"]
    named = [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]
    headings = await page.locator("h1:visible").count()
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return named + [f"{headings} h1"] * (headings != 1) + [f"sticks out by {width}px"] * (width > 0)


def keep_picture(request: pytest.FixtureRequest, folder: Path, name: str) -> Path:
    """Where a screenshot goes; the report names it."""
    path = folder / f"{name}.png"
    request.node.user_properties.append(("screenshot", str(path)))
    return path
