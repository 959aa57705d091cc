"""Prometheus metrics. Labels come from small fixed sets: operations, statuses and outcomes, never paths or ids."""

from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.leases import PooledConnection
from app.http.middleware import CLIENT_DISCONNECTED
from app.interviewer.protocol import Reply
from app.telemetry.instrumentation import QuestionOutcome, TransactionOutcome
from app.telemetry.operations import Operations

_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_INTERVIEWER_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_QUESTION_BUCKETS = (1, 2, 3, 5, 7, 10, 13, 16, 20, 30)
_KINDS = {False: "reading", True: "writing"}


class Metrics:
    """The metrics of one process. This class is an Instrumentation.

    Children are bound to their labels in advance, or at their first use, so that a request formats no text.
    """

    def __init__(self, pool_max_size: int) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter("interview_requests", "Requests", ["operation", "status"], registry=registry)
        self.durations = Histogram(
            "interview_request_duration_seconds", "Seconds from the request to the end of the response", ["operation"],
            buckets=_REQUEST_BUCKETS, registry=registry,
        )  # fmt: skip
        self._transactions = Counter(
            "interview_transactions", "Finished attempts at transactions", ["kind", "outcome"], registry=registry
        )
        retries = Counter("interview_transaction_retries", "Retries of transactions", ["kind"], registry=registry)
        self._retries = {writes: retries.labels(kind) for writes, kind in _KINDS.items()}
        self._statements = Counter(
            "interview_statements", "SQL statements, without BEGIN, COMMIT and ROLLBACK", registry=registry
        )
        self._overlaps = Counter(
            "interview_overlapping_statements",
            "Statements that started during another statement",
            registry=registry,
        )
        self._waiting = _gauge("interview_pool_waiting", "Transactions that wait for a connection", registry)
        self._in_use = _gauge("interview_pool_in_use", "Connections in use", registry)
        _gauge("interview_pool_size", "Maximum number of connections", registry).set(pool_max_size)
        self._questions = Histogram(
            "interview_interviewer_duration_seconds", "Seconds of an interviewer call", ["interviewer", "outcome"],
            buckets=_INTERVIEWER_BUCKETS, registry=registry,
        )  # fmt: skip
        self._started = Counter(
            "interview_interviews_started", "Interviews that began", ["interviewer"], registry=registry
        )
        self._ended = Counter(
            "interview_interviews_ended", "Interviews that got a closing message", ["interviewer", "reason"],
            registry=registry,
        )  # fmt: skip
        self._interview_questions = Histogram(
            "interview_questions_per_interview", "Questions of an interview that ended", ["interviewer"],
            buckets=_QUESTION_BUCKETS, registry=registry,
        )  # fmt: skip
        self._ends_by_kind = {writes: _TransactionMetrics(self, kind) for writes, kind in _KINDS.items()}

    def start_transaction(self, *, writes: bool) -> "_TransactionMetrics":
        """Return the counters of this kind of transaction. All transactions of a kind share them."""
        return self._ends_by_kind[writes]

    def change_waiting(self, change: int) -> None:
        """Add to the number of transactions that wait for a connection."""
        self._waiting.inc(change)

    def change_in_use(self, change: int) -> None:
        """Add to the number of connections in use."""
        self._in_use.inc(change)

    def record_retry(self, *, writes: bool) -> None:
        """Count a retry."""
        self._retries[writes].inc()

    def record_question(self, interviewer: str, outcome: QuestionOutcome, seconds: float) -> None:
        """Record the duration of a call of the interviewer."""
        self._questions.labels(interviewer, outcome).observe(seconds)

    def record_reply(self, interviewer: str, reply: Reply, questions: int) -> None:
        """Count an interview that begins or ends with the reply."""
        if questions == 0:
            self._started.labels(interviewer).inc()
        if reply.is_final:
            self._ended.labels(interviewer, "stopped" if reply.is_stopped else "completed").inc()
            self._interview_questions.labels(interviewer).observe(questions)


class _TransactionMetrics:
    """Counts the transactions of one kind."""

    def __init__(self, metrics: Metrics, kind: str) -> None:
        outcomes: tuple[TransactionOutcome, ...] = ("committed", "rolled_back", "lost", "unknown")
        self._ends = {outcome: metrics._transactions.labels(kind, outcome) for outcome in outcomes}  # noqa: SLF001
        self._statements = metrics._statements  # noqa: SLF001 - part of Metrics
        self._overlaps = metrics._overlaps  # noqa: SLF001

    async def run_statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run a statement. Statements are counted when the transaction ends."""
        return await connection.fetch(query, *arguments)

    def record_end(self, outcome: TransactionOutcome, statements: int, overlaps: int) -> None:
        """Count the attempt and its statements."""
        self._ends[outcome].inc()
        self._statements.inc(statements)
        if overlaps:
            self._overlaps.inc(overlaps)


class MetricsMiddleware:
    """Pure ASGI middleware that counts requests by operation and status, and measures their duration by operation."""

    def __init__(self, app: ASGIApp, metrics: Metrics, operations: Operations) -> None:
        self.app = app
        self._operations = operations
        self._metrics = metrics
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection. Only HTTP requests are measured."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = CLIENT_DISCONNECTED

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_record)
        finally:
            self._count(self._operations.find(scope).name, status, perf_counter() - started)

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
    """Return a gauge. For several workers it shows the sum over the running ones."""
    return Gauge(name, text, registry=registry, multiprocess_mode="livesum")
