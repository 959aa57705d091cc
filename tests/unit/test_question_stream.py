"""A question is extracted from incomplete JSON while it arrives."""

import json

import pytest

from app.interviewer.llm.question_stream import QuestionStream
from app.interviewer.protocol import InterviewerError

QUESTION = 'Was «ñ» 🏭 "said"?\nThen \\ what\u2028 \u0001'


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize("answer", [{"question": QUESTION}, {"is_final": False, "question": QUESTION, "more": "x"}])
def test_the_parts_join_to_the_question(answer: dict[str, object], size: int, ensure_ascii: bool) -> None:
    parts: list[str] = []
    stream = QuestionStream(parts.append)
    text = json.dumps(answer, ensure_ascii=ensure_ascii)

    stream.begin()
    for begin in range(0, len(text), size):
        stream.add(text[begin : begin + size])

    assert "".join(parts) == QUESTION
    assert all(parts)
    assert size == 1000 or len(parts) > 3


@pytest.mark.parametrize("text", ["no JSON", "[1", "7", '{"other": "x"', '{"question": 7', '{"question": null', ""])
def test_no_part_is_sent_without_a_question(text: str) -> None:
    parts: list[str] = []

    QuestionStream(parts.append).add(text)

    assert parts == []


def test_a_second_reply_is_rejected_only_after_a_part_of_the_first() -> None:
    parts: list[str] = []
    stream = QuestionStream(parts.append)

    stream.begin()
    stream.add("no JSON")
    stream.begin()
    stream.add('{"question": "And')
    with pytest.raises(InterviewerError):
        stream.begin()

    assert parts == ["And"]
