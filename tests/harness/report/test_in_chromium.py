"""The page in a browser, on a phone, light and dark."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.harness.report.samples import HOSTILE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium in the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def shown(browser: Browser, text: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page on a phone; nothing may be said on its console or asked of a network."""
    (file := tmp_path / "page.html").write_text(text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param)
    said: list[str] = []
    asked: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda each: asked.append(each.url))
    opened.goto(file.as_uri())
    yield opened
    shot = tmp_path / f"{request.param}.png"
    opened.screenshot(path=shot, full_page=False)
    request.node.user_properties.append(("screenshot", str(shot)))
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_on_a_phone_nothing_sticks_out(shown: Page):
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    assert HOSTILE in shown.title()


def test_a_cell_opens_its_pins_and_exchanges(shown: Page):
    section = shown.locator('section[aria-label="op_0 · 4XX"]')
    assert not section.is_visible()
    shown.locator('button[aria-label^="op_0 · 4XX"]').click()
    assert section.is_visible()
    section.locator(":scope > details.exchange > summary").click()
    assert "POST /a/1" in section.locator(":scope > details.exchange pre").first.inner_text()
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    section.locator("button.close").click()
    assert not section.is_visible()


def test_dark_and_light_differ_and_both_can_be_read(browser: Browser, text: str):
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
