"""What Prometheus is told, with labels from small fixed sets: operations, statuses, outcomes; never a path or an id."""

from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.failures import PooledConnection
from app.http.middleware import CLIENT_DISCONNECTED
from app.telemetry.instrumentation import Asked, Outcome
from app.telemetry.operations import Operations

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_THINKING = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_KINDS = {False: "reading", True: "writing"}


class Metrics:
    """The metrics of one process, and a Watcher of its transactions and its interviewer.

    Children are bound where their labels are few and known, else at their first use: a request formats no text.
    """

    def __init__(self, pool_max_size: int) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter("interview_requests", "Requests answered", ["operation", "status"], registry=registry)
        self.durations = Histogram(
            "interview_request_duration_seconds", "Seconds from request to the end of the answer", ["operation"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._transactions = Counter(
            "interview_transactions", "Attempts at transactions that ended", ["kind", "outcome"], registry=registry
        )
        retries = Counter("interview_transaction_retries", "Transactions tried again", ["kind"], registry=registry)
        self._retries = {writes: retries.labels(kind) for writes, kind in _KINDS.items()}
        self._statements = Counter(
            "interview_statements", "SQL statements, BEGIN, COMMIT and ROLLBACK not counted", registry=registry
        )
        self._overlaps = Counter(
            "interview_overlapping_statements", "Statements that came while another ran", registry=registry
        )
        self._waiting = _gauge("interview_pool_waiting", "Transactions that wait for a connection", registry)
        self._in_use = _gauge("interview_pool_in_use", "Connections that transactions hold", registry)
        _gauge("interview_pool_size", "Connections that transactions can hold at the most", registry).set(pool_max_size)
        self._asked = Histogram(
            "interview_interviewer_duration_seconds", "Seconds that the interviewer took", ["interviewer", "outcome"],
            buckets=_THINKING, registry=registry,
        )  # fmt: skip
        self._attempts = {writes: _MeasuredTransaction(self, kind) for writes, kind in _KINDS.items()}

    def attempt(self, *, writes: bool) -> "_MeasuredTransaction":
        """Count its end; the same for all of a kind, for they differ in nothing that is counted."""
        return self._attempts[writes]

    def waiting(self, change: int) -> None:
        """So many requests more wait for a connection."""
        self._waiting.inc(change)

    def in_use(self, change: int) -> None:
        """So many connections more are in use."""
        self._in_use.inc(change)

    def retried(self, *, writes: bool) -> None:
        """A transaction is tried again."""
        self._retries[writes].inc()

    def asked(self, interviewer: str, outcome: Asked, seconds: float) -> None:
        """An interviewer was asked."""
        self._asked.labels(interviewer, outcome).observe(seconds)


class _MeasuredTransaction:
    """Counts the ends of transactions of one kind."""

    def __init__(self, metrics: Metrics, kind: str) -> None:
        outcomes: tuple[Outcome, ...] = ("committed", "rolled_back", "lost", "unknown")
        self._ends = {outcome: metrics._transactions.labels(kind, outcome) for outcome in outcomes}  # noqa: SLF001
        self._statements = metrics._statements  # noqa: SLF001 - the two are one
        self._overlaps = metrics._overlaps  # noqa: SLF001

    async def statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run it: statements are counted at the end."""
        return await connection.fetch(query, *arguments)

    def ended(self, outcome: Outcome, statements: int, overlaps: int) -> None:
        """Count it."""
        self._ends[outcome].inc()
        self._statements.inc(statements)
        if overlaps:
            self._overlaps.inc(overlaps)


class MeasuredRequests:
    """Pure ASGI middleware: counts requests by operation and status, and times them by operation."""

    def __init__(self, app: ASGIApp, metrics: Metrics, operations: Operations) -> None:
        self.app = app
        self._operations = operations
        self._metrics = metrics
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests are measured."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = CLIENT_DISCONNECTED

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_look)
        finally:
            self._count(self._operations.of(scope).name, status, perf_counter() - started)

    def _count(self, operation: str, status: int, seconds: float) -> None:
        counter = self._counters.get((operation, status))
        if counter is None:
            counter = self._counters[operation, status] = self._metrics.requests.labels(operation, str(status))
        timer = self._timers.get(operation)
        if timer is None:
            timer = self._timers[operation] = self._metrics.durations.labels(operation)
        counter.inc()
        timer.observe(seconds)


def _gauge(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    """A gauge whose value of several workers is the sum over those that live."""
    return Gauge(name, text, registry=registry, multiprocess_mode="livesum")
