"""The guide classifies answers by its phrases. `answers/<language>.tsv` has a kind and an answer in each line."""

import pytest

from app.domain.interview import Language
from app.interviewer.answers import AnswerKind, Classification, load_classifier
from tests.support.command_line import CHECKOUT

CLASSIFIER = load_classifier()
MIN_ANSWERS = 60
LANGUAGES = pytest.mark.parametrize("language", list(Language))


def _labelled(language: Language) -> list[tuple[AnswerKind, str]]:
    lines = (CHECKOUT / "tests" / "unit" / "answers" / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(AnswerKind(kind), answer) for kind, answer in (line.split("\t") for line in lines)]


@LANGUAGES
def test_every_labelled_answer_is_classified_as_labelled(language: Language) -> None:
    labelled = _labelled(language)

    wrong = [(kind, answer) for kind, answer in labelled if CLASSIFIER.classify(answer, language).kind is not kind]

    assert wrong == []
    assert len(labelled) >= MIN_ANSWERS


@LANGUAGES
@pytest.mark.parametrize("interview", list(Language))
def test_no_answer_ends_an_interview_unless_it_is_labelled_so(language: Language, interview: Language) -> None:
    ended = [
        answer
        for kind, answer in _labelled(language)
        if kind is not AnswerKind.STOP and CLASSIFIER.classify(answer, interview).kind is AnswerKind.STOP
    ]

    assert ended == []


@pytest.mark.parametrize(
    ("answer", "agrees"),
    [
        ("yes", True), ("Yes, I have another meeting.", True), ("OK", True), ("sí, por favor", True),
        ("claro", True), ("no", False), ("Yes, let's continue", False), ("não, vamos continuar", False),
        ("sí, pero primero termino esto", False), ("Yes the invoice comes by email at nine", False), ("", False),
    ],
)  # fmt: skip
def test_a_yes_agrees_unless_it_goes_on(answer: str, agrees: bool) -> None:
    assert CLASSIFIER.agrees(answer) is agrees


@pytest.mark.parametrize(
    "text",
    [
        "stop\x00",
        "\ud800",
        "?" * 5000,
        "i " * 2500,
        "ok " * 1600,
        "no " * 1600,
        "stop, " * 800,
        "," * 5000,
        ". " * 2500,
    ],
)
def test_any_text_is_classified(text: str) -> None:
    assert isinstance(CLASSIFIER.classify(text, Language.EN), Classification)
