"""Recognize a wish to stop the interview inside an answer, without a language model.

An answer often mentions stopping without wishing it: "We stop the line at five", "Then I have to go to the warehouse".
So a wish has to fill a clause of its own. Its clause may not depend on a condition, a time or a report ("If it jams, I
have to stop", "The customer says: stop"). A phrase that also answers a question ("That's it") counts only if the answer
has no other content. Anything in between is a wish to ask about.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise

from app.interviewer.guide_model import AnswerPhrases
from app.interviewer.phrases import Lists, PhraseSet, Words, split_clauses, split_sentences, words_of

_MAX_CLAUSE = 30
"""Words. A longer clause is content."""
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“]*“|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|‘[^’]*’(?!\w)")


class Wish(IntEnum):
    """Whether an answer wishes to stop."""

    NONE = 0
    UNSURE = 1
    STOP = 2


class _Clause(IntEnum):
    """The role of a clause in its answer."""

    EMPTY = 0
    CONTENT = 1
    REASON = 2
    UNSURE = 3
    ENOUGH = 4
    LEAVE = 5
    STOP = 6
    GO_ON = 7


_WISHES = frozenset({_Clause.ENOUGH, _Clause.LEAVE, _Clause.STOP})


class StopWishes:
    """The wishes to stop in one language."""

    def __init__(self, phrases: AnswerPhrases) -> None:
        """Parse the phrases. Raises InvalidPhrase."""
        lists = Lists(phrases.lists)
        self._padding = PhraseSet(phrases.padding, lists)
        self._empty = PhraseSet((*phrases.padding, *phrases.fillers), lists)
        self._polite = PhraseSet(phrases.polite, lists)
        self._starters = PhraseSet(phrases.starters, lists)
        self._hedges = PhraseSet(phrases.hedges, lists)
        self._conditions = PhraseSet(phrases.conditions, lists)
        self._negations = PhraseSet(phrases.negations, lists)
        self._roles = (
            (_Clause.STOP, PhraseSet(phrases.stop, lists)),
            (_Clause.GO_ON, PhraseSet(phrases.go_on, lists)),
            (_Clause.LEAVE, PhraseSet(phrases.leave, lists)),
            (_Clause.ENOUGH, PhraseSet(phrases.enough, lists)),
            (_Clause.UNSURE, PhraseSet(phrases.unsure, lists)),
            (_Clause.REASON, PhraseSet(phrases.reasons, lists)),
        )

    def find(self, answer: str) -> Wish:
        """Return the wish of an answer."""
        sentences = [list(self._clauses(sentence)) for sentence in split_sentences(_unquote(answer))]
        roles = [role for sentence in sentences for role in sentence if role is not _Clause.EMPTY]
        if not roles or _Clause.GO_ON in roles:
            return Wish.UNSURE if _Clause.STOP in roles else Wish.NONE
        if _Clause.STOP in roles:
            return Wish.STOP
        if _Clause.CONTENT not in roles:
            return Wish.STOP if max(roles) >= _Clause.ENOUGH else Wish.UNSURE if _Clause.UNSURE in roles else Wish.NONE
        if _Clause.LEAVE in sentences[-1] and _Clause.CONTENT not in sentences[-1]:
            return Wish.UNSURE if self._conditions.occurs_in(words_of(answer)) else Wish.STOP
        if _Clause.UNSURE in roles or _Clause.LEAVE in roles or roles[0] is _Clause.ENOUGH:
            return Wish.UNSURE
        return Wish.NONE

    def _clauses(self, sentence: str) -> Iterator[_Clause]:
        """Yield the role of each clause. A sentence is split at commas and before phrases such as `I have`."""
        clauses = [self._polite.remove_from(words_of(clause)) for clause in split_clauses(sentence)]
        condition = self._conditions.first_end_in(tuple(word for words in clauses for word in words))
        before = 0
        for words in clauses:
            negation, hedge = self._negations.first_end_in(words), self._hedges.first_end_in(words)
            cuts = [cut for cut in self._starters.starts_in(words) if cut]
            for start, end in pairwise([0, *cuts, len(words)]):
                role = self._role(words[start:end])
                if role is not _Clause.EMPTY and (condition <= before + start or negation <= start):
                    role = _Clause.CONTENT
                yield _Clause.UNSURE if role in _WISHES and hedge <= start else role
            before += len(words)

    def _role(self, words: Words) -> _Clause:
        if self._empty.covers(words):
            return _Clause.EMPTY
        if len(words) > _MAX_CLAUSE:
            return _Clause.CONTENT
        unhedged = self._hedges.remove_from(words)
        if unhedged != words and self._match(unhedged) in _WISHES:
            return _Clause.UNSURE
        return self._match(words)

    def _match(self, words: Words) -> _Clause:
        candidates = self._padding.strip_from(words)
        for role, phrases in self._roles:
            if any(map(phrases.matches, candidates)):
                return role
        return _Clause.CONTENT


def _unquote(answer: str) -> str:
    """Return the answer without quotation marks around all of it, and without what it quotes."""
    stripped = answer.strip()
    if _QUOTED.fullmatch(stripped.rstrip(".!")):
        return stripped.rstrip(".!")[1:-1]
    return _QUOTED.sub(" quoted ", answer)
