"""A watcher that tells several, where metrics and traces are both on."""

from collections.abc import Sequence
from typing import Any

from app.database.failures import PooledConnection
from app.observing.watching import Asked, Outcome, WatchedTransaction, Watcher


class Several:
    """Tells each of `watchers`, in their order; the first of them runs the statements, and so sees them one by one."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers

    def attempt(self, *, writes: bool) -> "_SeveralTransactions":
        """An attempt begins."""
        return _SeveralTransactions([each.attempt(writes=writes) for each in self._watchers])

    def waiting(self, change: int) -> None:
        """So many requests more wait for a connection."""
        for each in self._watchers:
            each.waiting(change)

    def in_use(self, change: int) -> None:
        """So many connections more are in use."""
        for each in self._watchers:
            each.in_use(change)

    def retried(self, *, writes: bool) -> None:
        """A transaction is tried again."""
        for each in self._watchers:
            each.retried(writes=writes)

    def asked(self, interviewer: str, outcome: Asked, seconds: float) -> None:
        """An interviewer was asked."""
        for each in self._watchers:
            each.asked(interviewer, outcome, seconds)


class _SeveralTransactions:
    def __init__(self, watched: Sequence[WatchedTransaction]) -> None:
        self._watched = watched

    async def statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        return await self._watched[0].statement(connection, query, arguments)

    def ended(self, outcome: Outcome, statements: int, overlaps: int) -> None:
        for each in self._watched:
            each.ended(outcome, statements, overlaps)
