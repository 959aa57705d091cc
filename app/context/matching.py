"""Find the known processes that an answer names, with other endings, small typos and another order of the words.

A process is named if each word of its name, without small words, is similar to a word of one sentence, and these words
are near each other. If one name is a part of another, the longer one counts: `purchase orders` does not name `orders`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from rapidfuzz.distance import Indel, JaroWinkler

from app.context.document import KnownProcess
from app.context.source import ProcessMatch
from app.interviewer.phrases import Words, split_sentences, words_of

_MIN_SIMILARITY = 0.9
"""Jaro-Winkler: other endings, as in `approval` and `approvals`, count less than other beginnings."""
_MIN_PREFIX = 4
"""Letters that two similar words share at their beginning, unless most of their letters are the same."""
_MIN_SHARED = 0.85
_EXACT_LENGTH = 3
"""Words of at most so many letters must be equal."""
_MAX_GAP = 3
"""Words between those of a name."""
_MAX_PLACES = 4
"""A word that an answer repeats more often is compared at its first places only."""
_GENERIC = frozenset({"process", "processes", "proceso", "procesos", "processo", "processos"})


@dataclass(frozen=True, slots=True)
class _Name:
    """One name of a process."""

    process: KnownProcess
    words: Words


@dataclass(frozen=True, slots=True)
class _Found:
    """A name in a sentence. places: the positions of its words."""

    process: KnownProcess
    places: frozenset[int]
    confidence: float


class FuzzyMatcher:
    """Finds the processes of one organization."""

    def __init__(self, processes: Iterable[KnownProcess], small_words: frozenset[str]) -> None:
        """small_words: words that say nothing about a process, such as `the`."""
        self._names = [
            _Name(process, words)
            for process in processes
            for name in (process.name, *process.aliases)
            if (words := _significant(name, small_words))
        ]

    def find(self, answer: str) -> Sequence[ProcessMatch]:
        """Return the processes that the answer names, the most certain first."""
        best: dict[str, _Found] = {}
        for sentence in split_sentences(answer):
            found = list(self._find_in(words_of(sentence)))
            for each in found:
                is_part = any(each.places < other.places for other in found)
                earlier = best.get(each.process.process_id)
                if not is_part and (earlier is None or earlier.confidence < each.confidence):
                    best[each.process.process_id] = each
        matches = [ProcessMatch(each.process.process_id, each.process.name, each.confidence) for each in best.values()]
        return sorted(matches, key=lambda match: (-match.confidence, match.name))

    def _find_in(self, words: Words) -> Iterator[_Found]:
        sentence = _Sentence(words)
        for name in self._names:
            places = [sentence.find(word) for word in name.words]
            if all(places):
                nearest = _nearest(places)
                if nearest:
                    confidence = sum(score for _, score in nearest) / len(nearest)
                    yield _Found(name.process, frozenset(place for place, _ in nearest), round(confidence, 2))


class _Sentence:
    """The words of a sentence by their first letter. Two words in a row also count as one: `on boarding`."""

    def __init__(self, words: Words) -> None:
        self._by_letter: dict[str, list[tuple[int, str]]] = {}
        joined = (first + second for first, second in pairwise(words))
        for place, word in (*enumerate(words), *enumerate(joined)):
            self._by_letter.setdefault(word[0], []).append((place, word))
        self._found: dict[str, list[tuple[int, float]]] = {}

    def find(self, word: str) -> list[tuple[int, float]]:
        """Return the places of similar words, each with the similarity."""
        if word not in self._found:
            candidates = self._by_letter.get(word[0], ())
            scored = ((place, _similarity(word, candidate)) for place, candidate in candidates)
            self._found[word] = [(place, score) for place, score in scored if score][:_MAX_PLACES]
        return self._found[word]


def _similarity(word: str, other: str) -> float:
    """Return the similarity of two words with the same first letter, or 0 if they are different words."""
    if word == other:
        return 1.0
    if min(len(word), len(other)) <= _EXACT_LENGTH or not word.isalpha():
        return 0.0
    score: float = JaroWinkler.normalized_similarity(word, other, score_cutoff=_MIN_SIMILARITY)
    is_near = word[:_MIN_PREFIX] == other[:_MIN_PREFIX] or Indel.normalized_similarity(word, other) >= _MIN_SHARED
    return score if is_near else 0.0


def _nearest(places: Sequence[Sequence[tuple[int, float]]]) -> Sequence[tuple[int, float]]:
    """Return one place for each word, all different and near each other, with the highest similarity, or nothing."""
    if len(places) == 1:
        return [max(places[0], key=lambda each: each[1])]
    nearest: tuple[tuple[int, float], ...] = ()
    for first in places[0]:
        near = [[each for each in others if abs(each[0] - first[0]) <= len(places) + _MAX_GAP] for others in places[1:]]
        for chosen in product([first], *(each[:2] for each in near)):
            numbers = [place for place, _ in chosen]
            is_near = max(numbers) - min(numbers) < len(places) + _MAX_GAP
            if is_near and len(set(numbers)) == len(numbers) and _total(chosen) > _total(nearest):
                nearest = chosen
    return nearest


def _total(chosen: Iterable[tuple[int, float]]) -> float:
    return sum(score for _, score in chosen)


def _significant(name: str, small_words: frozenset[str]) -> Words:
    """Return the words that distinguish a process, or all of them if none does."""
    acronyms = {word for part in name.split() if part.isupper() for word in words_of(part)}
    words = words_of(name)
    kept = tuple(
        word
        for word in words
        if word in acronyms or (len(word) > 2 and word not in small_words and word not in _GENERIC)
    )
    return (kept or words)[:8]
