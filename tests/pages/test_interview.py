"""The interview page with keyboard, reloads, three languages, light and dark."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from app.domain.interview import Language
from app.interviewer.guide import load_guide
from app.interviewer.library import shipped_library
from app.pages.interview import render_interview
from app.settings import Settings
from tests.pages.visits import Opener, find_faults, keep_screenshot, log_in, start

ANSWER = "Aprovo pedidos de compra acima de mil reais, <b>todos</b> os dias."


async def _press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_a_complete_interview_in_portuguese_by_keyboard_with_a_reload(
    visit: Opener,
) -> None:
    visitor = await visit(locale="pt-BR")
    page = await visitor.to("/")
    assert await page.evaluate("document.documentElement.lang") == "pt"
    await expect(page).to_have_title("Entrevista")
    await _press(page, "Tab", "Tab", "Tab")
    await expect(page.locator("[name=account]").first).to_be_focused()
    await _press(page, "Tab", "Tab", "Tab", "Enter")
    await expect(page.locator("#begin-title")).to_be_focused()
    await expect(page.locator("#begin-title")).to_have_text("Olá, Uma User")
    await _press(page, "Tab", "Tab", "Enter")

    topics = load_guide(Language.PT).topics
    for number, topic in enumerate(topics, start=1):
        await expect(page.locator("#progress-text")).to_have_text(f"Pergunta {number} de no máximo 19")
        await expect(page.locator("#question")).to_contain_text(topic.question)
        await expect(page.locator("#answer")).to_be_focused()
        await page.keyboard.type(ANSWER)
        if number == 6:
            await page.reload()
            await expect(page.locator("#answer")).to_have_value(ANSWER)
            await expect(page.locator("#answer")).to_be_focused()
        await _press(page, *(("Tab", "Enter") if number % 2 else ("Control+Enter",)))
    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#closing")).to_contain_text(load_guide(Language.PT).closing.complete)
    assert await page.locator("#closing").get_attribute("lang") == "pt"

    await page.reload()
    await expect(page.locator("#done-title")).to_be_focused()
    await expect(page.locator("#done-title")).to_have_text("Concluída")
    await expect(page.locator("#outcome h3").first).to_have_text("Função")
    await expect(page.locator("#outcome li").first).to_have_text(ANSWER)
    async with page.expect_download() as markdown:
        await _press(page, "Tab", "Enter")
    async with page.expect_download() as exported:
        await _press(page, "Tab", "Enter")
    document = (await (await markdown.value).path()).read_text(encoding="utf-8")
    outcome = json.loads((await (await exported.value).path()).read_text(encoding="utf-8"))
    assert [each["text"] for each in outcome["role"]] == [ANSWER]
    assert (await markdown.value).suggested_filename.startswith("outcome-")
    assert "\\<b\\>todos\\</b\\> os dias" in document


@pytest.mark.parametrize(
    ("locale", "language", "scheme"),
    [("es-MX", "es", "light"), ("en-US", "en", "dark"), ("pt-PT", "pt", "dark"), ("fr-FR", "en", "light")],
)
async def test_every_step_is_accessible_and_fits_a_phone(
    visit: Opener, locale: str, language: str, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    visitor = await visit(locale=locale, color_scheme=scheme)
    page = await visitor.to("/")

    async def assert_accessible(step: str) -> None:
        assert await page.evaluate("document.documentElement.lang") == language
        assert await find_faults(page) == []
        await page.screenshot(path=keep_screenshot(request, tmp_path, step), full_page=True)

    await expect(page.locator("#login")).to_be_visible()
    await assert_accessible("login")
    await log_in(page)
    await assert_accessible("begin")
    await page.locator("#begin form button").click()
    await page.locator("#answer").fill("No, nada, nothing.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 2 "))
    await page.locator("#earlier summary").click()
    await assert_accessible("turn")
    await page.locator("#answer").fill("stop")
    await page.locator("#send").click()
    await expect(page.locator("#done")).to_be_visible()
    await assert_accessible("done")


async def test_every_language_has_every_text(visit: Opener) -> None:
    page = await (await visit()).to("/")
    texts = await page.evaluate("import('/static/texts.js').then(({TEXTS}) => TEXTS)")

    assert set(texts) == set(Language)
    assert {language: set(told) for language, told in texts.items()} == {
        language: set(texts["en"]) for language in texts
    }
    assert all(text for told in texts.values() for text in told.values())


async def test_an_empty_answer_is_not_sent_and_the_language_can_be_changed(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    await page.locator("#send").click()

    await expect(page.locator("#notice p")).to_have_text("Please write your answer first.")
    await expect(page.locator("#answer")).to_be_focused()
    assert not [url for url in visitor.requests if url.endswith("/continue")]
    await page.locator("#interface").select_option("es")
    await expect(page.locator("#progress-text")).to_have_text("Pregunta 1 de 19 como máximo")
    assert await page.locator("#question").get_attribute("lang") == "en"
    assert await find_faults(page) == []


async def test_logout_deletes_the_stored_state(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await start(page)
    await page.locator("#answer").fill("A secret.")
    await page.get_by_role("button", name="Log out").click()

    await expect(page.locator("#login-title")).to_be_focused()
    stored = await page.evaluate("({...sessionStorage})")
    assert set(stored) <= {"language"}
    assert await page.locator("#question").text_content() == ""


@pytest.mark.parametrize("width", [320, 390])
async def test_a_question_with_a_long_word_fits_a_phone_and_keeps_its_lines(visit: Opener, width: int) -> None:
    page = await (await visit(viewport={"width": width, "height": 844})).to("/")
    await start(page)
    await page.locator("#answer").fill("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunternehmen")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 2 "))
    assert await find_faults(page) == []

    question = "Thank you.\n\n1. Who approves it?\n2. Who pays it?"
    data = {"question": question, "question_number": 3, "is_final": False}
    await page.route("**/continue", lambda route: route.fulfill(json={"data": data}))
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 3 "))
    assert await page.locator("#question").inner_text() == question


async def test_a_pasted_answer_that_is_too_long_is_rejected_and_not_cut(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    await page.locator("#answer").focus()
    await page.keyboard.insert_text("word " * 1001)
    await page.locator("#send").click()

    await expect(page.get_by_role("alert")).to_contain_text("1 to 5000")
    await expect(page.locator("#answer")).to_have_value("word " * 1001)
    visitor.console.clear()
    await page.locator("#answer").fill("\N{GRINNING FACE}" * 5000)
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 2 "))


async def test_only_the_owner_can_continue_the_interview_after_the_next_login(visit: Opener) -> None:
    page = await (await visit()).to("/")
    await start(page)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 2 "))
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("Ada Admin").check()
    await log_in(page)
    await expect(page.locator("#own li")).to_have_count(0)
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("Uma User").check()
    await log_in(page)
    assert await find_faults(page) == []

    await page.get_by_role("button", name="Continue: ").first.click()

    await expect(page.locator("#answer")).to_be_focused()
    await expect(page.locator("#question")).to_contain_text("Which process takes most of your time")
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await page.locator("#answer").fill("stop")
    await page.locator("#send").click()
    await page.get_by_role("button", name="Back to my interviews").click()
    await expect(page.locator("#begin-title")).to_be_focused()
    await expect(page.locator("#own li").first).to_contain_text("finished")
    await page.get_by_role("button", name="Open: ").first.click()
    await expect(page.locator("#closing")).to_contain_text("Still open")


async def test_an_answer_under_way_is_forgotten_if_the_user_logs_out(visit: Opener) -> None:
    visitor = await visit()
    page = await visitor.to("/")
    await start(page)
    sent = asyncio.Event()

    async def never_respond(route: Route) -> None:
        sent.set()

    await page.route("**/continue", never_respond)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await sent.wait()
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_label("Ada Admin").check()
    await log_in(page)

    await expect(page.locator("#begin")).to_be_visible()
    await expect(page.locator("#notice")).to_be_hidden()
    assert await find_faults(page) == []


async def test_a_slow_request_shows_its_progress(visit: Opener, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    page = await (await visit()).to("/")
    await start(page)
    proceed = asyncio.Event()

    async def delay(route: Route) -> None:
        await proceed.wait()
        await route.continue_()

    await page.route("**/continue", delay)
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()

    status = page.get_by_role("status")
    await expect(status).to_have_text("One moment…")
    await expect(page.locator("#toast")).to_have_css("clip-path", "none")
    await page.wait_for_timeout(700)
    assert await find_faults(page) == []
    await page.screenshot(path=keep_screenshot(request, tmp_path, "waiting"))
    proceed.set()
    await expect(page.locator("#progress-text")).to_have_text(re.compile(" 2 "))
    await expect(page.locator("#toast")).not_to_have_css("clip-path", "none")


async def test_the_box_grows_counts_near_the_limit_and_buttons_answer_for_the_person(visit: Opener) -> None:
    page = await (await visit(has_touch=True, is_mobile=True)).to("/")
    await log_in(page)
    await page.get_by_label("Subject of the interview").select_option("Software requirements")
    await page.locator("#begin form button").click()
    await expect(page.locator("#question")).to_contain_text(
        load_guide(Language.EN, "software-requirements").topics[0].question
    )
    box, count = page.locator("#answer"), page.locator("#count")
    await expect(page.locator("#hint .keyboard")).to_be_hidden()
    low = (await box.bounding_box() or {})["height"]
    await box.fill("a line\n" * 12)
    assert (await box.bounding_box() or {})["height"] > low
    await expect(page.locator("#unknown")).to_be_hidden()
    await expect(count).to_be_hidden()
    await box.fill("\N{GRINNING FACE}" * 4500)
    await expect(count).to_have_text("4500 of 5000 characters")
    await box.fill("x" * 5007)
    await expect(count).to_have_text("7 characters too many: the limit is 5000.")
    assert await find_faults(page) == []
    await box.fill("")
    await expect(count).to_be_hidden()

    await page.get_by_role("button", name="I don’t know").click()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await page.get_by_role("button", name="Skip the question").click()
    await expect(page.locator("#question")).to_contain_text("we leave it out")
    await page.locator("#earlier summary").click()
    await expect(page.locator("#earlier .user span")).to_have_text(["I don't know.", "Please skip this question."])


async def test_a_person_logs_in_without_demo_accounts_and_a_model_says_what_it_does(visit: Opener) -> None:
    settings = Settings(interviewer="llm", interviewer_timeout=20)
    visitor = await visit()
    await visitor.page.route(
        f"{visitor.site}/",
        lambda route: route.fulfill(
            content_type="text/html", body=render_interview(settings, shipped_library(), offers_demo=False)
        ),
    )
    page = await visitor.to("/")
    assert await find_faults(page) == []
    await page.get_by_label("E-mail address").fill("user@example.com")
    await page.get_by_label("Password").fill("user123")
    await start(page)
    proceed = asyncio.Event()

    async def delay(route: Route) -> None:
        await proceed.wait()
        await route.continue_()

    await page.route("**/continue", delay)
    await page.clock.install()
    await page.locator("#answer").fill("I approve orders of my department.")
    await page.locator("#send").click()
    await expect(page.locator("#status")).to_contain_text("This can take up to 20 seconds.")
    await page.clock.run_for(7000)
    await expect(page.locator("#elapsed")).to_have_text("7 s")
    proceed.set()
    await expect(page.locator("#progress-text")).to_have_text("Question 2 of at most 19")
    await expect(page.locator("#elapsed")).to_have_text("")
