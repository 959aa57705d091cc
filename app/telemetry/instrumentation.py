"""The interface through which metrics and traces observe transactions and interviewers."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from app.database.leases import PooledConnection
from app.interviewer.protocol import Reply

TransactionOutcome = Literal["committed", "rolled_back", "lost", "unknown"]
"""lost: to a conflict or with the connection, and safe to retry. unknown: COMMIT was sent but not acknowledged."""

QuestionOutcome = Literal["answered", "failed", "interrupted"]
"""interrupted: by a deadline, or because the client disconnected."""


class TransactionInstrumentation(Protocol):
    """Observes one attempt at a transaction, from before it acquires a connection to after COMMIT or ROLLBACK."""

    async def run_statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run a statement and return its rows."""
        ...

    def record_end(self, outcome: TransactionOutcome, statements: int, overlaps: int) -> None:
        """Record the end of the attempt. statements, overlaps: as counted by the guard."""
        ...


class Instrumentation(Protocol):
    """Observes the transactions, retries, connection pool and interviewer of a process."""

    def start_transaction(self, *, writes: bool) -> TransactionInstrumentation:
        """Start to observe one attempt at a transaction."""
        ...

    def change_waiting(self, change: int) -> None:
        """Add to the number of transactions that wait for a connection."""
        ...

    def change_in_use(self, change: int) -> None:
        """Add to the number of connections in use."""
        ...

    def record_retry(self, *, writes: bool) -> None:
        """Record that a transaction is retried."""
        ...

    def record_question(self, interviewer: str, outcome: QuestionOutcome, seconds: float) -> None:
        """Record a call of the interviewer."""
        ...

    def record_reply(self, interviewer: str, reply: Reply, questions: int) -> None:
        """Record a reply. questions: the number of earlier questions of the interview."""
        ...


class CombinedInstrumentation:
    """Passes every event to several instrumentations in order. Only the first one runs the statements."""

    def __init__(self, parts: Sequence[Instrumentation]) -> None:
        self._parts = parts

    def start_transaction(self, *, writes: bool) -> "_CombinedTransaction":
        """Start to observe one attempt at a transaction."""
        return _CombinedTransaction([each.start_transaction(writes=writes) for each in self._parts])

    def change_waiting(self, change: int) -> None:
        """Add to the number of transactions that wait for a connection."""
        for each in self._parts:
            each.change_waiting(change)

    def change_in_use(self, change: int) -> None:
        """Add to the number of connections in use."""
        for each in self._parts:
            each.change_in_use(change)

    def record_retry(self, *, writes: bool) -> None:
        """Record that a transaction is retried."""
        for each in self._parts:
            each.record_retry(writes=writes)

    def record_question(self, interviewer: str, outcome: QuestionOutcome, seconds: float) -> None:
        """Record a call of the interviewer."""
        for each in self._parts:
            each.record_question(interviewer, outcome, seconds)

    def record_reply(self, interviewer: str, reply: Reply, questions: int) -> None:
        """Record a reply. questions: the number of earlier questions of the interview."""
        for each in self._parts:
            each.record_reply(interviewer, reply, questions)


class _CombinedTransaction:
    def __init__(self, parts: Sequence[TransactionInstrumentation]) -> None:
        self._parts = parts

    async def run_statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        return await self._parts[0].run_statement(connection, query, arguments)

    def record_end(self, outcome: TransactionOutcome, statements: int, overlaps: int) -> None:
        for each in self._parts:
            each.record_end(outcome, statements, overlaps)
