"""Find what an answer mentions apart from its own topic: other topics of the guide, and systems."""

import re
from collections.abc import Iterable
from functools import lru_cache

from app.interviewer.answers import CACHED_ANSWERS
from app.interviewer.guide_model import Guide
from app.interviewer.phrases import Lists, PhraseSet, Words, words_of

_WORD = re.compile(r"\w+(?:['’]\w+)*")


class _LanguageMentions:
    """What a guide knows in one language."""

    def __init__(self, guide: Guide) -> None:
        lists = Lists(guide.answers.lists)
        self.systems = PhraseSet([name for name in guide.systems if name.islower()], lists)
        self.technical_terms = PhraseSet(guide.technical_level.terms, lists)
        self.capitalized_systems = PhraseSet([name for name in guide.systems if not name.islower()], lists)
        self._topics = [
            (topic.name, [PhraseSet(group, lists) for group in topic.covered_by])
            for topic in guide.topics
            if topic.covered_by
        ]

    def find_covered(self, words: Words) -> set[str]:
        """Return the names of the topics that the words cover: those with a phrase of each group."""
        return {name for name, groups in self._topics if all(group.occurs_in(words) for group in groups)}


class Mentions:
    """Finds mentions in any of a guide's languages, because people often return to their first language."""

    def __init__(self, guides: Iterable[Guide]) -> None:
        """guides: one guide in its languages."""
        self._languages = [_LanguageMentions(guide) for guide in guides]
        self.find_covered = lru_cache(CACHED_ANSWERS)(self._find_covered)
        self.find_systems = lru_cache(CACHED_ANSWERS)(self._find_systems)
        self.find_technical_terms = lru_cache(CACHED_ANSWERS)(self._find_technical_terms)

    def _find_covered(self, answer: str) -> frozenset[str]:
        """Return the names of the topics that the answer covers although it was not asked about them."""
        words = words_of(answer)
        return frozenset().union(*(each.find_covered(words) for each in self._languages))

    def _find_technical_terms(self, answer: str) -> frozenset[Words]:
        """Return the words of the technical terms in the answer."""
        words = words_of(answer)
        return frozenset(
            words[start : max(each.technical_terms.ends(words, start))]
            for each in self._languages
            for start in each.technical_terms.starts_in(words)
        )

    def _find_systems(self, text: str) -> tuple[str, ...]:
        """Return the names of the systems in the text, in its spelling."""
        matches = list(_WORD.finditer(text))
        words = tuple(word for match in matches for word in words_of(match.group())[:1] or ("",))
        found: dict[int, str] = {}
        for each in self._languages:
            for systems in (each.systems, each.capitalized_systems):
                for start in systems.starts_in(words):
                    name = text[matches[start].start() : matches[max(systems.ends(words, start)) - 1].end()]
                    if systems is each.systems or name[0].isupper():
                        found.setdefault(start, name)
        return tuple(found[start] for start in sorted(found))
