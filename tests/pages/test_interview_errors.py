"""Errors on the interview page: it names the error and the next step, and loses no answer."""

import pytest
from playwright.async_api import Route, expect

from tests.pages.visits import Opener, find_faults, log_in, start


async def test_a_wrong_password_shows_an_error_and_can_be_corrected(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await page.locator("#password").fill("wrong")
    await page.locator("#login form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Check both and try again.")
    assert await find_faults(page) == []
    visitor.console.clear()
    await page.get_by_label("Ada Admin").check()
    await log_in(page)
    await expect(page.locator("#begin-title")).to_have_text("Hello, Ada Admin")
    await expect(page.locator("#notice p")).to_have_text("")


async def test_the_interview_continues_after_login_if_the_token_expired(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    await page.evaluate("sessionStorage.setItem('token', 'expired')")
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()

    await expect(page.get_by_role("alert")).to_contain_text("Log in again")
    await expect(page.locator("#login-title")).to_be_focused()
    visitor.console.clear()
    await page.locator("#login form button").click()
    await expect(page.locator("#answer")).to_have_value("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")


@pytest.mark.parametrize("fault", ["503", "no network", "no network after it was stored"])
async def test_a_failed_answer_can_be_sent_again_and_is_stored_once(visit: Opener, fault: str) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)

    async def break_response(route: Route) -> None:
        if fault == "503":
            await route.fulfill(status=503, json={"message": "Interviewer unavailable"})
            return
        if fault.endswith("stored"):
            await route.fetch()
        await route.abort()

    await page.route("**/continue", break_response)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()

    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    assert await find_faults(page) == []
    visitor.console.clear()
    await page.unroute("**/continue")
    await page.keyboard.press("Enter")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await expect(page.locator("#answer")).to_have_value("")
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#earlier summary")).to_have_text("So far (2)")


async def test_the_interview_is_reloaded_if_it_was_continued_in_another_window(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    async with visitor.context.expect_page() as opening:
        await page.evaluate("void open('/')")
    other = await opening.value
    await other.locator("#answer").fill("The other window was faster.")
    await other.locator("#send").click()
    await expect(other.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()

    await expect(page.get_by_role("alert")).to_contain_text("continued in another window")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await expect(page.locator("#question")).to_contain_text("Which process takes most of your time")
    await expect(page.locator("#earlier")).to_contain_text("The other window was faster")
    visitor.console.clear()
    await expect(page.locator("#answer")).to_have_value("")
    refused = page.get_by_role("group", name="This answer was not saved")
    await expect(refused).to_contain_text("I approve orders of my department.")
    assert await find_faults(page) == []
    await refused.get_by_role("button", name="Use it for the current question").click()
    await expect(refused).to_be_hidden()
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#answer")).to_have_value("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 3 of at most 19")


async def test_the_interview_of_another_owner_is_closed(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await log_in(page)
    await page.evaluate("sessionStorage.setItem('interview', '00000000-0000-7000-8000-000000000000')")
    await page.reload()

    await expect(page.get_by_role("alert")).to_contain_text("no longer exists")
    await expect(page.locator("#begin")).to_be_visible()
    visitor.console.clear()


async def test_a_failed_start_can_be_repeated_in_another_language(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await log_in(page)

    async def lose_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/start", lose_answer)
    await page.locator("#begin form button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    visitor.console.clear()
    await page.unroute("**/start")
    await page.locator("#interface").select_option("es")
    await page.locator("#begin form button").click()

    await expect(page.locator("#question")).to_have_attribute("lang", "es")
    await expect(page.locator("#notice p")).to_have_text("")


async def test_an_invalid_password_shows_the_error_of_a_wrong_one(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await page.locator("#password").fill("x" * 2000)
    await page.locator("#login form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Check both and try again.")
    visitor.console.clear()


async def test_a_cancelled_interview_is_shown_as_ended_and_can_be_exported(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    question = await page.locator("#question").inner_text()
    await page.evaluate(
        """() => fetch(`/api/v1/interviews/${sessionStorage.interview}`, {
          method: "PATCH", body: '{"status": "cancelled"}',
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${sessionStorage.token}` },
        })"""
    )
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()

    await expect(page.locator("#closing")).to_have_text("The interview was ended early. Every answer is saved.")
    await expect(page.locator("#refused-text")).to_have_text("I approve orders of my department.")
    await expect(page.locator("#refused-use")).to_be_hidden()
    await page.get_by_role("button", name="Discard it").click()
    await expect(page.locator("#refused")).to_be_hidden()
    await expect(page.locator("#closing")).to_have_attribute("lang", "en")
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span")).to_have_text([question])
    await expect(page.get_by_role("button", name="Markdown")).to_be_visible()
    visitor.console.clear()


async def test_errors_are_shown_in_the_selected_language(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await page.route(
        "**/login", lambda route: route.fulfill(status=429, headers={"Retry-After": "7"}, json={"message": "Too many"})
    )
    await page.locator("#login form button").click()
    await expect(page.locator("#notice p")).to_have_text("Too many attempts. Wait 7 seconds and try again.")
    await page.locator("#interface").select_option("pt")
    await expect(page.locator("#notice p")).to_have_text("Tentativas demais. Espere 7 segundos e tente de novo.")
    visitor.console.clear()
    await page.unroute("**/login")
    await page.route("**/login", lambda route: route.abort())
    await page.locator("#login form button").click()
    await expect(page.locator("#notice p")).to_contain_text("Nada se perdeu")
    await page.locator("#interface").select_option("es")

    await expect(page.locator("#notice p")).to_contain_text("No se ha perdido nada")
    await expect(page.get_by_role("button", name="Probar otra vez")).to_be_visible()
    visitor.console.clear()
    await page.unroute("**/login")
    await page.get_by_role("button", name="Probar otra vez").click()
    await expect(page.locator("#begin-title")).to_have_text("Hola, Uma User")
    await expect(page.locator("#notice p")).to_have_text("")
