"""What is composed into an application that is watched, and into one that is not: there is no question on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from app.database.database import Database
from app.interviewer.protocol import Interviewer
from app.optional import ensure_installed
from app.settings import Settings
from app.telemetry.instrumentation import Several, WatchedDatabase, Watcher, watched_interviewer
from app.telemetry.operations import Operations


def _as_it_is(interviewer: Interviewer) -> Interviewer:
    return interviewer


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Observing:
    """The parts of an application that is watched; by default those of one that is not.

    middleware: outermost. close: ends it, which may take some seconds and blocks.
    """

    middleware: Sequence[Middleware] = field(default_factory=list)
    database: Callable[[str, Settings], Database] = Database
    interviewer: Callable[[Interviewer], Interviewer] = _as_it_is
    close: Callable[[], None] = _nothing


def ensure_observable(settings: Settings) -> None:
    """Raise ExtraMissing where the settings ask for what is not installed."""
    if settings.metrics_port:
        ensure_installed("METRICS_PORT", "metrics", "prometheus_client")
    if settings.traces:
        # Not `opentelemetry` itself: its API alone comes along with FastAPI, which the service's packages require.
        ensure_installed("TRACES=true", "traces", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def observing(settings: Settings, routes: Sequence[BaseRoute]) -> Observing:
    """What the settings ask for. routes: the URL table. Raises ExtraMissing."""
    if not settings.metrics_port and not settings.traces:
        return Observing()
    ensure_observable(settings)
    operations = Operations(routes)
    middleware: list[Middleware] = []
    watchers: list[Watcher] = []
    close = _nothing
    if settings.traces:
        from app.telemetry.traces import TracedRequests, Traces  # noqa: PLC0415 - an extra

        traces = Traces()
        close = traces.close
        watchers.append(traces)
        middleware.append(Middleware(TracedRequests, traces=traces, operations=operations))
    if settings.metrics_port:
        from app.telemetry.metrics import MeasuredRequests, Metrics  # noqa: PLC0415 - an extra

        metrics = Metrics(settings.pool_max_size)
        watchers.append(metrics)
        middleware.append(Middleware(MeasuredRequests, metrics=metrics, operations=operations))
    watcher = watchers[0] if len(watchers) == 1 else Several(watchers)
    return Observing(
        middleware,
        partial(WatchedDatabase, watcher=watcher),
        partial(watched_interviewer, watcher=watcher),
        close,
    )
