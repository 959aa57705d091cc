"""Classify an answer by the phrases of the guides: deterministic, and without a language model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from app.domain.interview import Language
from app.interviewer.guide import load_phrases
from app.interviewer.guide_model import AnswerPhrases
from app.interviewer.lists import Enumerations
from app.interviewer.phrases import Lists, PhraseSet, Words, count_words, split_clauses, split_sentences, words_of
from app.interviewer.wishes import StopWishes, Wish

_QUESTION = re.compile(r"[^.!?…\n¿]*\?")
_MAX_REST = 12
"""Words. With more than this around `I don't know`, the answer has content."""
_MAX_OFF_TOPIC = 20
_MAX_CLAUSE = 30
CACHED_ANSWERS = 1024
"""Each turn replays the earlier answers, so those of running interviews are classified once."""
_MAX_ITEM = 5
"""Words. A longer part of an answer is a clause, and the answer no mere list."""
_MARGIN = 2
"""Words. An answer is in a language if so many more of its words are common there than in every other language."""
_QUESTION_SHARE = 0.4
"""An answer asks back if at least this share of its words is in questions."""


class AnswerKind(StrEnum):
    """The kinds of answers that the guide reacts to."""

    ANSWER = "answer"
    STOP = "stop"
    UNSURE = "unsure"
    GO_ON = "go on"
    UNKNOWN = "unknown"
    DECLINES = "declines"
    ASKS_BACK = "asks back"
    OFF_TOPIC = "off topic"
    ALREADY_SAID = "already said"
    SEVERAL = "several"
    OTHER_LANGUAGE = "other language"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind of an answer.

    items: the things that an answer of the kind `several` lists.
    language: the language that an answer of the kind `other language` asks for.
    """

    kind: AnswerKind
    items: tuple[str, ...] = ()
    language: Language | None = None


class _LanguagePhrases:
    """The phrases of one language."""

    def __init__(self, phrases: AnswerPhrases) -> None:
        lists = Lists(phrases.lists)
        self.ordinals = [PhraseSet([each], lists) for each in phrases.ordinals]
        self.wishes = StopWishes(phrases)
        self.enumerations = Enumerations(phrases)
        self._padding = PhraseSet((*phrases.padding, *phrases.hedges), lists)
        self._kinds = (
            (AnswerKind.GO_ON, PhraseSet(phrases.go_on, lists)),
            (AnswerKind.DECLINES, PhraseSet(phrases.declines, lists)),
            (AnswerKind.ALREADY_SAID, PhraseSet(phrases.already_said, lists)),
            (AnswerKind.UNKNOWN, PhraseSet(phrases.unknown, lists)),
        )
        self.asks_back = PhraseSet(phrases.asks_back, lists)
        self.off_topic = PhraseSet(phrases.off_topic, lists)
        self.asks_for_language = PhraseSet(phrases.asks_for_language, lists)
        self.yes = PhraseSet(phrases.yes, lists)
        self.no = PhraseSet((*phrases.no, *phrases.go_on), lists)
        self.fillers = PhraseSet((*phrases.fillers, *phrases.padding), lists)
        self.conditions = PhraseSet((*phrases.conditions, *phrases.objections), lists)
        self.common_words = frozenset(phrases.common_words)

    def says(self, phrases: PhraseSet, clause: Words) -> bool:
        """Return whether the clause is one of the phrases, with padding around it."""
        return any(map(phrases.matches, self._strip_padding(clause)))

    def _strip_padding(self, clause: Words) -> list[Words]:
        """Return the clause without some of the padding around it, or nothing if the clause is long."""
        return self._padding.strip_from(clause) if len(clause) <= _MAX_CLAUSE else []

    def find_kind(self, clauses: list[Words]) -> AnswerKind | None:
        """Return the kind that one clause says while the others have too few words to be an answer."""
        total = sum(map(len, clauses))
        stripped = [(clause, self._strip_padding(clause)) for clause in clauses]
        for kind, phrases in self._kinds:
            said = [clause for clause, candidates in stripped if any(map(phrases.matches, candidates))]
            if said and total - sum(map(len, said)) <= _MAX_REST and (said[0] is clauses[0] or total <= _MAX_REST):
                return kind
        return None


class AnswerClassifier:
    """Classifies answers in any of the languages, because people often return to their first language."""

    def __init__(self, phrases: Mapping[Language, AnswerPhrases]) -> None:
        """phrases: those of each language. Takes a tenth of a second."""
        self._phrases = {language: _LanguagePhrases(each) for language, each in phrases.items()}
        self.classify = lru_cache(CACHED_ANSWERS)(self._classify)

    def find_wish(self, answer: str) -> Wish:
        """Return whether the answer wishes to stop the interview."""
        return max(phrases.wishes.find(answer) for phrases in self._phrases.values())

    def agrees(self, answer: str) -> bool:
        """Return whether the answer to a question such as `Shall we stop here?` is yes, with at most a short reason."""
        return any(self._agrees(answer, phrases) for phrases in self._phrases.values())

    def refuses(self, answer: str) -> bool:
        """Return whether the answer to such a question is no, or that the interview should go on."""
        clauses = _clauses(answer)
        return bool(clauses) and any(phrases.says(phrases.no, clauses[0]) for phrases in self._phrases.values())

    def find_ordinal(self, answer: str) -> int | None:
        """Return the index that the answer names, as in `the second one`, or None."""
        words = words_of(answer)
        for phrases in self._phrases.values():
            for index, ordinal in enumerate(phrases.ordinals):
                if ordinal.occurs_in(words):
                    return index
        return None

    def split_items(self, answer: str) -> tuple[str, ...]:
        """Return the parts of an answer that is a mere list of three or more short items, or nothing."""
        sentences = split_sentences(answer)
        if len(sentences) != 1 or count_words(answer) > _MAX_OFF_TOPIC:
            return ()
        for phrases in self._phrases.values():
            items = phrases.enumerations.split_phrase(answer)
            if len(items) > 2 and all(count_words(item) <= _MAX_ITEM for item in items):
                return items
        return ()

    def _classify(self, answer: str, language: Language) -> Classification:
        """Return the kind of the answer. language: the language of the interview."""
        wish = self.find_wish(answer)
        if wish is not Wish.NONE:
            return Classification(AnswerKind.STOP if wish is Wish.STOP else AnswerKind.UNSURE)
        clauses = _clauses(answer)
        if not clauses:
            return Classification(AnswerKind.FILLER)
        for requested, phrases in self._phrases.items():
            if requested is not language and any(phrases.says(phrases.asks_for_language, clause) for clause in clauses):
                return Classification(AnswerKind.OTHER_LANGUAGE, language=requested)
        for phrases in self._phrases.values():
            items = phrases.enumerations.find_announced(answer)
            if items:
                return Classification(AnswerKind.SEVERAL, items)
        kind = self._find_kind(answer, clauses)
        spoken = self._find_language(answer)
        if kind is AnswerKind.ASKS_BACK and spoken not in {language, None}:
            return Classification(AnswerKind.OTHER_LANGUAGE, language=spoken)
        return Classification(kind)

    def _find_kind(self, answer: str, clauses: list[Words]) -> AnswerKind:
        every = self._phrases.values()
        for kind in (phrases.find_kind(clauses) for phrases in every):
            if kind:
                return kind
        total = sum(map(len, clauses))
        if total <= _MAX_OFF_TOPIC and any(phrases.off_topic.occurs_in(sum(clauses, ())) for phrases in every):
            return AnswerKind.OFF_TOPIC
        asked = sum(map(count_words, _QUESTION.findall(answer)))
        if asked >= _QUESTION_SHARE * total or (
            total <= _MAX_OFF_TOPIC
            and any(phrases.says(phrases.asks_back, each) for phrases in every for each in clauses)
        ):
            return AnswerKind.ASKS_BACK
        if any(all(map(phrases.fillers.covers, clauses)) for phrases in every):
            return AnswerKind.FILLER
        return AnswerKind.ANSWER

    def _find_language(self, answer: str) -> Language | None:
        """Return the language that shares clearly more words with the answer than each other one, or None."""
        words = words_of(answer)
        (most, spoken), (second, _), *_ = sorted(
            (
                (sum(word in phrases.common_words for word in words), language)
                for language, phrases in self._phrases.items()
            ),
            reverse=True,
        )
        return spoken if most >= second + _MARGIN else None

    @staticmethod
    def _agrees(answer: str, phrases: _LanguagePhrases) -> bool:
        clauses = _clauses(answer)
        if not clauses or not phrases.says(phrases.yes, clauses[0]):
            return False
        rest = clauses[1:]
        return sum(map(len, rest)) <= _MAX_REST and not any(
            phrases.says(phrases.no, clause) or phrases.conditions.occurs_in(clause) for clause in rest
        )


@cache
def load_classifier() -> AnswerClassifier:
    """Return the classifier by the phrases of the languages, for guides that add none. Raises InvalidGuide."""
    return AnswerClassifier({language: load_phrases(language) for language in Language})


def _clauses(answer: str) -> list[Words]:
    """Return the words of each clause of the answer."""
    return [words_of(clause) for sentence in split_sentences(answer) for clause in split_clauses(sentence)]
