"""Histories: which client called which operation of an interview, when, and what it was answered."""

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.histories.model import Answer, Operation


@dataclass(frozen=True)
class Call:
    """One call, with times in seconds of a monotonic clock.

    The outcome of a call without an answer is unknown: it may take effect at any time after its invocation, or never.
    """

    client: str
    operation: Operation
    invoked: float
    answered: float = math.inf
    answer: Answer | None = None

    def __str__(self) -> str:
        end = f"{self.answered:9.3f}" if self.answer else "  unknown"
        return f"{self.invoked:9.3f} – {end}  {self.client:8} {self.operation} → {self.answer or 'unknown'}"


@dataclass
class PendingCall:
    """A call that has been sent. `answer` stays None if its outcome is unknown."""

    answer: Answer | None = None


@dataclass
class Histories:
    """The calls of every interview."""

    calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def record(self, interview_id: str, client: str, operation: Operation) -> Iterator[PendingCall]:
        """Record the call that the block sends. The block sets the answer."""
        invoked, pending = time.monotonic(), PendingCall()
        try:
            yield pending
        finally:
            answered = time.monotonic() if pending.answer else math.inf
            self.calls[interview_id].append(Call(client, operation, invoked, answered, pending.answer))
