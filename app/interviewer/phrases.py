"""A small language for phrases, and the words of an answer that they are compared with.

A phrase is a sequence of words. `can|could` is one of several words, `go_on` joins two to one, `please?` may be
missing, `<name>` is one entry of a named list of the same guide, and `...` is any number of words. Case, accents,
apostrophes and repeated letters do not count, in phrases and in answers.

The phrases are compared word by word and not as one regular expression: the lists refer to each other, and an
expression that contains all their combinations takes seconds to compile.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet

Words = tuple[str, ...]
"""Normalized words, as `words_of` returns them."""

_APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc\u00b4`]")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?…;\n\r\u2028\u2029]+(?=\s|$|[\"”»')])|[!?¡¿;\n\r…]+")
_CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d)|[()\u2013\u2014]|\s-+\s")


class InvalidPhrase(ValueError):
    """A phrase has no words, or names a list that is missing or contains itself. The message names the part."""


def words_of(text: str) -> Words:
    """Return the words of the text in lower case, without accents and apostrophes, and with no letter three times."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return tuple(_WORD.findall(_REPEATED.sub(r"\1", _APOSTROPHES.sub("", text))))


def count_words(text: str) -> int:
    """Return the number of words in the text."""
    return len(_WORD.findall(text))


def split_sentences(text: str) -> list[str]:
    """Return the sentences of the text. A point inside a word, as in `v1.2`, ends no sentence."""
    return [part.strip() for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def split_clauses(sentence: str) -> list[str]:
    """Return the parts of a sentence between commas, brackets and dashes."""
    return [part.strip() for part in _CLAUSE_END.split(sentence) if _WORD.search(part)]


class Lists:
    """The named lists of a guide, each parsed once."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        """Raises InvalidPhrase when a phrase with a faulty list is parsed."""
        self._texts = lists
        self._parsed: dict[str, PhraseSet] = {}
        self._open: set[str] = set()

    def __getitem__(self, name: str) -> "PhraseSet":
        if name not in self._parsed:
            if name not in self._texts or name in self._open:
                raise InvalidPhrase(f"<{name}> is not a list of this guide, or contains itself")
            self._open.add(name)
            self._parsed[name] = PhraseSet(self._texts[name], self)
        return self._parsed[name]


_NONE: AbstractSet[int] = frozenset()


class _Part:
    """One part of a phrase: some words, a list, or, without both, any number of words."""

    __slots__ = ("is_any", "optional", "phrases", "words")

    def __init__(
        self, words: frozenset[str] = frozenset(), phrases: "PhraseSet | None" = None, *, optional: bool = False
    ) -> None:
        self.words, self.phrases, self.optional = words, phrases, optional
        self.is_any = not words and phrases is None

    def ends(self, words: Words, start: int) -> Collection[int]:
        """Return the positions where this part ends if it begins at `start`."""
        if self.is_any:
            return range(start, len(words) + 1)
        skipped = (start,) if self.optional else ()
        if start == len(words):
            return skipped
        if self.phrases is None:
            return (*skipped, start + 1) if words[start] in self.words else skipped
        found = self.phrases.ends(words, start)
        return found | set(skipped) if skipped else found


class PhraseSet:
    """A group of phrases."""

    def __init__(self, phrases: Iterable[str], lists: Lists) -> None:
        """Raises InvalidPhrase."""
        self.first_words: set[str] = set()
        self._by_first_word: dict[str, list[tuple[_Part, ...]]] = {}
        self._of_any_word: list[tuple[_Part, ...]] = []
        for phrase in phrases:
            self._add(tuple(_parse(token, lists) for token in phrase.split()), phrase)

    def ends(self, words: Words, start: int = 0) -> AbstractSet[int]:
        """Return the positions where a phrase ends that begins at `start`."""
        if start >= len(words):
            return _NONE
        phrases = self._by_first_word.get(words[start], ())
        if self._of_any_word:
            phrases = (*phrases, *self._of_any_word)
        if not phrases:
            return _NONE
        found: set[int] = set()
        for phrase in phrases:
            reached: Collection[int] = (start,)
            for part in phrase:
                if len(reached) == 1:  # Most often. Without a new set, classification takes two thirds of the time.
                    (position,) = reached
                    reached = part.ends(words, position)
                else:
                    reached = {end for position in reached for end in part.ends(words, position)}
                if not reached:
                    break
            found.update(reached)
        return found

    def _may_occur_in(self, words: Words) -> bool:
        """Return whether one of the words can begin a phrase: most often none does."""
        return bool(self._of_any_word) or not self.first_words.isdisjoint(words)

    def matches(self, words: Words) -> bool:
        """Return whether all of the words are one phrase."""
        return len(words) in self.ends(words)

    def covers(self, words: Words) -> bool:
        """Return whether the words are nothing but phrases, one after another. No words are covered."""
        reached = {0}
        for position in range(len(words)):
            if position in reached:
                reached |= self.ends(words, position)
        return len(words) in reached

    def occurs_in(self, words: Words) -> bool:
        """Return whether one of the phrases is anywhere in the words."""
        return self._may_occur_in(words) and any(self.ends(words, start) for start in range(len(words)))

    def first_end_in(self, words: Words) -> int:
        """Return the position where the first of the phrases ends, or a position after all words."""
        if not self._may_occur_in(words):
            return len(words) + 1
        ends = (min(found) for start in range(len(words)) if (found := self.ends(words, start)))
        return min(ends, default=len(words) + 1)

    def starts_in(self, words: Words) -> list[int]:
        """Return the positions where phrases begin, without those that begin inside another phrase."""
        if not self._may_occur_in(words):
            return []
        starts, position = [], 0
        while position < len(words):
            ends = self.ends(words, position)
            if ends:
                starts.append(position)
            position = max(ends, default=position + 1)
        return starts

    def remove_from(self, words: Words) -> Words:
        """Return the words without the phrases."""
        if not self._may_occur_in(words):
            return words
        kept: list[str] = []
        position = 0
        while position < len(words):
            ends = self.ends(words, position)
            if not ends:
                kept.append(words[position])
            position = max(ends, default=position + 1)
        return tuple(kept)

    def strip_from(self, words: Words) -> list[Words]:
        """Return the words without some of the phrases at their beginning and end, and all of them first."""
        starts = [0]
        while (found := self.ends(words, starts[-1])) and max(found) < len(words):
            starts.append(max(found))
        if len(starts) == 1 and not self._may_occur_in(words):
            return [words] if words else []
        covered = {len(words)}  # the positions from which phrases cover the rest
        for start in reversed(range(len(words))):
            if not covered.isdisjoint(self.ends(words, start)):
                covered.add(start)
        ends = sorted(covered, reverse=True)
        return [words[start:end] for start in starts for end in ends if start < end]

    def _add(self, phrase: tuple[_Part, ...], text: str) -> None:
        first_words: set[str] = set()
        for part in phrase:
            if part.is_any:
                self._of_any_word.append(phrase)
                return
            first_words |= part.words if part.phrases is None else part.phrases.first_words
            if not part.optional:
                break
        else:
            raise InvalidPhrase(f"`{text}` may have no words")
        self.first_words |= first_words
        for word in first_words:
            self._by_first_word.setdefault(word, []).append(phrase)


def _parse(token: str, lists: Lists) -> _Part:
    if token == "...":  # noqa: S105 - a part of a phrase
        return _Part()
    optional = token.endswith("?")
    name = token.removesuffix("?")
    if name.startswith("<") and name.endswith(">"):
        return _Part(phrases=lists[name[1:-1]], optional=optional)
    if "_" in name:
        return _Part(phrases=PhraseSet((each.replace("_", " ") for each in name.split("|")), lists), optional=optional)
    words = [words_of(word) for word in name.split("|")]
    if any(len(each) != 1 for each in words):
        raise InvalidPhrase(f"`{token}` should have one word between two bars")
    return _Part(frozenset(each[0] for each in words), optional=optional)
