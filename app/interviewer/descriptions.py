"""Find the description of a process in an answer: its name, and the sentences that tell its steps."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.interviewer.answers import CACHED_ANSWERS
from app.interviewer.guide_model import Guide
from app.interviewer.phrases import Lists, PhraseSet, Words, count_words, words_of
from app.interviewer.step_markers import StepMarkers, words_at_places

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_EDGE = " \t.,;:!¡–—-"
_PAUSES = (":", ",", ";", "-", "–", "—", ".")
_MIN_MARKERS = 2
_MIN_STEP_WORDS = 2
_MAX_BARE_NAME = 4
"""Words. A longer text before a colon is a clause, and no name: `Orders: first I …`."""
_MAX_NAME = 12


@dataclass(frozen=True, slots=True)
class Description:
    """A process that an answer describes.

    process: its name, or "" if the answer does not say it. rest: the sentences that are about something else.
    steps: the text of the sentences with steps, without the name.
    """

    process: str
    rest: tuple[str, ...]
    steps: tuple[str, ...]


class _LanguageDescriptions:
    """What introduces a process and its steps in one language."""

    def __init__(self, guide: Guide) -> None:
        lists = Lists(guide.answers.lists)
        lines = guide.outcome
        self._announcement = PhraseSet(guide.answers.several, lists)
        self._markers = StepMarkers(guide)
        self._lead_ins = PhraseSet(lines.process_lead_ins, lists)
        self._unnamed = PhraseSet((*lines.no_processes, *guide.answers.fillers, *guide.answers.padding), lists)
        self._conjunction = words_of(guide.conjunction)

    def find(self, sentences: Sequence[str]) -> Description | None:
        """Return the process whose steps the sentences tell, or None."""
        listed = self._find_listed(sentences)
        if listed:
            return listed
        markers = [[start for start, _ in self._markers.find(sentence)] for sentence in sentences]
        marked = [index for index, starts in enumerate(markers) if starts]
        if not marked:
            return None
        begin, end = marked[0], marked[-1] + 1
        before, sentence, after = [*sentences[:begin]], sentences[begin], sentences[end:]
        first = markers[begin][0]
        head, steps = self._split_at_steps(sentence, first)
        if not head and before and self._find_name(before[-1]):
            head = before.pop()
        if self._markers.find_names(steps):
            return None
        is_first = self._markers.is_first(sentence[first:])
        remark, name = self._find_name(head) or ("", self._find_bare_name(head))
        if not self._tells_steps(head, name, sum(map(len, markers)), is_first=is_first):
            return None
        if not name and not self._unnamed.covers(words_at_places(head)):
            steps = sentence
        rest = (*before, *([remark] if remark else []), *after)
        return Description(name, rest, (steps, *sentences[begin + 1 : end]))

    def _find_listed(self, sentences: Sequence[str]) -> Description | None:
        """Return the process in a line such as `We handle complaints:` whose steps are the lines after it, or None."""
        for index, head in enumerate(sentences):
            found = self._find_name(head) if head.endswith(":") else None
            steps = sentences[index + 1 :]
            is_list = len(steps) > 1 and all(count_words(step) >= _MIN_STEP_WORDS for step in steps)
            if found and is_list and not self._announcement.occurs_in(words_at_places(head)):
                remark, name = found
                return Description(name, (*sentences[:index], *([remark] if remark else [])), tuple(steps))
        return None

    def _tells_steps(self, head: str, name: str, markers: int, *, is_first: bool) -> bool:
        """Return whether steps follow the text, and not the items of a list that it announces.

        name: that of the process in the text. markers: the number of markers after it. is_first: whether the first of
        them is a word such as `first`.
        """
        if self._announcement.occurs_in(words_at_places(name or head)):
            return False
        if head.endswith(":") and name:
            return markers >= _MIN_MARKERS or self._find_name(head) is not None
        return (
            is_first
            and markers >= _MIN_MARKERS
            and (not head or head.endswith(":") or (bool(name) and head.endswith(_PAUSES)))
        )

    def _find_bare_name(self, head: str) -> str:
        """Return the name in a string such as `Purchase orders:`, or ""."""
        words = words_at_places(head)
        is_name = head.endswith(":") and len(words) <= _MAX_BARE_NAME and not self._unnamed.ends(words)
        return head.strip(_EDGE) if is_name else ""

    @staticmethod
    def _split_at_steps(sentence: str, first_marker: int) -> tuple[str, str]:
        """Return what precedes the steps, with its last punctuation mark, and the steps."""
        head, colon, steps = sentence.partition(": ")
        if colon and len(head) < first_marker:
            return f"{head.strip()}:", steps
        head = sentence[:first_marker].strip()
        return head, sentence[first_marker:]

    def _find_name(self, head: str) -> tuple[str, str] | None:
        """Return what precedes words such as `we handle`, and the name of the process after them, or None."""
        matches, words = list(_WORD.finditer(head)), words_at_places(head)
        for position in range(len(words)):
            end = max(self._lead_ins.ends(words, position), default=0)
            if 0 < end < len(words) and self._begins_clause(head, matches[position].start(), words[:position]):
                name = head[matches[end].start() :].strip(_EDGE)
                remark = head[: matches[position - self._is_conjunction(words[:position])].start()].strip(_EDGE)
                if count_words(name) <= _MAX_NAME and not self._unnamed.covers(words[end:]):
                    return remark, name
        return None

    def _begins_clause(self, text: str, start: int, before: Words) -> bool:
        preceding = text[:start].rstrip()
        return not preceding or preceding.endswith(_PAUSES) or self._is_conjunction(before)

    def _is_conjunction(self, before: Words) -> bool:
        return bool(before) and before[-1:] == self._conjunction


class Descriptions:
    """Finds descriptions of processes in any of a guide's languages."""

    def __init__(self, guides: Iterable[Guide]) -> None:
        """guides: one guide in its languages. One without a topic on processes and one on steps finds nothing."""
        self._languages = [
            _LanguageDescriptions(guide) for guide in guides if guide.process_topic and guide.find_topics("steps")
        ]
        self.find = lru_cache(CACHED_ANSWERS)(self._find)

    def _find(self, sentences: tuple[str, ...]) -> Description | None:
        """Return the description in the sentences of an answer, with a name if one language finds it, or None."""
        found = [each for language in self._languages if (each := language.find(sentences))]
        named = [each for each in found if each.process]
        # A language that knows the words before the name leaves them out.
        return min(named, key=lambda each: len(each.process), default=found[0] if found else None)
