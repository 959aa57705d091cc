"""How far an interview is said to be, and a button that ends it wherever it is."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.pages.visits import Opener, faults, keep_picture, log_in, start

WORDS = "Thank you for your time. The interview ends here, and all your answers are saved."


async def _answered(page: Page) -> None:
    await start(page)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_interview_is_finished_by_a_button_that_asks_once_more(
    visit: Opener, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seen = await visit(color_scheme=scheme)
    page = await seen.to("/")
    await _answered(page)
    question = await page.locator("#question").inner_text()
    assert await faults(page) == []
    await page.screenshot(path=keep_picture(request, tmp_path, "turn"), full_page=True)

    await page.get_by_role("button", name="Finish now").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Finish the interview?")).to_be_visible()
    await expect(page.get_by_role("button", name="No, continue")).to_be_focused()
    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()
    assert await faults(page) == []
    await page.screenshot(path=keep_picture(request, tmp_path, "sure"), full_page=True)
    await page.get_by_role("button", name="Yes, finish").click()

    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_have_text(WORDS)
    assert await faults(page) == []
    await page.screenshot(path=keep_picture(request, tmp_path, "finished"), full_page=True)
    await page.reload()
    await expect(page.locator("#closing")).to_have_text(WORDS)
    await page.locator("#interface").select_option("pt")
    await expect(page.locator("#closing")).to_contain_text("A entrevista termina aqui")
    await expect(page.locator("#closing")).to_have_attribute("lang", "pt")
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span").last).to_have_text(question)
    async with page.expect_download():
        await page.locator("#markdown").click()
    assert await _status(page) == "completed"


@pytest.mark.parametrize("way", ["a button", "a key", "an answer"])
async def test_who_would_rather_go_on_goes_on(visit: Opener, way: str) -> None:
    page = await (await visit()).to("/")
    await start(page)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.get_by_role("button", name="Finish now").click()
    if way == "a button":
        await page.keyboard.press("Enter")
    elif way == "a key":
        await page.keyboard.press("Escape")
    else:
        await page.locator("#turn form button").click()
        await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")

    await expect(page.get_by_role("button", name="Yes, finish")).to_be_hidden()
    await expect(page.get_by_role("button", name="Finish now")).to_be_visible()
    await expect(page.locator("#answer")).to_be_focused()
    assert await _status(page) == "in_progress"


async def test_what_could_not_be_finished_can_be_by_a_button(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await start(page)

    async def broken(route: Route) -> None:
        await (route.abort() if route.request.method == "PATCH" else route.continue_())

    await page.route("**/interviews/*", broken)
    await page.get_by_role("button", name="Finish now").click()
    await page.get_by_role("button", name="Yes, finish").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    seen.said.clear()
    await page.unroute("**/interviews/*")
    await page.keyboard.press("Enter")

    await expect(page.locator("#closing")).to_have_text(WORDS)
    await expect(page.locator("#notice p")).to_have_text("")


async def test_it_is_not_offered_to_who_may_not_change_an_interview(visit: Opener) -> None:
    page = await (await visit()).to("/")

    async def reader(route: Route) -> None:
        answer = await route.fetch()
        claims = await answer.json()
        claims["data"]["permissions"].remove("interviews:update")
        await route.fulfill(response=answer, json=claims)

    await page.route("**/auth/me", reader)
    await start(page)

    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.get_by_role("button", name="Finish now")).to_be_hidden()


async def test_an_interview_that_the_interviewer_ends_keeps_its_own_last_words(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _answered(page)
    await page.get_by_role("button", name="Finish now").click()
    await page.get_by_role("button", name="Yes, finish").click()
    await page.get_by_role("button", name="New interview").click()
    await page.locator("#begin form button").click()
    await page.locator("#answer").fill("stop")
    await page.locator("#turn form button").click()

    await expect(page.locator("#done")).to_be_visible()
    await expect(page.locator("#closing")).not_to_have_text(WORDS)


async def test_a_question_past_those_that_were_announced_is_of_about_no_number(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await log_in(page)
    messages = [{"role": "assistant", "content": f"Question {number}?"} for number in range(12)]
    await page.route(
        "**/start", lambda route: route.fulfill(json={"data": {"interview_id": "x", "question": "First?"}})
    )
    await page.route(
        "**/interviews/x",
        lambda route: route.fulfill(json={"data": {"language": "en", "status": "in_progress", "messages": messages}}),
    )
    await page.locator("#begin form button").click()
    await page.reload()
    await expect(page.locator("#progress-text")).to_have_text("Question 12 of about 12")
    messages.append({"role": "assistant", "content": "One more?"})
    await page.reload()

    await expect(page.locator("#progress-text")).to_have_text("Question 13")
    for language, text in (("es", "Pregunta 13"), ("pt", "Pergunta 13")):
        await page.locator("#interface").select_option(language)
        await expect(page.locator("#progress-text")).to_have_text(text)


async def _status(page: Page) -> str:
    status: str = await page.evaluate(
        """async () => {
          const headers = { Authorization: `Bearer ${sessionStorage.token}` };
          const answer = await fetch(`/api/v1/interviews/${sessionStorage.interview}`, { headers });
          return (await answer.json()).data.status;
        }"""
    )
    return status
