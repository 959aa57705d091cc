"""The pages of operations and error responses in a browser: requests, phone size, light and dark."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.pages.visits import Opener, find_faults, keep_screenshot


def _operation(page: Page, name: str) -> Locator:
    return page.locator("section", has=page.locator(f"h3#{name}"))


async def _try_operation(page: Page, name: str, **fields: str) -> tuple[str, dict]:
    """Send an operation with these fields. Return the status line and the body of the response."""
    section = _operation(page, name)
    form = section.locator("form")
    if not await form.is_visible():
        await section.locator("details.try > summary").click()
    for field, value in fields.items():
        await form.locator(f"#{name}-{field}").fill(value)
    async with page.expect_response("**/api/v1/**"):
        await form.locator("button:not([type])").click()
    await expect(form.locator(".response p")).to_contain_text(" ms")
    return await form.locator(".response p").inner_text(), json.loads(await form.locator(".response pre").inner_text())


async def test_an_interview_runs_from_the_page_after_a_login(visit: Opener) -> None:
    page = await (await visit(viewport={"width": 1200, "height": 900})).to("/docs")
    await page.get_by_text("Log in for a token").click()
    await page.get_by_label("E-mail address").fill("user@example.com")
    await page.get_by_role("textbox", name="Password").fill("user123")
    await page.get_by_role("button", name="Get a token").click()
    await expect(page.locator("#access-status")).to_have_text("Token of user@example.com, valid for 60 minutes.")

    status_line, started = await _try_operation(page, "start_interview")
    assert status_line.startswith("200 OK · ")
    interview_id = started["data"]["interview_id"]
    body = page.locator("#continue_interview-body")
    await expect(body).to_have_value(re.compile(f'"interview_id": "{interview_id}"'))
    await expect(page.locator("#get_interview-interview_id")).to_have_value(interview_id)
    _, answer = await _try_operation(page, "continue_interview")
    assert answer["data"]["question_number"] == 2
    _, read = await _try_operation(page, "get_interview")
    assert read["data"]["total_messages"] == 3
    await page.reload()
    await expect(page.locator("#get_outcome-interview_id")).to_have_value(interview_id)
    _, listed = await _try_operation(page, "list_interviews", page_size="1")
    assert [each["id_interview"] for each in listed["data"]] == [interview_id]
    assert (await page.locator("[aria-label='Try list_interviews'] .curl").inner_text()).splitlines() == [
        f"curl -X GET '{page.url.removesuffix('/docs')}/api/v1/interviews?page_size=1' \\",
        '  -H "Authorization: Bearer $TOKEN"',
    ]


async def test_the_operations_and_the_error_responses_can_be_searched(visit: Opener) -> None:
    page = await (await visit(viewport={"width": 320, "height": 800})).to("/docs")
    await page.get_by_label("Search the operations").fill("outcome BPMN")
    await expect(page.locator(".group section:visible h3")).to_have_text(
        ["GET /api/v1/interviews/{interview_id}/outcome"]
    )
    await expect(page.locator("nav li:visible")).to_have_count(1)
    await expect(page.locator("#matches")).to_have_text("1 of 14")
    await _operation(page, "get_outcome").locator("summary", has_text="Responses: 200").click()
    await _operation(page, "get_outcome").locator(".answer > summary", has_text="200").click()
    row = page.locator(".answer[open] tr", has=page.get_by_text("data.steps[].number", exact=True))
    await expect(row.locator("td").first).to_have_text("integer, at least 1")
    assert await find_faults(page) == []

    await page.goto(page.url.partition("#")[0] + "/errors")
    await page.get_by_label("Filter").fill("export 406")
    await expect(page.locator("tbody tr:visible .message")).to_have_text(["Not acceptable"])
    await expect(page.locator("section[data-name]:visible")).to_have_count(1)


async def test_an_error_response_is_shown(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/docs")

    status_line, error = await _try_operation(page, "list_interviews")
    assert (status_line[:3], error["message"]) == ("401", "Authentication required")
    assert "www-authenticate: Bearer" in status_line
    await page.get_by_label("Bearer token").fill("nonsense")
    status_line, error = await _try_operation(page, "start_interview", body="{")
    assert (status_line[:3], error["message"]) == ("401", "Invalid token")
    status_line, error = await _try_operation(page, "login", body='{"email": 1')
    assert (status_line[:3], error["errors"][0]["field"]) == ("422", "body")
    visitor.console.clear()


async def test_an_example_can_be_chosen(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    form = _operation(page, "change_status").locator("form")
    await _operation(page, "change_status").locator("details.try > summary").click()

    await form.get_by_label("Example").select_option("reopen")
    await expect(form.get_by_label("Body")).to_have_value('{\n  "status": "in_progress"\n}')


async def test_a_response_is_available_in_each_media_type(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    await page.get_by_role("button", name="Token of Uma User").click()
    await expect(page.locator("#access-status")).to_contain_text("Token of user@example.com")
    _, started = await _try_operation(page, "start_interview")
    interview_id = started["data"]["interview_id"]

    stream_form = _operation(page, "continue_interview").locator("form")
    await _operation(page, "continue_interview").locator("details.try > summary").click()
    await stream_form.get_by_label("Accept").select_option("text/event-stream")
    await stream_form.get_by_label("Body").fill(
        json.dumps({"interview_id": interview_id, "user_response": "I approve."})
    )
    await stream_form.locator("button:not([type])").click()
    await expect(stream_form.locator(".response p")).to_contain_text("200 OK")
    await expect(stream_form.locator(".response pre")).to_contain_text('event: question\ndata: {"delta":"')
    await expect(stream_form.locator(".response pre")).to_contain_text('event: result\ndata: {"status":"success"')

    export_form = _operation(page, "export_interview").locator("form")
    await _operation(page, "export_interview").locator("details.try > summary").click()
    forms = await export_form.get_by_label("Accept").locator("option").all_inner_texts()
    assert forms == ["application/json", "text/markdown", "text/csv"]
    await export_form.get_by_label("Accept").select_option("text/markdown")
    await export_form.get_by_label("Body").fill(json.dumps({"interview_id": interview_id}))
    await export_form.locator("button:not([type])").click()
    await expect(export_form.locator(".response pre")).to_contain_text("# Interview\n")
    assert await _operation(page, "get_interview").locator("[name=Accept]").count() == 0


async def test_events_are_shown_as_they_arrive(visit: Opener) -> None:
    page = await (await visit()).to("/docs")
    await page.evaluate(
        """() => {
          const events = new ReadableStream({ start(controller) { window.controller = controller; } });
          const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
          window.fetch = async () => new Response(events.pipeThrough(new TextEncoderStream()), { headers });
        }"""
    )
    section = _operation(page, "continue_interview")
    await section.locator("details.try > summary").click()
    await section.locator("form button:not([type])").click()
    await page.evaluate("controller.enqueue('event: question\\ndata: 1\\n\\n')")

    await expect(section.locator(".response pre")).to_have_text("event: question data: 1")
    await expect(section.locator(".response p")).to_have_text("Sending…")
    await page.evaluate("controller.close()")
    await expect(section.locator(".response p")).to_contain_text("200 · ")


async def test_a_running_request_is_not_sent_again(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/docs")
    proceed = asyncio.Event()

    async def delay(route: Route) -> None:
        await proceed.wait()
        await route.continue_()

    await page.route("**/health", delay)
    section = _operation(page, "health")
    await section.locator("details.try > summary").click()
    send = section.get_by_role("button", name="Send GET")
    for _ in range(2):
        await send.focus()
        await page.keyboard.press("Enter")
    await expect(send).to_have_attribute("aria-disabled", "true")
    await expect(send).to_be_focused()
    proceed.set()

    await expect(section.locator(".response p")).to_contain_text("200 OK")
    await expect(send).to_have_attribute("aria-disabled", "false")
    assert len([url for url in visitor.requests if url.endswith("/health")]) == 1
    async with page.expect_response("**/health"):
        await send.click()


async def test_nothing_is_sent_if_a_path_parameter_is_missing(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/docs")
    section = _operation(page, "get_interview")
    await section.locator("details.try > summary").click()
    await section.locator("form button:not([type])").click()

    await expect(section.get_by_label("interview_id")).to_be_focused()
    assert not [url for url in visitor.requests if "/api/v1/" in url]


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("light", 1200)])
async def test_the_page_is_accessible_with_all_details_open(
    visit: Opener, path: str, scheme: str, width: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    visitor = await visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = await visitor.to(path)
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")

    assert await find_faults(page) == []
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.screenshot(path=keep_screenshot(request, tmp_path, "page"))
