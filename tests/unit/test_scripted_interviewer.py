"""The scripted interviewer asks about every topic, reacts, stops on request, and asks at most twenty questions."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.interview import Language, Role
from app.interviewer.guide import load_guide
from app.interviewer.limits import MAX_QUESTIONS, QuestionLimits
from app.interviewer.protocol import Conversation, Reply, Turn
from app.interviewer.scripted import ScriptedInterviewer

LANGUAGES = pytest.mark.parametrize("language", list(Language))
LONG = "I buy the material that the factory needs, every week."


INTERVIEWER = ScriptedInterviewer()


async def _reply(
    answers: Iterable[str],
    language: Language = Language.EN,
    name: str = "Ana",
    interviewer: ScriptedInterviewer = INTERVIEWER,
) -> Reply:
    history = [turn for answer in answers for turn in (Turn(Role.ASSISTANT, "…?"), Turn(Role.USER, answer))]
    return await interviewer.reply(Conversation(language, history, name))


async def _run_interview(
    answers: Iterable[str], language: Language = Language.EN, interviewer: ScriptedInterviewer = INTERVIEWER
) -> list[Reply]:
    """Return the replies until the interview or the answers end."""
    given_answers: list[str] = []
    replies = [await _reply([], language, interviewer=interviewer)]
    for answer in answers:
        given_answers.append(answer)
        replies.append(await _reply(given_answers, language, interviewer=interviewer))
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
    assert replies[-1].question.startswith(guide.closing.complete)
    assert all(topic.label in replies[-1].question for topic in guide.topics)


async def test_a_short_answer_is_followed_up_once() -> None:
    first, second, third, *_ = load_guide(Language.EN).topics

    replies = await _run_interview(["Buyer.", "Buyer.", LONG])

    assert [reply.question for reply in replies[1:]] == [first.more, second.question, third.question]


@LANGUAGES
async def test_an_interview_of_short_answers_ends_after_twenty_questions(language: Language) -> None:
    replies = await _run_interview(["ok"] * 50, language)

    assert len(replies) == MAX_QUESTIONS
    assert replies[-1].is_final


@pytest.mark.parametrize("maximum", [7, 13, 30])
async def test_an_interview_ends_at_the_maximum_of_questions(maximum: int) -> None:
    interviewer = ScriptedInterviewer(limits=QuestionLimits(6, maximum))

    replies = await _run_interview(["ok"] * 50, interviewer=interviewer)

    topics = len(load_guide(Language.EN).topics)
    assert len(replies) == min(maximum, 2 * topics + 1)


@pytest.mark.parametrize(("minimum", "questions"), [(1, 10), (11, 12), (19, 13)])
async def test_topics_are_asked_although_they_are_covered_until_the_minimum_of_questions(
    minimum: int, questions: int
) -> None:
    interviewer = ScriptedInterviewer(limits=QuestionLimits(minimum, 20))
    early = (
        "First I check it, then I order, finally I file it: five times a week, it takes 2 hours. The result is a file."
    )

    replies = await _run_interview([LONG, early, *[LONG] * 20], interviewer=interviewer)

    assert len(replies) == questions
    assert (await _run_interview([LONG, "stop"], interviewer=interviewer))[-1].is_final


async def test_at_most_every_third_question_echoes_a_name_or_a_number_of_the_answer() -> None:
    replies = await _run_interview(["I type the orders of our customers into SAP, 40 orders a day."] * 30)

    questions = [reply.question for reply in replies[:-1]]
    assert [index for index, question in enumerate(questions, 1) if "SAP" in question] == [3, 7, 12]
    assert not any("I type" in question for question in questions)


@LANGUAGES
async def test_an_answer_without_a_name_or_a_number_is_not_repeated(language: Language) -> None:
    guide = load_guide(language)

    replies = await _run_interview(["Reviso lo que llega, e vejo what is missing there"] * 30, language)

    assert [reply.question for reply in replies[1:-1]] == [topic.question for topic in guide.topics[1:]]


@pytest.mark.parametrize(
    "answer",
    ["stop", "Stop!", "Please stop now.", "I want to stop.", "That's all, thank you", "basta", "¡Basta ya!",
     "Quiero terminar la entrevista, por favor", "chega", "Quero parar agora, obrigado", "É tudo.", "FIM"],
)  # fmt: skip
@LANGUAGES
async def test_a_wish_to_stop_ends_the_interview_in_any_language(language: Language, answer: str) -> None:
    replies = await _run_interview([LONG, answer], language)

    assert replies[-1].is_final
    assert replies[-1].question.startswith(load_guide(language).closing.stopped)


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

    assert (await _reply([LONG] * (len(guide.topics) + 3))).question.startswith(guide.closing.complete)
    assert (await _reply(["stop", LONG, LONG])).question.startswith(guide.closing.stopped)


@LANGUAGES
async def test_an_uncertain_wish_to_stop_is_asked_back_once(language: Language) -> None:
    guide = load_guide(language)
    unsure = {Language.ES: "quizás deberíamos parar", Language.EN: "maybe we should stop", Language.PT: "talvez parar"}
    agreed = {Language.ES: "sí", Language.EN: "yes please", Language.PT: "sim"}[language]

    replies = await _run_interview([LONG, unsure[language], unsure[language], unsure[language], agreed], language)

    assert [reply.question for reply in replies[2:4]] == [
        guide.reactions.confirm_stop,
        f"{guide.reactions.go_on} {guide.topics[1].question}",
    ]
    assert replies[4].question == guide.reactions.confirm_stop
    assert replies[5].question.startswith(guide.closing.stopped)


async def test_a_yes_to_another_question_does_not_stop_and_a_no_to_this_one_goes_on() -> None:
    guide = load_guide(Language.EN)

    replies = await _run_interview([LONG, "Maybe we should stop here", "No, let's go on", "yes", "Yes, every day."])

    assert replies[2].question == guide.reactions.confirm_stop
    assert replies[3].question == f"{guide.reactions.go_on} {guide.topics[1].question}"
    assert not any(reply.is_final for reply in replies)


@LANGUAGES
async def test_the_question_is_explained_then_illustrated_then_left_open(language: Language) -> None:
    guide = load_guide(language)
    asked = {Language.ES: "¿Qué quiere decir?", Language.EN: "What do you mean?", Language.PT: "Como assim?"}[language]

    replies = await _run_interview([asked] * 3, language)

    first, second, *_ = guide.topics
    assert [reply.question for reply in replies[1:]] == [
        first.explanation,
        first.example,
        f"{guide.reactions.open_point} {second.question}",
    ]


async def test_who_does_not_know_gets_an_example_and_then_the_next_question() -> None:
    guide = load_guide(Language.EN)

    replies = await _run_interview(["I don't know", "no idea", "stop"])

    assert replies[1].question == guide.topics[0].example
    assert replies[2].question == f"{guide.reactions.open_point} {guide.topics[1].question}"
    assert replies[3].question == guide.closing.stopped


@pytest.mark.parametrize(
    ("answer", "reaction"),
    [
        ("That's none of your business", "left_out"),
        ("I already told you that", "already_said"),
        ("lol did you see the match last night?", "back_to_work"),
    ],
)
async def test_the_guide_reacts_to_an_answer_that_is_none(answer: str, reaction: str) -> None:
    guide = load_guide(Language.EN)

    replies = await _run_interview([LONG, answer])

    question = guide.topics[1 if reaction == "back_to_work" else 2].question
    assert replies[2].question == f"{getattr(guide.reactions, reaction)} {question}"


async def test_a_question_is_explained_in_the_language_that_the_answer_asks_for() -> None:
    guide = load_guide(Language.EN)

    reply = await _reply(["sorry, I don't understand, can you say it in English?"], Language.PT)

    assert reply.question == f"{guide.reactions.in_this_language} {guide.topics[0].explanation}"


async def test_of_several_processes_one_is_chosen_and_the_next_one_offered_at_the_end() -> None:
    guide = load_guide(Language.EN)
    topics = {topic.name: topic for topic in guide.topics}
    named = "I do three things: purchase orders, returns and invoices."

    replies = await _run_interview([named, "the returns", *[LONG] * 10, "yes", *[LONG] * 20])

    questions = [reply.question for reply in replies]
    assert questions[1] == "You mention purchase orders, returns and invoices. Which one shall we begin with?"
    assert questions[2] == f"Let us look at returns now. {topics['trigger'].question}"
    assert questions[12] == "You also mentioned purchase orders. Shall we go through it as well?"
    assert questions[13] == f"Let us look at purchase orders now. {topics['trigger'].question}"
    assert questions[14:17] == [topics[name].question for name in ("steps", "systems", "pain")]
    assert replies[-1].is_final
    assert questions[-1].endswith("what you would change and purchase orders. Still open: invoices.")


async def test_a_topic_that_an_earlier_answer_covers_is_not_asked_about() -> None:
    topics = {topic.name: topic for topic in load_guide(Language.EN).topics}
    early = "First I check the request, then I ask for offers, finally I order: five times a week, it takes 2 hours."

    questions = [reply.question for reply in await _run_interview([LONG, early, *[LONG] * 20])]

    assert not {topics["steps"].question, topics["frequency"].question} & set(questions)
    assert topics["steps"].label in questions[-1]


async def test_the_closing_message_says_what_was_covered_and_what_stayed_open() -> None:
    reply = await _reply([LONG, "That is confidential.", "stop"])

    assert "We talked about your role. Still open: the process, what sets it off" in reply.question


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
