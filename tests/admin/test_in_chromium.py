"""The admin pages in a browser, light and dark: logging in, looking, and finding nothing to change."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tables.shown import HIDDEN
from tests.admin.visitor import PASSWORD, Browsed

WRITE = """async ([path, method]) => {
    const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
    const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
    return (await fetch(path, {method, headers, body: '{"status": "cancelled"}'})).status;
}"""


REFUSALS = """
window.refusals = [];
addEventListener("securitypolicyviolation", (event) => window.refusals.push(event.blockedURI));
"""
"""Keeps what the browser refuses for the policy's sake."""


@dataclass
class Shown:
    """A page, and what it asked for of other places."""

    page: Page
    base: str
    elsewhere: list[str] = field(default_factory=list)

    def login(self, email: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{self.base}/admin/")
        self.page.locator("input[name=username]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.get_by_role("button", name="Login").click()

    def table(self, name: str) -> None:
        self.page.goto(f"{self.base}/admin/#/{name}/")
        expect(self.page.locator(".table_wrapper tbody tr").first).to_be_visible()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium in the path: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def shown(browser: Browser, browsed: Browsed, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shown]:
    """The pages; nothing may be asked of another place, and the policy may refuse nothing that they need.

    It refuses one thing: a library of theirs looks whether it may evaluate text, and does without where it may not.
    """
    context = browser.new_context(viewport={"width": 1200, "height": 800}, color_scheme=request.param, locale="en-US")
    shown = Shown(context.new_page(), browsed.url)
    shown.page.on("request", lambda each: each.url.startswith(browsed.url) or shown.elsewhere.append(each.url))
    shown.page.add_init_script(REFUSALS)
    yield shown
    shot = tmp_path / f"{request.param}.png"
    shown.page.screenshot(path=shot)
    request.node.user_properties.append(("screenshot", str(shot)))
    refusals = shown.page.evaluate("window.refusals")
    context.close()
    assert [url for url in shown.elsewhere if not url.startswith("data:")] == []
    assert set(refusals) <= {"eval"}


def test_the_interviews_and_their_messages_are_there_after_the_login(shown: Shown, browsed: Browsed) -> None:
    shown.login(browsed.clerk)
    expect(shown.page.get_by_title(browsed.clerk)).to_be_visible()

    shown.table("interview")
    expect(shown.page.get_by_role("link", name=browsed.interview_id)).to_be_visible()
    shown.table("interview_message")
    expect(shown.page.get_by_role("cell", name="told in confidence 1")).to_be_visible()
    expect(shown.page.get_by_role("cell", name=HIDDEN)).to_have_count(3)
    assert "confidence 2" not in shown.page.content()


def test_an_answer_can_be_read_by_who_has_the_right(shown: Shown, browsed: Browsed) -> None:
    shown.login(browsed.reader)
    expect(shown.page.get_by_title(browsed.reader)).to_be_visible()

    shown.table("interview_message")
    expect(shown.page.get_by_role("cell", name="told in confidence 2")).to_be_visible()


def test_nothing_offers_a_change_and_a_change_all_the_same_is_refused(shown: Shown, browsed: Browsed) -> None:
    shown.login(browsed.clerk)
    expect(shown.page.get_by_title(browsed.clerk)).to_be_visible()
    shown.table("interview")
    for offer in ("Add Row", "Delete", "Update"):
        expect(shown.page.get_by_text(offer, exact=False)).to_be_hidden()
    shown.page.get_by_role("link", name=browsed.interview_id).click()
    expect(shown.page.locator("input[name=user_name]")).to_have_value("Núria Müller")
    expect(shown.page.locator("[data-uitest=save_button]")).to_be_hidden()

    path = f"/admin/api/tables/interview/{browsed.interview_id}/"
    assert [shown.page.evaluate(WRITE, [path, method]) for method in ("PUT", "PATCH", "DELETE")] == [405] * 3


def test_a_wrong_password_is_told_and_logs_nobody_in(shown: Shown, browsed: Browsed) -> None:
    shown.login(browsed.clerk, "not the password")

    expect(shown.page.get_by_text("Problem logging in")).to_be_visible()
    shown.page.goto(f"{shown.base}/admin/#/interview/")
    expect(shown.page.locator("input[name=password]")).to_be_visible()


def test_it_is_as_dark_as_the_system_until_the_reader_chooses(shown: Shown, request: pytest.FixtureRequest) -> None:
    shown.page.goto(f"{shown.base}/admin/")

    mode = "dark_mode" if "dark" in request.node.callspec.id else "light_mode"
    expect(shown.page.locator(f".{mode}")).to_be_visible()


def test_a_narrow_window_scrolls_the_table_and_not_the_page(shown: Shown, browsed: Browsed) -> None:
    shown.page.set_viewport_size({"width": 800, "height": 800})
    shown.login(browsed.clerk)
    expect(shown.page.get_by_title(browsed.clerk)).to_be_visible()
    shown.table("interview")

    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 800
