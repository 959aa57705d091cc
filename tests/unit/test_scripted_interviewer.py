"""The scripted interviewer asks about every topic, reacts, stops on request, and asks at most twenty questions."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.interview import Language, Role
from app.interviewer.guide import load_guide
from app.interviewer.protocol import Conversation, Reply, Turn
from app.interviewer.scripted import MAX_QUESTIONS, ScriptedInterviewer

LANGUAGES = pytest.mark.parametrize("language", list(Language))
LONG = "I buy the material that the factory needs, every week."


async def _reply(answers: Iterable[str], language: Language = Language.EN, name: str = "Ana") -> Reply:
    history = [turn for answer in answers for turn in (Turn(Role.ASSISTANT, "…?"), Turn(Role.USER, answer))]
    return await ScriptedInterviewer().reply(Conversation(language, history, name))


async def _run_interview(answers: Iterable[str], language: Language = Language.EN) -> list[Reply]:
    """Return the replies until the interview or the answers end."""
    given_answers: list[str] = []
    replies = [await _reply([], language)]
    for answer in answers:
        given_answers.append(answer)
        replies.append(await _reply(given_answers, language))
        if replies[-1].is_final:
            break
    return replies


@LANGUAGES
async def test_an_interview_asks_every_topic_in_order_and_ends_with_thanks(language: Language) -> None:
    guide = load_guide(language)

    replies = await _run_interview([LONG] * 30, language)

    assert len(replies) == len(guide.topics) + 1
    for reply, topic in zip(replies, guide.topics, strict=False):
        assert reply.question.endswith(topic.question)
    assert [reply.is_final for reply in replies] == [False] * len(guide.topics) + [True]
    assert replies[-1].question == guide.closing.complete


async def test_a_short_answer_is_followed_up_once() -> None:
    guide = load_guide(Language.EN)

    replies = await _run_interview(["Buyer.", "Buyer.", LONG])

    assert replies[1].question == guide.topics[0].more.format(said="“Buyer”")
    assert replies[2].question.endswith(guide.topics[1].question)
    assert replies[3].question.endswith(guide.topics[2].question)


@LANGUAGES
async def test_an_interview_of_short_answers_ends_after_twenty_questions(language: Language) -> None:
    replies = await _run_interview(["ok"] * 50, language)

    assert len(replies) == MAX_QUESTIONS
    assert replies[-1].is_final


async def test_the_next_question_quotes_the_answer() -> None:
    reply = await _reply(["I buy steel\n\tfrom   “three” suppliers in Ōsaka 🏭 every single week of the year"])

    assert "“I buy steel from “three” suppliers in Ōsaka 🏭 every single…”" in reply.question


async def test_an_answer_is_quoted_in_the_style_of_its_language() -> None:
    assert "«Compro acero para la fábrica»" in (await _reply(["Compro acero para la fábrica."], Language.ES)).question


@pytest.mark.parametrize(
    "answer",
    ["stop", "Stop!", "Please stop now.", "I want to stop.", "That's all, thank you", "basta", "¡Basta ya!",
     "Quiero terminar la entrevista, por favor", "chega", "Quero parar agora, obrigado", "É tudo.", "FIM"],
)  # fmt: skip
@LANGUAGES
async def test_a_wish_to_stop_ends_the_interview_in_any_language(language: Language, answer: str) -> None:
    replies = await _run_interview([LONG, answer], language)

    assert (replies[-1].question, replies[-1].is_final) == (load_guide(language).closing.stopped, True)


@pytest.mark.parametrize(
    "answer",
    [
        "The line stops when the machine breaks down",
        "stop the line and call the foreman",
        "Para mí lo más importante es la calidad",
        "paramos a máquina quando ela esquenta",
        "When enough parts are there I finish the box",
    ],
)
async def test_an_answer_that_mentions_stopping_does_not_end_the_interview(answer: str) -> None:
    assert not (await _reply([LONG, answer])).is_final


async def test_a_reopened_interview_ends_again() -> None:
    guide = load_guide(Language.EN)

    assert (await _reply([LONG] * (len(guide.topics) + 3))).question == guide.closing.complete
    assert (await _reply(["stop", LONG, LONG])).question == guide.closing.stopped


async def test_the_language_can_change_between_questions() -> None:
    answers = [LONG, LONG]

    assert (await _reply(answers, Language.PT)).question.endswith(load_guide(Language.PT).topics[2].question)
    assert (await _reply(answers, Language.ES)).question.endswith(load_guide(Language.ES).topics[2].question)


@pytest.mark.parametrize(("name", "greeting"), [("Ana Lucía", "Hello, Ana Lucía. "), ("{said}", "Hello, {said}. ")])
async def test_a_person_is_greeted_by_name(name: str, greeting: str) -> None:
    assert (await _reply([], name=name)).question.startswith(greeting)


@pytest.mark.parametrize("name", ["", "ana@example.com", "0193b1f0-5a3e-7c1d-8e2f-0123456789ab", "x" * 81])
async def test_the_greeting_omits_an_invalid_name(name: str) -> None:
    assert (await _reply([], name=name)).question.startswith("Hello. ")


@given(st.lists(st.text(max_size=200), max_size=60), st.sampled_from(Language), st.text(max_size=100))
def test_any_interview_ends_within_twenty_questions_that_can_be_stored(
    answers: list[str], language: Language, name: str
) -> None:
    replies = [_run_coroutine(_reply(answers[:count], language, name)) for count in range(len(answers) + 1)]

    finals = [reply.is_final for reply in replies]
    assert finals == sorted(finals)
    assert len(replies) < MAX_QUESTIONS or finals[MAX_QUESTIONS - 1]
    for reply in replies:
        assert 0 < len(reply.question) <= 5000
        assert "\0" not in reply.question
        reply.question.encode()


def _run_coroutine(coroutine: object) -> Reply:
    """Return the result of a coroutine that never waits, because Hypothesis cannot await."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the scripted interviewer waited for something")
