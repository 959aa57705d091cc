"""Visits to the site: who looks, what is heard of it, the first steps, and what is wrong with a page."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

PHONE = {"width": 390, "height": 844}


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


Opener = Callable[..., Awaitable[Visit]]
"""Makes visits; takes what a browser's context takes."""


async def log_in(page: Page) -> None:
    """Log in as the account that is chosen already."""
    await page.locator("#login form button").click()
    await expect(page.locator("#begin")).to_be_visible()


async def start(page: Page) -> None:
    """Log in and start an interview; its first question is open."""
    await log_in(page)
    await page.locator("#begin form button").click()
    await expect(page.locator("#answer")).to_be_focused()


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
