"""The interview page as a person uses it: by keyboard, with reloads, in three languages, and when things go wrong."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from app.domain.interview import Language
from app.interviewer.guide import guide
from tests.pages.conftest import Opener, faults, keep_picture

ANSWER = "Aprovo pedidos de compra acima de mil reais, <b>todos</b> os dias."


async def _press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def _log_in(page: Page) -> None:
    await page.locator("#login form button").click()
    await expect(page.locator("#begin")).to_be_visible()


async def _started(page: Page) -> None:
    await _log_in(page)
    await page.locator("#begin form button").click()
    await expect(page.locator("#answer")).to_be_focused()


async def test_a_whole_interview_in_portuguese_by_keyboard_alone_with_a_reload_in_the_middle(
    visit: Opener,
) -> None:
    seen = await visit(locale="pt-BR")
    page = await seen.to("/")
    assert await page.evaluate("document.documentElement.lang") == "pt"
    await expect(page).to_have_title("Entrevista")
    await _press(page, "Tab", "Tab", "Tab")
    await expect(page.locator("[name=account]").first).to_be_focused()
    await _press(page, "Tab", "Tab", "Tab", "Enter")
    await expect(page.locator("#begin-title")).to_be_focused()
    await expect(page.locator("#begin-title")).to_have_text("Olá, Uma User")
    await expect(page.locator("#spoken")).to_have_value("pt")
    await _press(page, "Tab", "Tab", "Enter")

    topics = guide(Language.PT).topics
    for number, topic in enumerate(topics, start=1):
        await expect(page.locator("#progress-text")).to_have_text(f"Pergunta {number} de cerca de {len(topics)}")
        await expect(page.locator("#question")).to_contain_text(topic.question)
        await expect(page.locator("#answer")).to_be_focused()
        await page.keyboard.type(ANSWER)
        if number == 6:
            await page.reload()
            await expect(page.locator("#answer")).to_have_value(ANSWER)
            await expect(page.locator("#answer")).to_be_focused()
        await _press(page, *(("Tab", "Enter") if number % 2 else ("Control+Enter",)))
    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_have_text(guide(Language.PT).closing.complete)
    assert await page.locator("#closing").get_attribute("lang") == "pt"

    await page.reload()
    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#done-title")).to_have_text("Concluída")
    async with page.expect_download() as markdown:
        await _press(page, "Tab", "Enter")
    async with page.expect_download() as exported:
        await _press(page, "Tab", "Enter")
    written = (await (await markdown.value).path()).read_text(encoding="utf-8")
    taken = json.loads((await (await exported.value).path()).read_text(encoding="utf-8"))
    assert (taken["total_questions"], taken["total_user_responses"], taken["is_complete"]) == (13, 12, True)
    assert (await markdown.value).suggested_filename == f"interview-{taken['interview_id'][:8]}.md"
    assert written.startswith("# Entrevista\n\n- **Pessoa:** Uma User\n")
    assert written.count("\n## Pergunta ") == 13
    assert written.count("\n> Aprovo pedidos de compra acima de mil reais, \\<b\\>todos\\</b\\> os dias.\n") == 12


@pytest.mark.parametrize(
    ("locale", "language", "scheme"),
    [("es-MX", "es", "light"), ("en-US", "en", "dark"), ("pt-PT", "pt", "dark"), ("fr-FR", "en", "light")],
)
async def test_every_step_is_accessible_and_fits_a_phone(
    visit: Opener, locale: str, language: str, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seen = await visit(locale=locale, color_scheme=scheme)
    page = await seen.to("/")

    async def looks_well(step: str) -> None:
        assert await page.evaluate("document.documentElement.lang") == language
        assert await faults(page) == []
        await page.screenshot(path=keep_picture(request, tmp_path, step), full_page=True)

    await expect(page.locator("#login")).to_be_visible()
    await looks_well("login")
    await _log_in(page)
    await looks_well("begin")
    await page.locator("#begin form button").click()
    await page.locator("#answer").fill("No, nada, nothing at all.")
    await page.locator("#turn form button").click()
    await expect(page.locator("#progress-text")).to_contain_text("2")
    await page.locator("#earlier summary").click()
    await looks_well("turn")
    await page.locator("#answer").fill("stop")
    await page.locator("#turn form button").click()
    await expect(page.locator("#done")).to_be_visible()
    await looks_well("done")


async def test_every_language_has_every_text(visit: Opener) -> None:
    page = await (await visit()).to("/")
    texts = await page.evaluate("import('/static/texts.js').then(({TEXTS}) => TEXTS)")

    assert set(texts) == set(Language)
    assert {language: set(told) for language, told in texts.items()} == {
        language: set(texts["en"]) for language in texts
    }
    assert all(text for told in texts.values() for text in told.values())


async def test_a_wrong_password_is_said_and_can_be_mended(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await page.locator("#password").fill("wrong")
    await page.locator("#login form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("Check both and try again.")
    assert await faults(page) == []
    seen.said.clear()
    await page.get_by_label("Ada Admin").check()
    await _log_in(page)
    await expect(page.locator("#begin-title")).to_have_text("Hello, Ada Admin")
    await expect(page.locator("#notice p")).to_have_text("")


async def test_after_a_token_has_expired_one_logs_in_and_goes_on_where_one_was(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await _started(page)
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
    await _started(page)

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
    await _started(page)
    async with seen.context.expect_page() as opening:
        await page.evaluate("void open('/')")
    other = await opening.value
    await other.locator("#answer").fill("The other window was faster.")
    await other.locator("#turn form button").click()
    await expect(other.locator("#progress-text")).to_have_text("Question 2 of about 12")
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#turn form button").click()

    await expect(page.get_by_role("alert")).to_contain_text("moved on elsewhere")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of about 12")
    await expect(page.locator("#question")).to_contain_text("The other window was faster")
    seen.said.clear()


async def test_an_interview_that_is_not_ones_own_is_left(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await _log_in(page)
    await page.evaluate("sessionStorage.setItem('interview', '00000000-0000-7000-8000-000000000000')")
    await page.reload()

    await expect(page.get_by_role("alert")).to_contain_text("no longer there")
    await expect(page.locator("#begin")).to_be_visible()
    seen.said.clear()


async def test_an_empty_answer_is_not_sent_and_the_language_can_be_changed_meanwhile(visit: Opener) -> None:
    seen = await visit()
    page = await seen.to("/")
    await _started(page)
    await page.locator("#turn form button").click()

    await expect(page.locator("#notice p")).to_have_text("Please write your answer first.")
    await expect(page.locator("#answer")).to_be_focused()
    assert not [url for url in seen.asked if url.endswith("/continue")]
    await page.locator("#interface").select_option("es")
    await expect(page.locator("#progress-text")).to_have_text("Pregunta 1 de unas 12")
    assert await page.locator("#question").get_attribute("lang") == "en"
    assert await faults(page) == []


async def test_logging_out_leaves_nothing_behind(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await _started(page)
    await page.locator("#answer").fill("A secret.")
    await page.get_by_role("button", name="Log out").click()

    await expect(page.locator("#login-title")).to_be_focused()
    kept = await page.evaluate("({...sessionStorage})")
    assert kept.keys().isdisjoint({"token", "interview", "draft", "start", "name"})
    assert await page.locator("#question").text_content() == ""
