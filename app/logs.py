"""How the service logs: structured, one event a line, JSON unless a person reads along on a terminal.

No token, password or answer text gets into a log: tracebacks come without local variables, and errors of the database
without their message, which quotes the values that it stumbled over.
"""

import json
import logging
import os
import sys
import traceback
from contextvars import ContextVar
from typing import TextIO

import asyncpg
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from app.settings import Settings

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being served: every line that is logged meanwhile carries it as `request_id`."""

current_trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""The id of the trace that the request is a part of, 32 hexadecimal digits; set where traces are on alone."""

_JSON = json.JSONEncoder(default=repr)


def configure_logs(settings: Settings) -> None:
    """Send every log line, those of uvicorn and asyncio too, to standard error in one form."""
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        add_request_id,
        *([add_trace_id] if settings.traces else []),
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _discreet_exception,
    ]
    renderer: Processor = structlog.dev.ConsoleRenderer(colors=in_colour(sys.stderr)) if as_text else _as_json
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)


def add_request_id(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:  # noqa: ARG001 - a processor
    """Name the request that is being served, where there is one."""
    request_id = current_request_id.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


def add_trace_id(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:  # noqa: ARG001 - a processor
    """Name the trace that the request is a part of, where there is one."""
    trace_id = current_trace_id.get()
    if trace_id is not None:
        event["trace_id"] = trace_id
    return event


def _as_json(logger: WrappedLogger, name: str, event: EventDict) -> str:  # noqa: ARG001 - a processor
    """One object; what JSON does not know as Python shows it."""
    return _JSON.encode(event)


def in_colour(stream: TextIO) -> bool:
    """Whether to colour what is written there: a terminal that does not ask for none (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _discreet_exception(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:  # noqa: ARG001 - a processor
    """Replace `exc_info` by a traceback that tells where, and nothing of whom."""
    exc_info = event.pop("exc_info", None)
    if exc_info:
        event["exception"] = _format(sys.exc_info() if exc_info is True else exc_info)
    return event


def _format(exc_info: ExcInfo | BaseException | tuple[None, None, None]) -> str:
    error = exc_info if isinstance(exc_info, BaseException) else exc_info[1]
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        text = f"SQLSTATE {error.sqlstate}" if isinstance(error, asyncpg.PostgresError) else str(error)
        shown = type(error).__name__ if isinstance(error, asyncpg.InterfaceError) else f"{type(error).__name__}: {text}"
        parts.append("".join(traceback.format_tb(error.__traceback__)) + shown)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nduring which:\n\n".join(reversed(parts))
