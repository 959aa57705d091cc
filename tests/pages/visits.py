"""Visits to the site: record the console and the requests, log in, start an interview, and check a page."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

PHONE = {"width": 390, "height": 844}


class Visit:
    """One browser context on the site. It records the console and the requested URLs."""

    def __init__(self, site: str, context: BrowserContext, page: Page) -> None:
        self.site, self.context, self.page = site, context, page
        self.console: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        context.on("request", lambda request: self.requests.append(request.url))

    async def to(self, path: str) -> Page:
        """Open a path and return the page."""
        await self.page.goto(self.site + path)
        return self.page

    def requested_only_the_site(self) -> bool:
        """Return whether all requests went to the service."""
        return all(url.startswith((self.site, "blob:" + self.site)) for url in self.requests)


Opener = Callable[..., Awaitable[Visit]]
"""Opens a page. Takes the options of a browser context."""


async def log_in(page: Page) -> None:
    """Log in as the selected account."""
    await page.locator("#login form button").click()
    await expect(page.locator("#begin")).to_be_visible()


async def start(page: Page) -> None:
    """Log in and start an interview."""
    await log_in(page)
    await page.locator("#begin form button").click()
    await expect(page.locator("#answer")).to_be_focused()


async def find_faults(page: Page) -> list[str]:
    """Return axe-core's violations with their elements, a wrong number of h1, and horizontal overflow."""
    found = (await Axe().run(page)).response["violations"]
    violations = [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]
    headings = await page.locator("h1:visible").count()
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return violations + [f"{headings} h1"] * (headings != 1) + [f"overflows by {width}px"] * (width > 0)


def keep_screenshot(request: pytest.FixtureRequest, folder: Path, name: str) -> Path:
    """Return the path for a screenshot, and name it in the report."""
    path = folder / f"{name}.png"
    request.node.user_properties.append(("screenshot", str(path)))
    return path
