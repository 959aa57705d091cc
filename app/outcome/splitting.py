"""Split answers into sentences, steps and items. The parts keep the words of the interviewee."""

import re
from collections.abc import Sequence

from app.interviewer.guide_model import Guide
from app.interviewer.lists import Enumerations
from app.interviewer.phrases import Lists, PhraseSet, count_words, split_clauses, words_of
from app.interviewer.step_markers import StepMarkers

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_COMMA = re.compile(r"\s*[,;]\s+")
_EDGE = " \t.,;:!¡–-"
_MIN_STEPS = 3
_MIN_STEP_WORDS = 2
_MAX_ITEM_WORDS = 7
_MAX_HEADING_WORDS = 4


class Splitter:
    """Splits the answers of one language."""

    def __init__(self, guide: Guide) -> None:
        lists = Lists(guide.answers.lists)
        self._lead_ins = PhraseSet(guide.outcome.lead_ins, lists)
        self._role_lead_ins = PhraseSet(guide.outcome.role_lead_ins, lists)
        self._role_verbs = PhraseSet(guide.outcome.role_verbs, lists)
        self._continuations = PhraseSet(guide.outcome.continuations, lists)
        self._markers = StepMarkers(guide)
        self._enumerations = Enumerations(guide.answers)
        self._and = re.compile(rf"\s+(?:{re.escape(guide.conjunction)})\s+", re.IGNORECASE)
        self._leading_and = re.compile(rf"^(?:{re.escape(guide.conjunction)})\s+", re.IGNORECASE)

    def steps(self, sentence: str) -> list[str]:
        """Return the steps of a sentence: before each marker, or at the commas if there are several.

        What sets them off is no step. Names in order, as in `First orders, then invoices`, are no steps of their own.
        """
        if self._markers.find_names(sentence):
            return [_capitalize(sentence.strip(_EDGE))]
        _, sentence = self._markers.split_trigger(sentence)
        return [_capitalize(step) for part in self._markers.split(sentence) for step in self._split_actions(part)]

    def names(self, sentence: str) -> list[str]:
        """Return the names that a sentence such as `First orders, then invoices` puts in order, or nothing."""
        return [_capitalize(name) for name in self._markers.find_names(sentence)]

    def trigger(self, sentence: str) -> str:
        """Return what sets off the steps in a sentence such as `When orders arrive: first I …`, or ""."""
        return _capitalize(self._markers.split_trigger(sentence)[0])

    def items(self, sentence: str, max_words: int = _MAX_ITEM_WORDS) -> list[str]:
        """Return the items of a list such as `I need A, B and C`, or the sentence if it is no list of short items."""
        text = self.without_lead_in(sentence.partition(": ")[2] or sentence)
        items: list[str] = []
        for part in self._enumerations.split_phrase(text):
            if items and self._continuations.ends(words_of(part)):
                items[-1] += f", {part}"
            else:
                items.append(self.without_lead_in(part))
        # The clause after the last item, as in `the porter, who has the key`, makes it longer.
        if len(items) > 1 and all(count_words(item.split(", ")[0]) <= max_words for item in items):
            return [_capitalize(item) for item in items]
        return [_capitalize(sentence.strip(_EDGE))]

    def actions(self, sentence: str) -> list[str]:
        """Return the actions of a sentence such as `I want to enter orders, check the stock and print labels`."""
        text = self.without_lead_in(sentence.partition(": ")[2] or sentence)
        parts = [action for part in self._markers.split(text) for action in self._split_actions(part, min_words=1)]
        return [_capitalize(action) for part in parts if (action := self.without_lead_in(part))]

    def without_lead_in(self, text: str) -> str:
        """Return the text without words such as `I need` at its beginning."""
        return _strip(text, self._lead_ins)

    def role_in(self, text: str) -> str:
        """Return the name of the role in a sentence such as `I am a buyer, I order steel`, or "" if it names none."""
        clause = (split_clauses(text) or [""])[0]
        role = _strip(self._first_statement(clause), self._role_lead_ins)
        return "" if role == clause.strip(_EDGE) and self._role_verbs.ends(words_of(role)) else role

    def _first_statement(self, clause: str) -> str:
        """Return `I am a buyer` of `I am a buyer and my team orders steel`."""
        for conjunction in self._and.finditer(clause):
            words = words_of(clause[conjunction.end() :])
            if any(self._role_verbs.ends(words, start) for start in (0, 1)):
                return clause[: conjunction.start()]
        return clause

    def has_markers(self, sentence: str) -> bool:
        """Return whether the sentence has a marker of steps, such as `then`."""
        return bool(self._markers.find(sentence)) and not self._markers.find_names(sentence)

    def _split_actions(self, part: str, min_words: int = _MIN_STEP_WORDS) -> list[str]:
        """Return the parts between commas if there are three or more of them, or the whole part."""
        parts = _COMMA.split(part)
        if not any(self._leading_and.match(each) for each in parts[1:]):
            *others, last = parts
            parts = [*others, *self._and.split(last, maxsplit=1)]
        actions = [
            self._leading_and.sub("", each, count=1).strip(_EDGE) if index else each for index, each in enumerate(parts)
        ]
        is_list = len(actions) >= _MIN_STEPS and all(count_words(each) >= min_words for each in actions)
        return actions if is_list else [part]


def without_headings(sentences: Sequence[str]) -> Sequence[str]:
    """Return the sentences without a short line such as `My steps:` before the others."""
    return [
        each for each in sentences if not (each.endswith(":") and count_words(each) <= _MAX_HEADING_WORDS)
    ] or sentences


def _strip(text: str, lead_ins: PhraseSet) -> str:
    """Return the text without the longest of the phrases at its beginning."""
    found = list(_WORD.finditer(text))
    words = tuple(word for match in found for word in words_of(match.group())[:1] or ("",))
    end = max(lead_ins.ends(words), default=0)
    return (text[found[end].start() :] if 0 < end < len(found) else text).strip(_EDGE)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
