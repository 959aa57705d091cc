"""The interview page during a streamed question: shown in parts, announced once, and counted when complete."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.pages.visits import Opener, find_faults, keep_screenshot, start

HOLD = """() => {
  const originalFetch = window.fetch;
  window.requests = [];
  window.turns = [Promise.withResolvers(), Promise.withResolvers()];
  window.fetch = async (url, request) => {
    if (!url.endsWith("/continue")) return originalFetch(url, request);
    const events = new ReadableStream({ start(controller) { window.controller = controller; } });
    turns[requests.length].resolve();
    requests.push(request);
    const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
    return new Response(events.pipeThrough(new TextEncoderStream()), { headers });
  };
  window.announcements = [];
  const keep = (changes) =>
    changes.forEach(({ target }) => target.textContent && announcements.push(target.textContent));
  for (const each of document.querySelectorAll("[aria-live], [role=status]"))
    new MutationObserver(keep).observe(each, { childList: true, characterData: true, subtree: true });
}"""
"""Let the test answer the next turns, and record the announcements of the live regions."""

QUESTION = "What do you buy?\n\n1. Steel?\n2. Zinc?"


async def _send_event(page: Page, name: str, data: object, *, cut: int | None = None) -> None:
    event = f"event: {name}\ndata: {json.dumps(data)}\n\n"
    await page.evaluate("event => controller.enqueue(event)", event[:cut])


async def _stream_first_words(page: Page) -> None:
    """Send an answer and stream the first words of the next question."""
    await start(page)
    await page.evaluate(HOLD)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#answer").press("Control+Enter")
    await page.evaluate("turns[0].promise")
    await page.evaluate("controller.enqueue(': ping\\n\\n')")
    await _send_event(page, "question", {"delta": QUESTION[:6]})
    await _send_event(page, "question", {"delta": QUESTION[6:16]})
    await expect(page.locator("#coming")).to_have_text("What do you buy?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_question_is_shown_in_parts_and_announced_when_complete(
    visit: Opener, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = await (await visit(color_scheme=scheme, reduced_motion="reduce")).to("/")
    await _stream_first_words(page)
    open_question = await page.locator("#question").inner_text()

    await expect(page.locator("#coming")).to_be_visible()
    await expect(page.locator("#question")).to_have_css("clip-path", "inset(50%)")
    await expect(page.get_by_role("status")).to_have_text("")
    await expect(page.locator("#answer")).to_be_focused()
    assert await page.evaluate("announcements") == ["One moment…"]
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "streamed"))

    await _send_event(page, "question", {"delta": QUESTION[16:]})
    data = {"question": QUESTION, "question_number": 2, "is_final": False}
    await _send_event(page, "result", {"status": "success", "code": 200, "data": data})
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    assert await page.locator("#question").inner_text() == QUESTION
    await expect(page.locator("#question")).to_have_css("clip-path", "none")
    await expect(page.locator("#coming")).to_be_hidden()
    await expect(page.locator("#answer")).to_have_value("")
    await expect(page.locator("#answer")).to_be_focused()
    announcements = await page.evaluate("announcements")  # their order is not defined
    assert sorted(announcements) == sorted(["One moment…", QUESTION, "Answer saved. Question 2 of at most 19"])
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span").first).to_have_text(open_question)
    assert [each["headers"]["Accept"] for each in await page.evaluate("requests")] == ["text/event-stream"]


@pytest.mark.parametrize("end", ["an error", "a cut connection", "an end without a result", "half a result"])
async def test_a_failed_question_can_be_requested_again_and_is_counted_once(visit: Opener, end: str) -> None:
    page = await (await visit()).to("/")
    await _stream_first_words(page)
    open_question = await page.locator("#question").text_content()

    if end == "an error":
        await _send_event(page, "error", {"status": "error", "code": 503, "message": "Interviewer unavailable"})
    elif end == "half a result":
        await _send_event(page, "result", {"status": "success", "code": 200, "data": {}}, cut=40)
    await page.evaluate("controller.error()" if end == "a cut connection" else "controller.close()")

    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    await expect(page.locator("#coming")).to_be_hidden()
    await expect(page.locator("#question")).to_have_text(open_question or "")
    await expect(page.locator("#question")).to_have_css("clip-path", "none")
    await page.keyboard.press("Enter")
    await page.evaluate("turns[1].promise")
    first_request, second_request = [
        (each["headers"]["Idempotency-Key"], each["body"]) for each in await page.evaluate("requests")
    ]
    assert first_request == second_request
    data = {"question": "And now?", "question_number": 2, "is_final": False}
    await _send_event(page, "result", {"status": "success", "code": 200, "data": data})
    await expect(page.locator("#question")).to_have_text("And now?")


async def test_the_interview_is_reloaded_if_another_answer_was_faster(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _stream_first_words(page)
    await _send_event(page, "error", {"status": "error", "code": 409, "message": "Question is not open"})

    await expect(page.get_by_role("alert")).to_contain_text("continued in another window")
    await expect(page.locator("#progress-text")).to_have_text("Question 1 of at most 19")
    await expect(page.locator("#answer")).to_be_focused()


async def test_the_closing_text_is_shown(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _stream_first_words(page)
    data = {"question": "Thank you.", "question_number": 2, "is_final": True}
    await _send_event(page, "result", {"status": "success", "code": 200, "data": data})

    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_have_text("Thank you.")
