"""The protocol of a source of contexts, and what it returns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.context.document import KnownProcess
from app.interviewer.protocol import KnownNames


class InvalidContext(Exception):
    """CONTEXT_FILE is invalid. The message is one line: file, position and fault."""


@dataclass(frozen=True, slots=True)
class ProcessMatch:
    """A known process that an answer names. confidence: 0 to 1."""

    process_id: str
    name: str
    confidence: float


class ProcessMatcher(Protocol):
    """Finds known processes in answers."""

    def find(self, answer: str) -> Sequence[ProcessMatch]:
        """Return the processes that the answer names, the most certain first."""
        ...


class NameMatcher(Protocol):
    """Finds the names of known systems and roles in answers."""

    def find(self, answers: Iterable[str]) -> tuple[KnownNames, ...]:
        """Return the known names of each answer."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """The knowledge of an organization, with matchers that find it in answers."""

    processes: Sequence[KnownProcess]
    matcher: ProcessMatcher
    names: NameMatcher


class ContextSource(Protocol):
    """A source of contexts. It never raises an error."""

    async def find(self, organization_id: UUID, token: str) -> Known | None:
        """Return what is known of the organization, or None. token: the caller's, verified."""
        ...

    async def aclose(self) -> None:
        """Release the resources. Called once, when the service stops."""
        ...
