"""The page in a browser with the size of a phone, light and dark."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.harness.report.samples import HOSTILE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def phone_page(browser: Browser, text: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the page at the size of a phone. Assert that its console is empty and it requests nothing."""
    (file := tmp_path / "page.html").write_text(text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param)
    console: list[str] = []
    requests: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: console.append(message.text))
    opened.on("pageerror", lambda error: console.append(str(error)))
    opened.on("request", lambda each: requests.append(each.url))
    opened.goto(file.as_uri())
    yield opened
    shot = tmp_path / f"{request.param}.png"
    opened.screenshot(path=shot, full_page=False)
    request.node.user_properties.append(("screenshot", str(shot)))
    context.close()
    assert console == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def test_the_page_fits_a_phone(phone_page: Page):
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
    assert HOSTILE in phone_page.title()


def test_a_cell_shows_its_pins_and_exchanges(phone_page: Page):
    section = phone_page.locator('section[aria-label="op_0 · 4XX"]')
    assert not section.is_visible()
    phone_page.locator('button[aria-label^="op_0 · 4XX"]').click()
    assert section.is_visible()
    section.locator(":scope > details.exchange > summary").click()
    assert "POST /a/1" in section.locator(":scope > details.exchange pre").first.inner_text()
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
    section.locator("button.close").click()
    assert not section.is_visible()


def test_dark_and_light_have_different_colours(browser: Browser, text: str):
    colours = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        opened = context.new_page()
        opened.set_content(text)
        style = "(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.body))"
        colours[scheme] = opened.evaluate(style)
        context.close()
    assert colours["light"] == list(reversed(["rgb(29, 33, 39)", "rgb(255, 255, 255)"]))
    assert colours["dark"][0] != colours["light"][0]
    assert colours["dark"][1] != colours["light"][1]
