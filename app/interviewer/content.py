"""Find the sentences of an answer that have content."""

import re
from functools import lru_cache

from app.domain.interview import Language
from app.interviewer.answers import CACHED_ANSWERS, AnswerClassifier, AnswerKind

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|[\n\r\u2028\u2029]+|;\s+")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):]|[a-z]\))\s+")
_NEXT_NUMBER = re.compile(r"^\s*\(?1[.)]\s.*\s\(?2[.)]\s", re.DOTALL)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|no|p\. ?ej|ej|p\. ?ex|ex|sr|sra|dr|dra|núm|aprox|tel|vs)\.|\b\d{1,2}\.)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
_CONTENT = frozenset({AnswerKind.ANSWER, AnswerKind.SEVERAL})
_WITH_CONTENT = _CONTENT | {AnswerKind.STOP, AnswerKind.UNSURE, AnswerKind.UNKNOWN}
_PART_OF_CONTENT = _CONTENT | {AnswerKind.ASKS_BACK, AnswerKind.GO_ON}


@lru_cache(CACHED_ANSWERS)
def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences and lines of the text, without bullets. An abbreviation ends no sentence."""
    sentences: list[str] = []
    open_part = ""
    for part in _SENTENCE.split(text):
        open_part = f"{open_part} {part}".strip()
        if not _ABBREVIATION.search(open_part):
            sentences.append(open_part)
            open_part = ""
    sentences.append(open_part)
    return tuple(cleaned for sentence in sentences if _WORD.search(cleaned := _without_bullet(sentence)))


def _without_bullet(sentence: str) -> str:
    """Return the sentence without its bullet. In `1. Read it 2. File it`, the numbers belong together."""
    return sentence if _NEXT_NUMBER.match(sentence) else _BULLET.sub("", sentence).strip()


def content_of(answer: str, classifier: AnswerClassifier, language: Language) -> tuple[str, ...]:
    """Return the sentences with content, without a wish to stop and other remarks on the interview.

    language: that of the interview.
    """
    kind = classifier.classify(answer, language).kind
    if kind not in _WITH_CONTENT:
        return ()
    # In an answer with content, a question or `and so on` belongs to it.
    kinds = _PART_OF_CONTENT if kind in _CONTENT else _CONTENT
    return tuple(each for each in sentences_of(answer) if classifier.classify(each, language).kind in kinds)
