"""The interview page while a question is being made: seen as it comes, heard once, and counted when it is whole."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.pages.visits import Opener, faults, keep_picture, start

HOLD = """() => {
  const asked = window.fetch;
  window.requests = [];
  window.turns = [Promise.withResolvers(), Promise.withResolvers()];
  window.fetch = async (url, request) => {
    if (!url.endsWith("/continue")) return asked(url, request);
    const events = new ReadableStream({ start(told) { window.told = told; } });
    turns[requests.length].resolve();
    requests.push(request);
    const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
    return new Response(events.pipeThrough(new TextEncoderStream()), { headers });
  };
  window.heard = [];
  const keep = (changes) => changes.forEach(({ target }) => target.textContent && heard.push(target.textContent));
  for (const each of document.querySelectorAll("[aria-live], [role=status]"))
    new MutationObserver(keep).observe(each, { childList: true, characterData: true, subtree: true });
}"""
"""Has the next turns answered by the test, and keeps what a screen reader would read out meanwhile."""

QUESTION = "What do you buy?\n\n1. Steel?\n2. Zinc?"


async def _tell(page: Page, name: str, data: object, *, cut: int | None = None) -> None:
    event = f"event: {name}\ndata: {json.dumps(data)}\n\n"
    await page.evaluate("event => told.enqueue(event)", event[:cut])


async def _told_half(page: Page) -> None:
    """An answer is sent, and the first words of the next question have come."""
    await start(page)
    await page.evaluate(HOLD)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#answer").press("Control+Enter")
    await page.evaluate("turns[0].promise")
    await page.evaluate("told.enqueue(': ping\\n\\n')")
    await _tell(page, "question", {"delta": QUESTION[:6]})
    await _tell(page, "question", {"delta": QUESTION[6:16]})
    await expect(page.locator("#coming")).to_have_text("What do you buy?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_question_is_seen_as_it_comes_and_read_out_once_it_is_whole(
    visit: Opener, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = await (await visit(color_scheme=scheme, reduced_motion="reduce")).to("/")
    await _told_half(page)
    open_question = await page.locator("#question").inner_text()

    await expect(page.locator("#coming")).to_be_visible()
    await expect(page.locator("#question")).to_have_css("clip-path", "inset(50%)")
    await expect(page.get_by_role("status")).to_have_text("")
    await expect(page.locator("#answer")).to_be_focused()
    assert await page.evaluate("heard") == ["One moment…"]
    assert await faults(page) == []
    await page.screenshot(path=keep_picture(request, tmp_path, "told"))

    await _tell(page, "question", {"delta": QUESTION[16:]})
    data = {"question": QUESTION, "question_number": 2, "is_final": False}
    await _tell(page, "result", {"status": "success", "code": 200, "data": data})
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")
    assert await page.locator("#question").inner_text() == QUESTION
    await expect(page.locator("#question")).to_have_css("clip-path", "none")
    await expect(page.locator("#coming")).to_be_hidden()
    await expect(page.locator("#answer")).to_have_value("")
    await expect(page.locator("#answer")).to_be_focused()
    heard = await page.evaluate("heard")  # of what comes at once, in no certain order
    assert sorted(heard) == sorted(["One moment…", QUESTION, "Answer saved. Question 2 of about 12"])
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span").first).to_have_text(open_question)
    assert [each["headers"]["Accept"] for each in await page.evaluate("requests")] == ["text/event-stream"]


@pytest.mark.parametrize("end", ["an error", "a cut connection", "an end without a result", "half a result"])
async def test_a_question_that_comes_to_nothing_is_asked_for_again_by_a_button_and_counts_once(
    visit: Opener, end: str
) -> None:
    page = await (await visit()).to("/")
    await _told_half(page)
    open_question = await page.locator("#question").text_content()

    if end == "an error":
        await _tell(page, "error", {"status": "error", "code": 503, "message": "Interviewer unavailable"})
    elif end == "half a result":
        await _tell(page, "result", {"status": "success", "code": 200, "data": {}}, cut=40)
    await page.evaluate("told.error()" if end == "a cut connection" else "told.close()")

    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    await expect(page.locator("#coming")).to_be_hidden()
    await expect(page.locator("#question")).to_have_text(open_question or "")
    await expect(page.locator("#question")).to_have_css("clip-path", "none")
    await page.keyboard.press("Enter")
    await page.evaluate("turns[1].promise")
    first, second = [(each["headers"]["Idempotency-Key"], each["body"]) for each in await page.evaluate("requests")]
    assert first == second
    data = {"question": "And now?", "question_number": 2, "is_final": False}
    await _tell(page, "result", {"status": "success", "code": 200, "data": data})
    await expect(page.locator("#question")).to_have_text("And now?")


async def test_a_question_that_was_lost_to_another_answer_is_read_anew(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _told_half(page)
    await _tell(page, "error", {"status": "error", "code": 409, "message": "Question is not open"})

    await expect(page.get_by_role("alert")).to_contain_text("continued in another window")
    await expect(page.locator("#progress-text")).to_have_text("Question 1 of about 12")
    await expect(page.locator("#answer")).to_be_focused()


async def test_last_words_are_seen_as_they_come_too(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _told_half(page)
    data = {"question": "Thank you.", "question_number": 2, "is_final": True}
    await _tell(page, "result", {"status": "success", "code": 200, "data": data})

    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_have_text("Thank you.")
