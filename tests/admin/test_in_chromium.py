"""The admin pages in a browser, light and dark: users log in and read, and cannot change anything."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tables.admin_views import HIDDEN
from tests.admin.visitor import PASSWORD, AdminService
from tests.pages.visits import Visit, keep_screenshot
from tests.support.browser import launch_chromium

WRITE = """async ([path, method]) => {
    const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
    const headers = {"X-CSRFToken": token, "Content-Type": "application/json"};
    return (await fetch(path, {method, headers, body: '{"status": "cancelled"}'})).status;
}"""

ERROR_RESPONSES = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) => window.violations.push(event.blockedURI));
"""
"""Records the violations of the content security policy."""

WIDE = {"width": 1200, "height": 800}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Start a headless Chromium."""
    async with launch_chromium() as browser:
        yield browser


@pytest.fixture(params=["light", "dark"])
async def page(
    browser: Browser, admin_service: AdminService, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    """Open the pages. Assert that they request nothing from elsewhere and violate no policy.

    One violation is allowed: a library tests whether it may use `eval`, and works without it.
    """
    context = await browser.new_context(viewport=WIDE, color_scheme=request.param, locale="en-US")
    visit = Visit(admin_service.url, context, await context.new_page())
    await visit.page.add_init_script(ERROR_RESPONSES)
    yield await visit.to("/admin/")
    await visit.page.screenshot(path=keep_screenshot(request, tmp_path, request.param))
    violations = await visit.page.evaluate("window.violations")
    await context.close()
    assert visit.requested_only_the_site()
    assert set(violations) <= {"eval"}


async def _login(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.locator("input[name=username]").fill(email)
    await page.locator("input[name=password]").fill(password)
    await page.get_by_role("button", name="Login").click()


async def _login_successfully(page: Page, email: str) -> None:
    await _login(page, email)
    await expect(page.get_by_title(email)).to_be_visible()


async def _open_table(page: Page, name: str) -> None:
    await page.goto(f"{page.url.partition('#')[0]}#/{name}/")
    await expect(page.locator(".table_wrapper tbody tr").first).to_be_visible()


async def test_interviews_and_messages_are_visible_after_login(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.clerk)

    await _open_table(page, "interview")
    await expect(page.get_by_role("link", name=admin_service.interview_id)).to_be_visible()
    await _open_table(page, "interview_message")
    await expect(page.get_by_role("cell", name="said in confidence 1")).to_be_visible()
    await expect(page.get_by_role("cell", name=HIDDEN)).to_have_count(3)
    assert "confidence 2" not in await page.content()


async def test_an_answer_is_visible_with_the_right_to_read_answers(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.reader)

    await _open_table(page, "interview_message")
    await expect(page.get_by_role("cell", name="said in confidence 2")).to_be_visible()


async def test_the_pages_offer_no_change_and_a_change_is_405(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.clerk)
    await _open_table(page, "interview")
    for button in ("Add Row", "Delete", "Update"):
        await expect(page.get_by_text(button, exact=False)).to_be_hidden()
    await page.get_by_role("link", name=admin_service.interview_id).click()
    await expect(page.locator("input[name=user_name]")).to_have_value("Núria Müller")
    await expect(page.locator("[data-uitest=save_button]")).to_be_hidden()

    await page.locator("[data-uitest=drop_down_button]").click()
    await expect(page.get_by_text("Delete", exact=False)).to_be_hidden()
    await _open_table(page, "interview_message")
    await page.get_by_role("link", name="1", exact=True).first.click()
    await expect(page.locator("input[name=role]")).to_be_visible()
    await expect(page.locator("a[href$='/interview/add/']")).to_be_hidden()

    path = f"/admin/api/tables/interview/{admin_service.interview_id}/"
    assert [await page.evaluate(WRITE, [path, method]) for method in ("PUT", "PATCH", "DELETE")] == [405] * 3


async def test_no_csv_export_is_offered(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.reader)

    for name in ("interview", "interview_message"):
        await _open_table(page, name)
        await expect(page.get_by_text("Sort", exact=True)).to_be_visible()
        await expect(page.get_by_text("CSV").locator("visible=true")).to_have_count(0)


async def test_a_wrong_password_shows_an_error(page: Page, admin_service: AdminService) -> None:
    await _login(page, admin_service.clerk, "not the password")

    await expect(page.get_by_text("Problem logging in")).to_be_visible()
    await page.goto(f"{admin_service.url}/admin/#/interview/")
    await expect(page.locator("input[name=password]")).to_be_visible()


async def test_the_login_page_is_shown_after_logout(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.clerk)
    page.once("dialog", lambda asked: asked.accept())  # the confirmation
    await page.get_by_title(admin_service.clerk).click()
    await page.get_by_role("link", name="Log Out", exact=True).click()
    await expect(page.locator("input[name=password]")).to_be_visible()

    await page.goto(f"{admin_service.url}/admin/#/interview/")
    await page.reload()
    await expect(page.locator("input[name=password]")).to_be_visible()


async def test_the_color_scheme_follows_the_system_until_the_user_selects_one(
    page: Page, request: pytest.FixtureRequest
) -> None:
    mode = "dark_mode" if "dark" in request.node.callspec.id else "light_mode"
    await expect(page.locator(f".{mode}")).to_be_visible()


async def test_a_narrow_window_scrolls_the_table_only(page: Page, admin_service: AdminService) -> None:
    await page.set_viewport_size({"width": 800, "height": 800})
    await _login_successfully(page, admin_service.clerk)
    await _open_table(page, "interview")

    assert await page.evaluate("document.documentElement.scrollWidth") <= 800


async def test_the_menu_of_the_user_offers_only_what_works(page: Page, admin_service: AdminService) -> None:
    await _login_successfully(page, admin_service.clerk)

    await page.get_by_title(admin_service.clerk).click()
    items = page.locator("#drop_down_menu > li").locator("visible=true")
    await expect(items.filter(has_text="Log Out")).to_have_count(1)

    texts = [text.strip() for text in await items.all_inner_texts()]
    assert [text.rpartition(" ")[2] for text in texts] == ["Out", "Mode", "Timezone", "Piccolo"], texts
