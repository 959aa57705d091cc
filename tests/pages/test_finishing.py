"""The progress of an interview, and the button that ends it."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.pages.visits import Opener, find_faults, keep_screenshot, log_in, start

CLOSING_TEXT = "Thank you for your time. The interview ends here, and all your answers are saved."


async def _answer_first_question(page: Page) -> None:
    await start(page)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_button_finishes_the_interview_after_a_confirmation(
    visit: Opener, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    visitor = await visit(color_scheme=scheme)
    page = await visitor.to("/")
    await _answer_first_question(page)
    question = await page.locator("#question").inner_text()
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "turn"), full_page=True)

    await page.get_by_role("button", name="Finish now").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Finish the interview?")).to_be_visible()
    await expect(page.get_by_role("button", name="No, continue")).to_be_focused()
    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "sure"), full_page=True)
    await page.get_by_role("button", name="Yes, finish").click()

    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_have_text(CLOSING_TEXT)
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "finished"), full_page=True)
    await page.reload()
    await expect(page.locator("#closing")).to_have_text(CLOSING_TEXT)
    await page.locator("#interface").select_option("pt")
    await expect(page.locator("#closing")).to_contain_text("A entrevista termina aqui")
    await expect(page.locator("#closing")).to_have_attribute("lang", "pt")
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span").last).to_have_text(question)
    async with page.expect_download():
        await page.locator("#done-conversation").click()
    assert await _fetch_status(page) == "completed"


@pytest.mark.parametrize("way", ["a button", "a key", "an answer"])
async def test_the_confirmation_can_be_cancelled(visit: Opener, way: str) -> None:
    page = await (await visit()).to("/")
    await start(page)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.get_by_role("button", name="Finish now").click()
    if way == "a button":
        await page.keyboard.press("Enter")
    elif way == "a key":
        await page.keyboard.press("Escape")
    else:
        await page.locator("#send").click()
        await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")

    await expect(page.get_by_role("button", name="Yes, finish")).to_be_hidden()
    await expect(page.get_by_role("button", name="Finish now")).to_be_visible()
    await expect(page.locator("#answer")).to_be_focused()
    assert await _fetch_status(page) == "in_progress"


async def test_a_failed_finish_can_be_tried_again(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)

    async def break_response(route: Route) -> None:
        await (route.abort() if route.request.method == "PATCH" else route.continue_())

    await page.route("**/interviews/*", break_response)
    await page.get_by_role("button", name="Finish now").click()
    await page.get_by_role("button", name="Yes, finish").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    visitor.console.clear()
    await page.unroute("**/interviews/*")
    await page.keyboard.press("Enter")

    await expect(page.locator("#closing")).to_have_text(CLOSING_TEXT)
    await expect(page.locator("#notice p")).to_have_text("")


async def test_the_button_is_hidden_without_the_permission(visit: Opener) -> None:
    page = await (await visit()).to("/")

    async def remove_permission(route: Route) -> None:
        answer = await route.fetch()
        claims = await answer.json()
        claims["data"]["permissions"].remove("interviews:update")
        await route.fulfill(response=answer, json=claims)

    await page.route("**/auth/me", remove_permission)
    await start(page)

    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()


async def test_the_interviewers_closing_text_is_shown_if_it_ends_the_interview(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _answer_first_question(page)
    await page.get_by_role("button", name="Finish now").click()
    await page.get_by_role("button", name="Yes, finish").click()
    await page.get_by_role("button", name="Back to my interviews").click()
    await page.locator("#begin form button").click()
    await page.locator("#answer").fill("stop")
    await page.locator("#send").click()

    await expect(page.locator("#done")).to_be_visible()
    await expect(page.locator("#closing")).not_to_have_text(CLOSING_TEXT)


async def test_the_progress_has_no_total_after_the_announced_questions(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await log_in(page)
    messages = [{"role": "assistant", "content": f"Question {number}?"} for number in range(19)]
    await page.route(
        "**/start", lambda route: route.fulfill(json={"data": {"interview_id": "x", "question": "First?"}})
    )
    await page.route(
        "**/interviews/x",
        lambda route: route.fulfill(json={"data": {"language": "en", "status": "in_progress", "messages": messages}}),
    )
    await page.locator("#begin form button").click()
    await page.reload()
    await expect(page.locator("#progress-text")).to_have_text("Question 19 of at most 19")
    messages.append({"role": "assistant", "content": "One more?"})
    await page.reload()

    await expect(page.locator("#progress-text")).to_have_text("Question 20")
    for language, text in (("es", "Pregunta 20"), ("pt", "Pergunta 20")):
        await page.locator("#interface").select_option(language)
        await expect(page.locator("#progress-text")).to_have_text(text)


async def _fetch_status(page: Page) -> str:
    status: str = await page.evaluate(
        """async () => {
          const headers = { Authorization: `Bearer ${sessionStorage.token}` };
          const answer = await fetch(`/api/v1/interviews/${sessionStorage.interview}`, { headers });
          return (await answer.json()).data.status;
        }"""
    )
    return status
