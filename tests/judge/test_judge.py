"""The rubric on small transcripts, and the published scores of the guide."""

from collections.abc import Callable

import pytest

from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.interviewer.library import shipped_library
from app.interviewer.protocol import Turn
from tests.judge.rubric import RUBRIC, Transcript, coverage, follow_ups, politeness, without_repeats

pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")

from tests.judge.__main__ import COLUMNS, PAGE, create_interviewer, judge
from tests.judge.interviews import find_scripts, hold_interview, read_script
from tests.judge.model_stub import create_attentive_model, create_monotonous_model

GUIDE = shipped_library().find(DEFAULT_GUIDE)
ANSWER = "We compare the offers of three suppliers in a spreadsheet."


def _transcript(*texts: str, is_ended: bool = False) -> Transcript:
    roles = (Role.ASSISTANT, Role.USER)
    messages = [Turn(roles[index % 2], text) for index, text in enumerate(texts)]
    return Transcript(GUIDE, Language.EN, messages, is_ended)


@pytest.mark.parametrize(
    ("score", "texts", "share"),
    [
        (follow_ups, ("What do you do?", ANSWER, "Which suppliers are these?"), 1),
        (follow_ups, ("What do you do?", ANSWER, "What do you need for it?"), 0),
        (follow_ups, ("Do you have suppliers?", ANSWER, "Which suppliers are these?"), 0),
        (follow_ups, ("What do you do?", "Not much.", "And then?"), 0),
        (without_repeats, ("And then?", ANSWER, "Thank you. And then?"), 0.5),
        (without_repeats, ("And then?", ANSWER, "And after that?"), 1),
        (politeness, ("What do you do?", ANSWER, "And then?"), 1),
        (politeness, ("What do you do?", ANSWER, "Tell me more."), 0.5),
        (politeness, ("What do you do?", ANSWER, f"I see: “{ANSWER}” And then?"), 0.5),
        (politeness, ("What do you do?", ANSWER, "One. Two. Three. Four. Five. Six. And then?"), 0.5),
    ],
)
def test_a_criterion_is_a_share(score: Callable[[Transcript], float], texts: tuple[str, ...], share: float) -> None:
    assert score(_transcript(*texts)) == share


@pytest.mark.parametrize(("closing", "share"), [("Thank you for your time.", 1), ("That is all.", 0.5)])
def test_the_last_message_gives_thanks(closing: str, share: float) -> None:
    assert politeness(_transcript("What do you do?", ANSWER, closing, is_ended=True)) == share


def test_topics_are_covered_by_answers() -> None:
    question = GUIDE.texts(Language.EN).topics[0].question

    assert coverage(_transcript(question)) == 0
    assert 0 < coverage(_transcript(question, "I am a buyer at a machine builder.", "And?")) < 1


async def test_a_model_that_asks_on_every_topic_scores_more_than_one_that_repeats_itself() -> None:
    scores = []
    for create in (create_attentive_model, create_monotonous_model):
        async with create_interviewer(create(Language.EN)) as interviewer:
            transcript = await hold_interview(interviewer, *read_script(find_scripts(Language.EN)[1]))
        scores.append({name: score(transcript) for name, score in RUBRIC.items()})

    attentive, monotonous = scores
    assert all(attentive[name] > monotonous[name] for name in RUBRIC if name != "Politeness")


@pytest.mark.parametrize("language", list(Language))
async def test_the_page_has_the_scores_of_the_guide(language: Language) -> None:
    row = await judge("guide", language)

    assert len(row) == len(COLUMNS)
    assert f"| {' | '.join(row)} |" in PAGE.read_text(encoding="utf-8"), "run python -m tests.judge --write"
