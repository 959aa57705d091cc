"""OpenTelemetry traces: one span per request, transaction and statement. Spans contain no submitted or stored values.

The standard OTEL_* environment variables set the exporter, the sampling and the service name.
"""

import threading
from typing import Any

from opentelemetry import context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.leases import PooledConnection
from app.interviewer.protocol import Reply
from app.logs import current_trace_id
from app.telemetry.instrumentation import QuestionOutcome, TransactionOutcome
from app.telemetry.operations import Operations

NAME = "interview-system"
CLOSE_TIMEOUT = 5.0
"""Seconds that a stopping service waits until the collector has received the last spans."""

_DATABASE = {"db.system.name": "postgresql"}
_FAILED = Status(StatusCode.ERROR)
_PROPAGATOR = TraceContextTextMapPropagator()
_PROPAGATED = (b"traceparent", b"tracestate")


class Traces:
    """Creates the spans. This class is an Instrumentation."""

    def __init__(self) -> None:
        """Read the OTEL_* variables. A collector that cannot be reached is not an error."""
        resource = Resource({SERVICE_NAME: NAME}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self._provider.get_tracer(NAME)

    def close(self) -> None:
        """Send the remaining spans for at most CLOSE_TIMEOUT seconds."""
        thread = threading.Thread(target=self._provider.shutdown, name="trace shutdown", daemon=True)
        thread.start()
        thread.join(CLOSE_TIMEOUT)

    def start_transaction(self, *, writes: bool) -> "_TracedTransaction":
        """Start the span of an attempt, before it acquires a connection."""
        return _TracedTransaction(self, "writing" if writes else "reading")

    def change_waiting(self, change: int) -> None:
        """Do nothing: the wait is part of the transaction's span."""

    def change_in_use(self, change: int) -> None:
        """Do nothing: a trace does not show the pool."""

    def record_retry(self, *, writes: bool) -> None:
        """Do nothing: the next attempt has its own span."""

    def record_question(self, interviewer: str, outcome: QuestionOutcome, seconds: float) -> None:
        """Do nothing: the call is the gap between the spans of two transactions."""

    def record_reply(self, interviewer: str, reply: Reply, questions: int) -> None:
        """Do nothing: the course of an interview is a metric."""


class _TracedTransaction:
    """The span of one attempt at a transaction, and the parent of its statements' spans."""

    def __init__(self, traces: Traces, kind: str) -> None:
        self._tracer = traces.tracer
        self._span = self._tracer.start_span(f"transaction {kind}", attributes=_DATABASE)
        self._context = set_span_in_context(self._span)

    async def run_statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run a statement in a span with its text, which contains placeholders instead of values."""
        verb = query.split(None, 1)[0].upper()
        attributes = {**_DATABASE, "db.operation.name": verb, "db.query.text": query}
        span = self._tracer.start_span(verb, self._context, SpanKind.CLIENT, attributes)
        try:
            return await connection.fetch(query, *arguments)
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise
        finally:
            span.end()

    def record_end(self, outcome: TransactionOutcome, statements: int, overlaps: int) -> None:
        """End the span."""
        self._span.set_attributes({"interview.outcome": outcome, "interview.statements": statements})
        if overlaps:
            self._span.set_attribute("interview.overlaps", overlaps)
        if outcome in ("lost", "unknown"):
            _fail(self._span, outcome)
        self._span.end()


class TracingMiddleware:
    """Pure ASGI middleware that starts one span per request, as a child of the client's span (W3C Trace Context)."""

    def __init__(self, app: ASGIApp, traces: Traces, operations: Operations) -> None:
        self.app = app
        self._tracer = traces.tracer
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection. Only HTTP requests are traced."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        span = self._start_span(scope)

        async def send_and_record(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= 500:
                    _fail(span, str(message["status"]))
            await send(message)

        token = context.attach(set_span_in_context(span))
        line = current_trace_id.set(format_trace_id(span.get_span_context().trace_id))
        try:
            await self.app(scope, receive, send_and_record)
        finally:
            current_trace_id.reset(line)
            context.detach(token)
            span.end()

    def _start_span(self, scope: Scope) -> Span:
        operation = self._operations.find(scope)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _PROPAGATED}
        attributes = {"http.request.method": scope["method"], "url.scheme": scope["scheme"]}
        if operation.route:
            attributes["http.route"] = operation.route
        return self._tracer.start_span(operation.name, _PROPAGATOR.extract(headers), SpanKind.SERVER, attributes)


def _fail(span: Span, kind: str) -> None:
    """Mark the span as failed. Only the name of an error is recorded, because its text may contain submitted values."""
    span.set_attribute("error.type", kind)
    span.set_status(_FAILED)
