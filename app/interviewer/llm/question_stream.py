"""Extract a question from JSON while a language model is still generating it."""

from pydantic_core import from_json

from app.interviewer.protocol import InterviewerError, PartCallback


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
        try:
            reply = from_json(self._text, allow_partial="trailing-strings")
        except ValueError:
            return
        question = reply.get("question") if isinstance(reply, dict) else None
        if isinstance(question, str) and len(question) > len(self._question):
            self._on_part(question[len(self._question) :])
            self._question = question
