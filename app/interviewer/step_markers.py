"""Find where the steps of a process begin in a sentence: at words such as `then`, and at numbers."""

import re
from itertools import pairwise

from app.interviewer.guide_model import Guide
from app.interviewer.phrases import Lists, PhraseSet, Words, count_words, words_of

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_NUMBER = re.compile(r"(?<!\S)\(?(\d{1,2})[.)]\s+(?=\w)")
_EDGE = " \t.,;:!¡–—-"
_MIN_NUMBERS = 2
_MIN_REST = 2
_VERB_ENDINGS = ("mos", "ss", "áis", "éis", "ís")
"""Words with these endings are no plurals, although they end with s: `revisamos`, `press`."""

Span = tuple[int, int]
"""Start and end, in characters."""


class StepMarkers:
    """The markers of steps in one language."""

    def __init__(self, guide: Guide) -> None:
        lists = Lists(guide.answers.lists)
        lines = guide.outcome
        steps = next((topic.covered_by for topic in guide.topics if topic.section == "steps"), ())
        self._first = PhraseSet(steps[0] if steps else (), lists)
        self._markers = PhraseSet(lines.markers, lists)
        self._no_markers = PhraseSet(lines.no_markers, lists)
        self._triggers = PhraseSet(lines.triggers, lists)
        self._articles = PhraseSet(lines.articles, lists)
        self._and = re.compile(rf"\s+(?:{re.escape(guide.conjunction)})\s+", re.IGNORECASE)

    def find(self, sentence: str) -> list[Span]:
        """Return the place of each marker in the sentence. Numbers are markers if they count from 1 on."""
        numbers = list(_NUMBER.finditer(sentence))
        if len(numbers) >= _MIN_NUMBERS and [int(match[1]) for match in numbers] == [*range(1, len(numbers) + 1)]:
            return [match.span() for match in numbers]
        matches, words = list(_WORD.finditer(sentence)), words_at_places(sentence)
        found: list[Span] = []
        position = 0
        while position < len(words):
            end = max(self._markers.ends(words, position), default=0)
            skipped = max(self._no_markers.ends(words, position), default=0)
            if end and not skipped:
                found.append((matches[position].start(), matches[end - 1].end()))
            position = max(end, skipped, position + 1)
        return found

    def is_first(self, text: str) -> bool:
        """Return whether the text begins with a word such as `first`."""
        return bool(self._first.ends(words_at_places(text)))

    def split(self, sentence: str) -> list[str]:
        """Return the parts of the sentence between its markers. A condition stays with what follows from it."""
        markers: list[Span] = []
        for marker in self.find(sentence):
            begin = markers[-1][1] if markers else 0
            condition = self._find_last_condition(sentence[begin : marker[0]])
            if condition is None:
                markers.append(marker)
            elif condition:
                markers.append((begin + condition, begin + condition))
        starts = sorted({0, *(start for start, _ in markers), len(sentence)})
        ends = dict(markers)
        return [
            part
            for start, end in pairwise(starts)
            if _WORD.search(part := sentence[ends.get(start, start) : end].strip(_EDGE))
        ]

    def split_trigger(self, sentence: str) -> tuple[str, str]:
        """Return what sets off the steps, and the steps, of `When orders arrive: first I …`, or "" and the sentence."""
        head, colon, rest = sentence.partition(": ")
        if not colon and not sentence.endswith(":"):
            start = next((start for start, _ in self.find(sentence)), 0)
            head, rest = sentence[:start], sentence[start:]
            if not (head.rstrip().endswith(",") and self.is_first(rest)):
                return "", sentence
        is_heading = sentence.endswith(":") and head == sentence
        if not self._is_condition(head) or (count_words(rest) < _MIN_REST and not is_heading):
            return "", sentence
        return head.strip(_EDGE), rest

    def find_names(self, sentence: str) -> list[str]:
        """Return the names that the sentence puts in order, as in `First orders, then invoices`, or nothing."""
        parts = self.split(sentence) if self.find(sentence) else []
        names = [name.strip(_EDGE) for part in parts for name in self._and.split(part)]
        return names if len(parts) > 1 and all(map(self._is_name, names)) else []

    def _find_last_condition(self, part: str) -> int | None:
        """Return where the clause at the end of the part begins if it is a condition, as in `if it is wrong,`."""
        part = part.rstrip()
        start = part.rfind(", ", 0, -1) + 2 if ", " in part[:-1] else 0
        return start if part.endswith(",") and self._is_condition(part[start:]) else None

    def _is_condition(self, text: str) -> bool:
        return bool(self._triggers.ends(words_at_places(text)))

    def _is_name(self, text: str) -> bool:
        """Return whether the text is one word in the plural, or one after an article: there is no verb."""
        words = words_at_places(text)
        start = max(self._articles.ends(words), default=0)
        if len(words) != start + 1:
            return False
        return start > 0 or (len(words[0]) > _MIN_REST + 1 and words[0].endswith("s") and not _is_verb(text))


def words_at_places(text: str) -> Words:
    """Return one word for each of the text's words, so that positions agree."""
    return tuple(word for match in _WORD.finditer(text) for word in words_of(match.group())[:1] or ("",))


def _is_verb(word: str) -> bool:
    return word.lower().endswith(_VERB_ENDINGS)
