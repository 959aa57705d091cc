"""The buttons of the interview page send answers that the guide understands."""

import pytest

from app.domain.interview import Language
from app.interviewer.answers import AnswerKind, load_classifier
from app.pages.interview import READY_ANSWERS


@pytest.mark.parametrize("language", Language)
def test_the_guide_knows_the_answers_of_the_buttons(language: Language) -> None:
    kinds = {name: load_classifier().classify(text, language).kind for name, text in READY_ANSWERS[language].items()}

    assert kinds == {"unknown": AnswerKind.UNKNOWN, "skip": AnswerKind.DECLINES}
