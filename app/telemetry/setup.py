"""Compose telemetry into an application as the settings say. Without telemetry, the plain parts are used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from app.database.database import Database
from app.interviewer.protocol import Interviewer
from app.optional import ensure_installed
from app.settings import Settings
from app.telemetry.instrumentation import CombinedInstrumentation, Instrumentation
from app.telemetry.instrumented import InstrumentedDatabase, instrument_interviewer
from app.telemetry.operations import Operations


def _return_unchanged(interviewer: Interviewer) -> Interviewer:
    return interviewer


def _do_nothing() -> None:
    pass


@dataclass(frozen=True)
class Telemetry:
    """The parts of an application that depend on telemetry. The defaults are the parts without it.

    middleware: outermost. database, interviewer: create or wrap the application's own. close: send what is pending;
    blocks for up to a few seconds.
    """

    middleware: Sequence[Middleware] = field(default_factory=list)
    database: Callable[[str, Settings], Database] = Database
    interviewer: Callable[[Interviewer], Interviewer] = _return_unchanged
    close: Callable[[], None] = _do_nothing


def ensure_telemetry_installed(settings: Settings) -> None:
    """Raise ExtraMissing if the settings switch on an extra that is not installed."""
    if settings.metrics_port:
        ensure_installed("METRICS_PORT", "metrics", "prometheus_client")
    if settings.traces:
        # Do not look for `opentelemetry` itself: other packages install its API without the SDK.
        ensure_installed("TRACES=true", "traces", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def create_telemetry(settings: Settings, routes: Sequence[BaseRoute]) -> Telemetry:
    """Create the telemetry that the settings switch on. routes: the URL table. Raises ExtraMissing."""
    if not settings.metrics_port and not settings.traces:
        return Telemetry()
    ensure_telemetry_installed(settings)
    operations = Operations(routes)
    middleware: list[Middleware] = []
    parts: list[Instrumentation] = []
    close = _do_nothing
    if settings.traces:
        from app.telemetry.traces import Traces, TracingMiddleware  # noqa: PLC0415 - an extra

        traces = Traces()
        close = traces.close
        parts.append(traces)
        middleware.append(Middleware(TracingMiddleware, traces=traces, operations=operations))
    if settings.metrics_port:
        from app.telemetry.metrics import Metrics, MetricsMiddleware  # noqa: PLC0415 - an extra

        metrics = Metrics(settings.pool_max_size)
        parts.append(metrics)
        middleware.append(Middleware(MetricsMiddleware, metrics=metrics, operations=operations))
    instrumentation = parts[0] if len(parts) == 1 else CombinedInstrumentation(parts)
    return Telemetry(
        middleware,
        partial(InstrumentedDatabase, instrumentation=instrumentation),
        partial(instrument_interviewer, instrumentation=instrumentation),
        close,
    )
