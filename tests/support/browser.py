"""A headless Chromium, for the packages of tests that look at pages."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright


@asynccontextmanager
async def headless_chromium() -> AsyncIterator[Browser]:
    """The browser. Skips the test where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium in the path; Debian: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()
