"""Extract a question from a reply while a language model is still generating it."""

from pydantic_core import from_json

from app.interviewer.llm.reply_text import find_beginning, without_partial_tag, without_thoughts
from app.interviewer.protocol import InterviewerError, PartCallback

_MAX_LENGTH = 65_536
"""Characters. Each part of the reply is parsed with all before it."""


class QuestionStream:
    """Parse the growing member `question` of a reply, and pass on each new part of it."""

    def __init__(self, on_part: PartCallback) -> None:
        """on_part: called with each part of the question. A part that was passed on cannot be revoked."""
        self._on_part = on_part
        self._text = ""
        self._question = ""

    def begin(self) -> None:
        """Start a reply. Raises InterviewerError if a part of an earlier reply was passed on."""
        if self._question:
            raise InterviewerError("the model started again after a part of its question was sent")
        self._text = ""

    def add(self, text: str) -> None:
        """Append text to the reply. Invalid JSON is ignored here, because the complete reply is validated later."""
        self._text += text
        reply = find_beginning(self._text) if len(self._text) <= _MAX_LENGTH else ""
        question = _visible_question(reply)
        if len(question) > len(self._question) and not question.isspace():
            self._on_part(question[len(self._question) :])
            self._question = question


def _visible_question(reply: str) -> str:
    """Return the part of the question that has arrived, without thoughts and without what may become a tag."""
    question = _read_question(reply, is_complete=False)
    is_complete = _read_question(reply, is_complete=True) == question
    return without_thoughts(question if is_complete else without_partial_tag(question))


def _read_question(reply: str, *, is_complete: bool) -> str:
    try:
        # The default leaves out a string that has not ended.
        value = from_json(reply, allow_partial=True if is_complete else "trailing-strings")
    except ValueError:
        return ""
    question = value.get("question") if isinstance(value, dict) else None
    return question if isinstance(question, str) else ""
