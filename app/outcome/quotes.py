"""Find the quotes of an interviewee: text from another source is only kept if the interviewee said it."""

import re
from collections.abc import Iterable, Sequence

from app.domain.interview import Role
from app.interviewer.phrases import words_of
from app.interviewer.protocol import Turn
from app.outcome.document import Item

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_EDGE = ' \t\r\n"“”«»„'


class Quotes:
    """The answers of one interview."""

    def __init__(self, messages: Sequence[Turn]) -> None:
        """messages: all messages in order."""
        self._answers = {
            number: _Answer(message.content)
            for number, message in enumerate(messages, start=1)
            if message.role is Role.USER
        }

    def find(self, text: str, numbers: Iterable[int]) -> Item | None:
        """Return the text as the first of the messages says it, with those of the messages that say it.

        Case, accents and punctuation may differ. Returns None if none of the messages is an answer with the text.
        """
        found = {number: quote for number in sorted(set(numbers)) if (quote := self._find_in(number, text))}
        if not found:
            return None
        quote = next(iter(found.values()))
        return Item(quote[:1].upper() + quote[1:], tuple(found))

    def find_anywhere(self, text: str) -> str | None:
        """Return the text as the first answer with it says it, or None."""
        item = self.find(text, self._answers)
        return item.text if item else None

    def _find_in(self, number: int, text: str) -> str | None:
        answer = self._answers.get(number)
        return answer.find(text) if answer else None


class _Answer:
    """The text of an answer, and its words with their places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: list[tuple[int, int]] = []
        words: list[str] = []
        for match in _WORD.finditer(text):
            parts = words_of(match.group())
            words += parts
            self._places += [match.span()] * len(parts)
        self._words = f" {' '.join(words)} "

    def find(self, text: str) -> str | None:
        """Return the part of the answer that has the words of the text in a row, or None."""
        words = words_of(text)
        start = self._words.find(f" {' '.join(words)} ") if words else -1
        if start < 0:
            return None
        literal = text.strip(_EDGE)
        if literal in self._text:
            return literal
        first = self._words.count(" ", 0, start)
        return self._text[self._places[first][0] : self._places[first + len(words) - 1][1]]
