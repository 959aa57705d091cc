"""OpenTelemetry: a span a request, a transaction, a statement; none holds a value that a client sent or a row has.

Where spans go, how many, and what the service is called there say the OTEL_* variables of the specification.
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

from app.database.failures import PooledConnection
from app.logs import current_trace_id
from app.telemetry.instrumentation import Asked, Outcome
from app.telemetry.operations import Operations

NAME = "interview-system"
PATIENCE = 5.0
"""Seconds that a service which stops waits for the collector to take its last spans."""

_DATABASE = {"db.system.name": "postgresql"}
_FAILED = Status(StatusCode.ERROR)
_PROPAGATOR = TraceContextTextMapPropagator()
_PROPAGATED = (b"traceparent", b"tracestate")


class Traces:
    """Makes the spans, and is a Watcher of transactions and interviewers."""

    def __init__(self) -> None:
        """OTEL_* variables are read here. A collector out of reach is no error."""
        resource = Resource({SERVICE_NAME: NAME}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self._provider.get_tracer(NAME)

    def close(self) -> None:
        """Send what is left, for PATIENCE at the most."""
        sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(PATIENCE)

    def attempt(self, *, writes: bool) -> "_TracedTransaction":
        """The span of an attempt, from before it has a connection to its end."""
        return _TracedTransaction(self, "writing" if writes else "reading")

    def waiting(self, change: int) -> None:
        """Shows in the length of a transaction's span."""

    def in_use(self, change: int) -> None:
        """The same."""

    def retried(self, *, writes: bool) -> None:
        """The next attempt has a span of its own."""

    def asked(self, interviewer: str, outcome: Asked, seconds: float) -> None:
        """Shows between the spans of two transactions."""


class _TracedTransaction:
    """The span of one attempt; those of its statements are its children, whatever else is current."""

    def __init__(self, traces: Traces, kind: str) -> None:
        self._tracer = traces.tracer
        self._span = self._tracer.start_span(f"transaction {kind}", attributes=_DATABASE)
        self._within = set_span_in_context(self._span)

    async def statement(self, connection: PooledConnection, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        """Run it in a span that has its text: placeholders stand for every value."""
        verb = query.split(None, 1)[0].upper()
        attributes = {**_DATABASE, "db.operation.name": verb, "db.query.text": query}
        span = self._tracer.start_span(verb, self._within, SpanKind.CLIENT, attributes)
        try:
            return await connection.fetch(query, *arguments)
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise
        finally:
            span.end()

    def ended(self, outcome: Outcome, statements: int, overlaps: int) -> None:
        """End the span."""
        self._span.set_attributes({"interview.outcome": outcome, "interview.statements": statements})
        if overlaps:
            self._span.set_attribute("interview.overlaps", overlaps)
        if outcome in ("lost", "unknown"):
            _fail(self._span, outcome)
        self._span.end()


class TracedRequests:
    """Pure ASGI middleware: a span a request, a child of the client's where it sent one (W3C Trace Context)."""

    def __init__(self, app: ASGIApp, traces: Traces, operations: Operations) -> None:
        self.app = app
        self._tracer = traces.tracer
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests are traced."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        span = self._begun(scope)

        async def send_and_look(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.set_attribute("http.response.status_code", message["status"])
                if message["status"] >= 500:
                    _fail(span, str(message["status"]))
            await send(message)

        token = context.attach(set_span_in_context(span))
        line = current_trace_id.set(format_trace_id(span.get_span_context().trace_id))
        try:
            await self.app(scope, receive, send_and_look)
        finally:
            current_trace_id.reset(line)
            context.detach(token)
            span.end()

    def _begun(self, scope: Scope) -> Span:
        operation = self._operations.of(scope)
        sent = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _PROPAGATED}
        attributes = {"http.request.method": scope["method"], "url.scheme": scope["scheme"]}
        if operation.route:
            attributes["http.route"] = operation.route
        return self._tracer.start_span(operation.name, _PROPAGATOR.extract(sent), SpanKind.SERVER, attributes)


def _fail(span: Span, kind: str) -> None:
    """An error's name alone: its text may hold what was sent."""
    span.set_attribute("error.type", kind)
    span.set_status(_FAILED)
