"""The review of an organization's interviews, and the documents of an interview."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.pages.visits import Opener, find_faults, keep_screenshot, log_in, start

ANSWERS = (
    "I am a buyer, I order material for the plant.",
    "Every week I turn the requests of the departments into orders in SAP.",
    "An email from a department.",
    "First I check the request, then I ask three suppliers for offers, finally I send the order.",
)


async def _save(page: Page, name: str) -> tuple[str, str]:
    """Save a document. Return the extension of the file and its text."""
    async with page.expect_download() as saving:
        await page.get_by_role("group", name="Save the result").get_by_role("button", name=name, exact=True).click()
    file = await saving.value
    return Path(file.suggested_filename).suffix, (await file.path()).read_text(encoding="utf-8")


async def _hold_interview(page: Page) -> None:
    await start(page)
    for number, answer in enumerate(ANSWERS, start=2):
        await page.locator("#answer").fill(answer)
        await page.locator("#send").click()
        await expect(page.locator("#progress-text")).to_have_text(f"Question {number} of at most 19")
    await page.locator("#answer").fill("stop")
    await page.locator("#send").click()
    await expect(page.locator("#outcome ol > li")).to_have_count(3)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 320)])
async def test_an_admin_reviews_an_interview_that_an_employee_has_finished(
    visit: Opener, scheme: str, width: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    visitor = await visit(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = await visitor.to("/")
    await _hold_interview(page)
    await expect(page.locator("#review-link")).to_be_hidden()
    await page.evaluate("window.print = () => { window.printed = true; }")
    await page.get_by_role("button", name="Print").click()
    assert await page.evaluate("window.printed")
    documents = {name: await _save(page, name) for name in ("Markdown", "JSON", "CSV", "BPMN", "Conversation")}
    assert {name: extension for name, (extension, _) in documents.items()} == {
        "Markdown": ".md", "JSON": ".json", "CSV": ".csv", "BPMN": ".bpmn", "Conversation": ".md"
    }  # fmt: skip
    assert all("ask three suppliers for offers" in text for _, text in documents.values())
    await page.get_by_role("button", name="Log out").click()

    await page.get_by_label("Ada Admin").check()
    await log_in(page)
    await page.get_by_role("button", name="Review").click()
    await expect(page.locator("#review-title")).to_be_focused()
    await page.get_by_label("Status").select_option("completed")
    await page.get_by_label("Person").select_option("Uma User")
    await page.get_by_label("From").fill("2020-01-01")
    async with page.expect_response(lambda response: "start_date=" in response.url) as listing:
        await page.get_by_role("button", name="Filter").click()
    asked = (await listing.value).url
    assert "status=completed" in asked
    assert "start_date=2020-01-01" in asked
    assert "employee_id=e0000000-0000-4000-8000-000000000002" in asked
    await expect(page.locator("#reviewed li").first).to_contain_text("Uma User")
    await expect(page.locator("#reviewed li").first).to_contain_text("finished")
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "review"), full_page=True)

    await page.locator("#reviewed button").first.click()
    await expect(page.locator("#one-title")).to_be_focused()
    await expect(page.locator("#one-title")).to_have_text("Uma User")
    await expect(page.locator("#conversation li.user span").first).to_have_text(ANSWERS[0])
    await page.get_by_role("link", name="Message 8").first.click()
    await expect(page.locator("#message-8")).to_be_focused()
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "one"), full_page=True)
    assert (await _save(page, "Markdown"))[1] == documents["Markdown"][1]
    await page.locator("#interface").select_option("pt")
    await expect(page.locator("#one-text")).to_contain_text("concluída")
    await page.get_by_role("button", name="Voltar à lista").click()
    await expect(page.locator("#review-title")).to_be_focused()

    await page.reload()
    await expect(page.locator("#reviewed li").first).to_contain_text("Uma User")
    await page.go_back()
    await expect(page.locator("#begin-title")).to_have_text("Olá, Ada Admin")
