"""A question is read out of JSON that is still being written, whatever comes of it."""

import json

import pytest

from app.interviewer.llm.question_stream import QuestionStream
from app.interviewer.protocol import InterviewerError

QUESTION = 'Was «ñ» 🏭 "said"?\nThen \\ what\u2028 \u0001'


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize("answer", [{"question": QUESTION}, {"is_final": False, "question": QUESTION, "more": "x"}])
def test_it_is_told_in_parts_that_join_to_it(answer: dict[str, object], size: int, ensure_ascii: bool) -> None:
    parts: list[str] = []
    speech = QuestionStream(parts.append)
    text = json.dumps(answer, ensure_ascii=ensure_ascii)

    speech.begin()
    for begin in range(0, len(text), size):
        speech.add(text[begin : begin + size])

    assert "".join(parts) == QUESTION
    assert all(parts)
    assert size == 1000 or len(parts) > 3


@pytest.mark.parametrize("text", ["no JSON", "[1", "7", '{"other": "x"', '{"question": 7', '{"question": null', ""])
def test_nothing_is_told_of_what_is_no_question(text: str) -> None:
    parts: list[str] = []

    QuestionStream(parts.append).add(text)

    assert parts == []


def test_a_second_answer_is_refused_once_a_part_of_the_first_was_told_and_not_before() -> None:
    parts: list[str] = []
    speech = QuestionStream(parts.append)

    speech.begin()
    speech.add("no JSON")
    speech.begin()
    speech.add('{"question": "And')
    with pytest.raises(InterviewerError):
        speech.begin()

    assert parts == ["And"]
