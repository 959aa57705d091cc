"""The admin pages in a browser, light and dark: logging in, looking, and finding nothing to change."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tables.admin_views import HIDDEN
from tests.admin.visitor import PASSWORD, Browsed
from tests.pages.visits import Visit, keep_picture
from tests.support.browser import launch_chromium

WRITE = """async ([path, method]) => {
    const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
    const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
    return (await fetch(path, {method, headers, body: '{"status": "cancelled"}'})).status;
}"""

ERROR_RESPONSES = """
window.refusals = [];
addEventListener("securitypolicyviolation", (event) => window.refusals.push(event.blockedURI));
"""
"""Keeps what the browser refuses for the policy's sake."""

WIDE = {"width": 1200, "height": 800}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium."""
    async with launch_chromium() as browser:
        yield browser


@pytest.fixture(params=["light", "dark"])
async def page(
    browser: Browser, browsed: Browsed, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    """The pages; nothing may be asked of another place, and the policy may refuse nothing that they need.

    It refuses one thing: a library of theirs looks whether it may evaluate text, and does without where it may not.
    """
    context = await browser.new_context(viewport=WIDE, color_scheme=request.param, locale="en-US")
    visit = Visit(browsed.url, context, await context.new_page())
    await visit.page.add_init_script(ERROR_RESPONSES)
    yield await visit.to("/admin/")
    await visit.page.screenshot(path=keep_picture(request, tmp_path, request.param))
    refusals = await visit.page.evaluate("window.refusals")
    await context.close()
    assert visit.kept_to_itself()
    assert set(refusals) <= {"eval"}


async def _login(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.locator("input[name=username]").fill(email)
    await page.locator("input[name=password]").fill(password)
    await page.get_by_role("button", name="Login").click()


async def _logged_in(page: Page, email: str) -> None:
    await _login(page, email)
    await expect(page.get_by_title(email)).to_be_visible()


async def _table(page: Page, name: str) -> None:
    await page.goto(f"{page.url.partition('#')[0]}#/{name}/")
    await expect(page.locator(".table_wrapper tbody tr").first).to_be_visible()


async def test_the_interviews_and_their_messages_are_there_after_the_login(page: Page, browsed: Browsed) -> None:
    await _logged_in(page, browsed.clerk)

    await _table(page, "interview")
    await expect(page.get_by_role("link", name=browsed.interview_id)).to_be_visible()
    await _table(page, "interview_message")
    await expect(page.get_by_role("cell", name="told in confidence 1")).to_be_visible()
    await expect(page.get_by_role("cell", name=HIDDEN)).to_have_count(3)
    assert "confidence 2" not in await page.content()


async def test_an_answer_can_be_read_by_who_has_the_right(page: Page, browsed: Browsed) -> None:
    await _logged_in(page, browsed.reader)

    await _table(page, "interview_message")
    await expect(page.get_by_role("cell", name="told in confidence 2")).to_be_visible()


async def test_nothing_offers_a_change_and_a_change_all_the_same_is_refused(page: Page, browsed: Browsed) -> None:
    await _logged_in(page, browsed.clerk)
    await _table(page, "interview")
    for offer in ("Add Row", "Delete", "Update"):
        await expect(page.get_by_text(offer, exact=False)).to_be_hidden()
    await page.get_by_role("link", name=browsed.interview_id).click()
    await expect(page.locator("input[name=user_name]")).to_have_value("Núria Müller")
    await expect(page.locator("[data-uitest=save_button]")).to_be_hidden()

    await page.locator("[data-uitest=drop_down_button]").click()
    await expect(page.get_by_text("Delete", exact=False)).to_be_hidden()
    await _table(page, "interview_message")
    await page.get_by_role("link", name="1", exact=True).first.click()
    await expect(page.locator("input[name=role]")).to_be_visible()
    await expect(page.locator("a[href$='/interview/add/']")).to_be_hidden()

    path = f"/admin/api/tables/interview/{browsed.interview_id}/"
    assert [await page.evaluate(WRITE, [path, method]) for method in ("PUT", "PATCH", "DELETE")] == [405] * 3


async def test_no_csv_is_offered_whose_formulas_a_spreadsheet_would_run(page: Page, browsed: Browsed) -> None:
    await _logged_in(page, browsed.reader)

    for name in ("interview", "interview_message"):
        await _table(page, name)
        await expect(page.get_by_text("Sort", exact=True)).to_be_visible()
        await expect(page.get_by_text("CSV").locator("visible=true")).to_have_count(0)


async def test_a_wrong_password_is_told_and_logs_nobody_in(page: Page, browsed: Browsed) -> None:
    await _login(page, browsed.clerk, "not the password")

    await expect(page.get_by_text("Problem logging in")).to_be_visible()
    await page.goto(f"{browsed.url}/admin/#/interview/")
    await expect(page.locator("input[name=password]")).to_be_visible()


async def test_after_the_logout_the_pages_ask_for_a_login_again(page: Page, browsed: Browsed) -> None:
    await _logged_in(page, browsed.clerk)
    page.once("dialog", lambda asked: asked.accept())  # whether one is sure
    await page.get_by_title(browsed.clerk).click()
    await page.get_by_role("link", name="Log Out", exact=True).click()
    await expect(page.locator("input[name=password]")).to_be_visible()

    await page.goto(f"{browsed.url}/admin/#/interview/")
    await page.reload()
    await expect(page.locator("input[name=password]")).to_be_visible()


async def test_it_is_as_dark_as_the_system_until_the_reader_chooses(page: Page, request: pytest.FixtureRequest) -> None:
    mode = "dark_mode" if "dark" in request.node.callspec.id else "light_mode"
    await expect(page.locator(f".{mode}")).to_be_visible()


async def test_a_narrow_window_scrolls_the_table_and_not_the_page(page: Page, browsed: Browsed) -> None:
    await page.set_viewport_size({"width": 800, "height": 800})
    await _logged_in(page, browsed.clerk)
    await _table(page, "interview")

    assert await page.evaluate("document.documentElement.scrollWidth") <= 800
