"""What a language model is saying: its question, read out of JSON that is not complete yet."""

from pydantic_core import from_json

from app.interviewer.protocol import InterviewerError, Tell


class Speech:
    """Tells the growing member `question` of one answer; what was told once cannot be taken back."""

    def __init__(self, tell: Tell) -> None:
        """tell: gets each part of the question."""
        self._tell = tell
        self._text = ""
        self._said = ""

    def begin(self) -> None:
        """An answer begins. Raises InterviewerError where it is a second one, and the first was heard already."""
        if self._said:
            raise InterviewerError("the model began anew after a part of its question was told")
        self._text = ""

    def add(self, text: str) -> None:
        """The answer goes on. Text that is no JSON tells nothing: the answer as a whole will be refused."""
        self._text += text
        try:
            answer = from_json(self._text, allow_partial="trailing-strings")
        except ValueError:
            return
        question = answer.get("question") if isinstance(answer, dict) else None
        if isinstance(question, str) and len(question) > len(self._said):
            self._tell(question[len(self._said) :])
            self._said = question
