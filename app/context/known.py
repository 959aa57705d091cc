"""Give the context of an organization a matcher of its processes."""

from functools import cache

from app.context.document import OrganizationContext
from app.context.matching import FuzzyMatcher
from app.context.source import Known
from app.domain.interview import Language
from app.interviewer.guide import load_phrases


def recognize(context: OrganizationContext) -> Known:
    """Return the context with a matcher, which is made once."""
    return Known(context.processes, FuzzyMatcher(context.processes, _small_words()))


@cache
def _small_words() -> frozenset[str]:
    return frozenset(word for language in Language for word in load_phrases(language).common_words)
