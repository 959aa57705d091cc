"""The pages of operations and refusals in a browser: tried out, on a phone, light and dark."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.pages.visits import Opener, faults, keep_picture


def _operation(page: Page, name: str) -> Locator:
    return page.locator("section", has=page.locator(f"h2#{name}"))


async def _tried(page: Page, name: str, **fields: str) -> tuple[str, dict]:
    """The line and the body of the answer to an operation with these fields."""
    section = _operation(page, name)
    form = section.locator("form")
    if not await form.is_visible():
        await section.locator("details.try > summary").click()
    for field, value in fields.items():
        await form.locator(f"#{name}-{field}").fill(value)
    async with page.expect_response("**/api/v1/**"):
        await form.locator("button").click()
    await expect(form.locator(".response p")).to_contain_text(" ms")
    return await form.locator(".response p").inner_text(), json.loads(await form.locator(".response pre").inner_text())


async def test_with_a_demo_token_an_interview_is_held_from_the_page(visit: Opener) -> None:
    page = await (await visit(viewport={"width": 1200, "height": 900})).to("/docs")
    await page.get_by_role("button", name="Token of Uma User").click()
    await expect(page.get_by_role("status").first).to_have_text("Token of user@example.com, valid for 60 minutes.")

    line, started = await _tried(page, "start_interview")
    assert line.startswith("200 OK · ")
    assert started["meta"]["language"] == "en"
    interview_id = started["data"]["interview_id"]
    body = json.dumps({"interview_id": interview_id, "user_response": "I approve the orders of my department."})
    _, answered = await _tried(page, "continue_interview", body=body)
    assert answered["data"]["question_number"] == 2
    _, read = await _tried(page, "get_interview", interview_id=interview_id)
    assert read["data"]["total_messages"] == 3
    await page.reload()
    _, listed = await _tried(page, "list_interviews", page_size="1")
    assert [each["id_interview"] for each in listed["data"]] == [interview_id]


async def test_a_refusal_is_shown_as_it_came(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/docs")

    line, refused = await _tried(page, "list_interviews")
    assert (line[:3], refused["message"]) == ("401", "Authentication required")
    assert "www-authenticate: Bearer" in line
    await page.get_by_label("Bearer token").fill("nonsense")
    line, refused = await _tried(page, "start_interview", body="{")
    assert (line[:3], refused["message"]) == ("401", "Invalid token")
    line, refused = await _tried(page, "login", body='{"email": 1')
    assert (line[:3], refused["errors"][0]["field"]) == ("422", "body")
    seen.said.clear()


async def test_an_example_can_be_chosen(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    form = _operation(page, "change_status").locator("form")
    await _operation(page, "change_status").locator("details.try > summary").click()

    await form.get_by_label("Example").select_option("reopen")
    await expect(form.get_by_label("Body")).to_have_value('{\n  "status": "in_progress"\n}')


async def test_an_answer_can_be_asked_for_in_each_of_its_forms(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    await page.get_by_role("button", name="Token of Uma User").click()
    await expect(page.get_by_role("status").first).to_contain_text("Token of user@example.com")
    _, started = await _tried(page, "start_interview")
    interview_id = started["data"]["interview_id"]

    told = _operation(page, "continue_interview").locator("form")
    await _operation(page, "continue_interview").locator("details.try > summary").click()
    await told.get_by_label("Accept").select_option("text/event-stream")
    await told.get_by_label("Body").fill(json.dumps({"interview_id": interview_id, "user_response": "I approve."}))
    await told.locator("button").click()
    await expect(told.locator(".response p")).to_contain_text("200 OK")
    await expect(told.locator(".response pre")).to_contain_text('event: question\ndata: {"delta":"')
    await expect(told.locator(".response pre")).to_contain_text('event: result\ndata: {"status":"success"')

    exported = _operation(page, "export_interview").locator("form")
    await _operation(page, "export_interview").locator("details.try > summary").click()
    forms = await exported.get_by_label("Accept").locator("option").all_inner_texts()
    assert forms == ["application/json", "text/markdown", "text/csv"]
    await exported.get_by_label("Accept").select_option("text/markdown")
    await exported.get_by_label("Body").fill(json.dumps({"interview_id": interview_id}))
    await exported.locator("button").click()
    await expect(exported.locator(".response pre")).to_contain_text("# Interview\n")
    assert await _operation(page, "get_interview").locator("[name=Accept]").count() == 0


async def test_events_are_shown_while_they_come(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    await page.evaluate(
        """() => {
          const events = new ReadableStream({ start(told) { window.told = told; } });
          const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
          window.fetch = async () => new Response(events.pipeThrough(new TextEncoderStream()), { headers });
        }"""
    )
    section = _operation(page, "continue_interview")
    await section.locator("details.try > summary").click()
    await section.locator("form button").click()
    await page.evaluate("told.enqueue('event: question\\ndata: 1\\n\\n')")

    await expect(section.locator(".response pre")).to_have_text("event: question data: 1")
    await expect(section.locator(".response p")).to_have_text("Sending…")
    await page.evaluate("told.close()")
    await expect(section.locator(".response p")).to_contain_text("200 · ")


async def test_what_is_under_way_is_not_sent_twice(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/docs")
    may_go_on = asyncio.Event()

    async def slowly(route: Route) -> None:
        await may_go_on.wait()
        await route.continue_()

    await page.route("**/health", slowly)
    section = _operation(page, "health")
    await section.locator("details.try > summary").click()
    send = section.get_by_role("button", name="Send GET")
    for _ in range(2):
        await send.focus()
        await page.keyboard.press("Enter")
    await expect(send).to_have_attribute("aria-disabled", "true")
    await expect(send).to_be_focused()
    may_go_on.set()

    await expect(section.locator(".response p")).to_contain_text("200 OK")
    await expect(send).to_have_attribute("aria-disabled", "false")
    assert len([url for url in seen.asked if url.endswith("/health")]) == 1
    async with page.expect_response("**/health"):
        await send.click()


async def test_nothing_is_sent_without_what_the_path_needs(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/docs")
    section = _operation(page, "get_interview")
    await section.locator("details.try > summary").click()
    await section.locator("form button").click()

    await expect(section.get_by_label("interview_id")).to_be_focused()
    assert not [url for url in seen.asked if "/api/v1/" in url]


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("light", 1200)])
async def test_it_is_accessible_with_everything_opened(
    visit: Opener, path: str, scheme: str, width: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seen = await visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = await seen.to(path)
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")

    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.screenshot(path=keep_picture(request, tmp_path, "page"))
