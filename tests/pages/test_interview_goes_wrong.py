"""The interview page when something goes wrong: it says so in a sentence, says what to do, and loses nothing."""

import pytest
from playwright.async_api import Route, expect

from tests.pages.visits import Opener, faults, log_in, start


async def test_a_wrong_password_is_said_and_can_be_mended(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await page.locator("#password").fill("wrong")
    await page.locator("#login form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Check both and try again.")
    assert await faults(page) == []
    seen.said.clear()
    await page.get_by_label("Ada Admin").check()
    await log_in(page)
    await expect(page.locator("#begin-title")).to_have_text("Hello, Ada Admin")
    await expect(page.locator("#notice p")).to_have_text("")


async def test_after_a_token_has_expired_one_logs_in_and_goes_on_where_one_was(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await start(page)
    await page.evaluate("sessionStorage.setItem('token', 'no longer good')")
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Log in again")
    await expect(page.locator("#login-title")).to_be_focused()
    seen.said.clear()
    await page.locator("#login form button").click()
    await expect(page.locator("#answer")).to_have_value("I approve orders of my department.")
    await page.locator("#turn form button").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")


@pytest.mark.parametrize("fault", ["503", "no network", "no network after it was stored"])
async def test_what_could_not_be_sent_is_sent_again_by_a_button_and_counts_once(visit: Opener, fault: str) -> None:
    seen = await visit()
    page = await seen.to("/")
    await start(page)

    async def broken(route: Route) -> None:
        if fault == "503":
            await route.fulfill(status=503, json={"message": "Interviewer unavailable"})
            return
        if fault.endswith("stored"):
            await route.fetch()
        await route.abort()

    await page.route("**/continue", broken)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    await expect(page.get_by_role("button", name="Try again")).to_be_focused()
    assert await faults(page) == []
    seen.said.clear()
    await page.unroute("**/continue")
    await page.keyboard.press("Enter")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")
    await expect(page.locator("#answer")).to_have_value("")
    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#earlier summary")).to_have_text("So far (2)")


async def test_where_the_interview_has_moved_on_elsewhere_it_is_read_anew(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await start(page)
    async with seen.context.expect_page() as opening:
        await page.evaluate("void open('/')")
    other = await opening.value
    await other.locator("#answer").fill("The other window was faster.")
    await other.locator("#turn form button").click()
    await expect(other.locator("#progress-text")).to_have_text("Question 2 of about 12")
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("continued in another window")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")
    await expect(page.locator("#question")).to_contain_text("The other window was faster")
    seen.said.clear()


async def test_an_interview_that_is_not_ones_own_is_left(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await log_in(page)
    await page.evaluate("sessionStorage.setItem('interview', '00000000-0000-7000-8000-000000000000')")
    await page.reload()

    await expect(page.get_by_role("alert")).to_contain_text("no longer exists")
    await expect(page.locator("#begin")).to_be_visible()
    seen.said.clear()


async def test_a_start_that_got_no_answer_may_be_tried_again_in_another_language(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await log_in(page)

    async def answer_lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/start", answer_lost)
    await page.locator("#begin form button").click()
    await expect(page.get_by_role("alert")).to_contain_text("Nothing is lost; try again.")
    seen.said.clear()
    await page.unroute("**/start")
    await page.locator("#spoken").select_option("es")
    await page.locator("#begin form button").click()

    await expect(page.locator("#question")).to_have_attribute("lang", "es")
    await expect(page.locator("#notice p")).to_have_text("")


async def test_a_password_that_cannot_be_one_is_said_to_be_wrong(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await page.locator("#password").fill("x" * 2000)
    await page.locator("#login form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Check both and try again.")
    seen.said.clear()


async def test_an_interview_that_was_cancelled_elsewhere_is_said_to_be_and_can_be_exported(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await start(page)
    question = await page.locator("#question").inner_text()
    await page.evaluate(
        """() => fetch(`/api/v1/interviews/${sessionStorage.interview}`, {
          method: "PATCH", body: '{"status": "cancelled"}',
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${sessionStorage.token}` },
        })"""
    )
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()

    await expect(page.locator("#closing")).to_have_text("The interview was ended early. Every answer is saved.")
    await expect(page.locator("#closing")).to_have_attribute("lang", "en")
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier li span")).to_have_text([question])
    await expect(page.get_by_role("button", name="Download Markdown")).to_be_visible()
    seen.said.clear()


async def test_what_is_said_to_be_wrong_is_said_in_the_language_that_is_chosen(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await page.route(
        "**/login", lambda route: route.fulfill(status=429, headers={"Retry-After": "7"}, json={"message": "Too many"})
    )
    await page.locator("#login form button").click()
    await expect(page.locator("#notice p")).to_have_text("Too many attempts. Wait 7 seconds and try again.")
    await page.locator("#interface").select_option("pt")
    await expect(page.locator("#notice p")).to_have_text("Tentativas demais. Espere 7 segundos e tente de novo.")
    seen.said.clear()
    await page.unroute("**/login")
    await page.route("**/login", lambda route: route.abort())
    await page.locator("#login form button").click()
    await expect(page.locator("#notice p")).to_contain_text("Nada se perdeu")
    await page.locator("#interface").select_option("es")

    await expect(page.locator("#notice p")).to_contain_text("No se ha perdido nada")
    await expect(page.get_by_role("button", name="Probar otra vez")).to_be_visible()
    seen.said.clear()
    await page.unroute("**/login")
    await page.get_by_role("button", name="Probar otra vez").click()
    await expect(page.locator("#begin-title")).to_have_text("Hola, Uma User")
    await expect(page.locator("#notice p")).to_have_text("")
