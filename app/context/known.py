"""Give the context of an organization matchers of its processes, systems and roles."""

from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from app.context.document import KnownProcess, OrganizationContext
from app.context.matching import FuzzyMatcher
from app.context.source import Known
from app.domain.interview import Language
from app.interviewer.guide import load_phrases
from app.interviewer.protocol import KnownNames

_CACHED_ANSWERS = 512
"""Each turn and each outcome needs the names of all answers."""


class FuzzyNameMatcher:
    """Finds the systems and roles of one organization, as its processes are found."""

    def __init__(self, systems: Iterable[str], roles: Iterable[str]) -> None:
        self._systems, self._roles = _match_names(systems), _match_names(roles)
        self._found: OrderedDict[bytes, KnownNames] = OrderedDict()

    def find(self, answers: Iterable[str]) -> tuple[KnownNames, ...]:
        """Return the known names of each answer. Works in any thread."""
        return tuple(map(self._find, answers))

    def _find(self, answer: str) -> KnownNames:
        # Digests bound the memory: every organization has a cache of its own, and an answer may have 5,000 characters.
        key = sha256(answer.encode()).digest()
        found = self._found.get(key)
        if found is None:
            found = KnownNames(_names(self._systems, answer), _names(self._roles, answer))
            self._found[key] = found
            while len(self._found) > _CACHED_ANSWERS:
                self._found.popitem(last=False)
        return found


def recognize(context: OrganizationContext) -> Known:
    """Return the context with its matchers, which are made once."""
    names = FuzzyNameMatcher(context.systems, context.roles)
    return Known(context.processes, FuzzyMatcher(context.processes, _small_words()), names)


def _match_names(names: Iterable[str]) -> FuzzyMatcher:
    return FuzzyMatcher((KnownProcess(process_id=name, name=name) for name in names), _small_words())


def _names(matcher: FuzzyMatcher, answer: str) -> tuple[str, ...]:
    return tuple(match.name for match in matcher.find(answer))


@cache
def _small_words() -> frozenset[str]:
    return frozenset(word for language in Language for word in load_phrases(language).common_words)
