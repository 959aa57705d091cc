"""Find the items of a list inside a sentence."""

import re

from app.interviewer.guide_model import AnswerPhrases
from app.interviewer.phrases import Lists, PhraseSet, count_words, words_of

_MAX_ITEM = 12
"""Words. A longer item is a sentence of its own."""
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)]|[a-z]\))\s+(.+?)[;,.]?\s*$", re.MULTILINE)
_AFTER_COLON = re.compile(r":\s+((?:[^.!?\n]|(?<=\d)\.(?=\d))+)")
_COMMA = r"(?:;|(?<!\d),|,(?!\d))"
"""A comma in a number, as in `5,000` or `1,5`, separates nothing."""
_EDGE = " \t.,;:!?¿¡"


class Enumerations:
    """The lists of one language: `A, B and C` after a colon, or one item per line."""

    def __init__(self, phrases: AnswerPhrases) -> None:
        conjunctions = "|".join(map(re.escape, phrases.conjunctions))
        separator = rf"\s*{_COMMA}\s*(?:(?:{conjunctions})\s+)?|\s+(?:{conjunctions})\s+"
        self._separator = re.compile(separator, re.IGNORECASE)
        self._announcement = PhraseSet(phrases.several, Lists(phrases.lists))

    def find_announced(self, text: str) -> tuple[str, ...]:
        """Return the items of a list that the text announces, as in `I do three things: A, B and C`."""
        head, colon, _ = text.partition(":")
        if colon:
            items = self.split(text) if self._announcement.occurs_in(words_of(head)) else ()
        else:
            first, *rest = self.split_phrase(text) or ("",)
            items = tuple(rest) if self._announcement.occurs_in(words_of(first)) else ()
        return items if len(items) > 1 else ()

    def split(self, text: str) -> tuple[str, ...]:
        """Return the items of the text's list, or nothing if it has no list."""
        bullets = [item.strip(_EDGE) for item in _BULLET.findall(text)]
        if len(bullets) > 1:
            return tuple(bullets)
        after = _AFTER_COLON.search(text)
        return self.split_phrase(after.group(1)) if after else ()

    def split_phrase(self, phrase: str) -> tuple[str, ...]:
        """Return the parts of the phrase between commas and conjunctions, or nothing if one is long."""
        items = tuple(item for part in self._separator.split(phrase) if (item := part.strip(_EDGE)))
        return items if all(count_words(item) <= _MAX_ITEM for item in items) else ()
