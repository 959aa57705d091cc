"""`python -m app serve`: prepare database, migrations, keys and demo accounts, then run uvicorn."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import ChangeReload

from app.cli.environment import (
    database_url,
    ensure_demo_accounts,
    exit_on_signals,
    migrate_database,
    open_unit_of_work,
    read_settings,
)
from app.cli.supervisor import Supervisor
from app.cli.welcome import print_welcome
from app.context.factory import create_context_source
from app.identity.signing_keys import load_or_create_keys
from app.interviewer.factory import ensure_usable
from app.logs import configure_logs
from app.optional import ensure_installed
from app.server import SHUTDOWN_TIMEOUT, WORKER
from app.settings import Settings
from app.telemetry.exposition import serve_metrics
from app.telemetry.setup import ensure_telemetry_installed

_GRACE_PERIOD = 30
"""Seconds after SIGTERM in which running requests can finish."""

_ROOT = Path(__file__).parents[2]
_SOURCES = [str(_ROOT / name) for name in ("app", "tables")]
"""The folders that `--reload` watches."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port, or 0 for a free one.",
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="Worker processes.")
@click.option("--reload", is_flag=True, help="Restart if a source file changes (for development).")
def serve(host: str, port: int, workers: int, *, reload: bool) -> None:
    """Start the service.

    Applies the missing migrations and creates a signing key first. If DATABASE_URL is not set, starts an embedded
    PostgreSQL with demo accounts. Ctrl-C or SIGTERM stops the service; running requests have 30 seconds to finish.

    \b
    Examples:
      python -m app serve
      python -m app serve --reload                 restart if the code changes
      python -m app serve --port 0                 on a free port, which the first line names
      DATABASE_URL=postgresql://… python -m app serve --host 0.0.0.0 --workers 4
    """
    if reload and workers > 1:
        raise click.UsageError("--reload runs one process: omit --workers")
    settings = read_settings()
    ensure_usable(settings)
    create_context_source(settings)
    ensure_telemetry_installed(settings)
    if settings.admin:
        ensure_installed("ADMIN=true", "admin", "piccolo_admin")
    configure_logs(settings)
    with (
        exit_on_signals(),
        _bind(host, port) as listener,
        _serve_metrics(settings),
        database_url(settings) as url,
    ):
        os.environ["DATABASE_URL"] = url  # Workers read their settings from the environment.
        os.environ["DEMO_ACCOUNTS"] = str(_has_demo_accounts(settings))
        asyncio.run(_prepare(url, settings))
        print_welcome(host, listener.getsockname()[1], settings, show_demo_accounts=_has_demo_accounts(settings))
        _run(listener, workers, settings, reload=reload)


def create_worker_app() -> Starlette:
    """Create the application in a process that does nothing else, so that a shutdown that hangs may end it."""
    from app.application import create_configured_app  # noqa: PLC0415 - the supervisor does not need it

    WORKER.belongs_to_us = True
    return create_configured_app()


async def _prepare(url: str, settings: Settings) -> None:
    for name in await migrate_database(url):
        click.echo(f"Migration applied: {name}")
    if not settings.jwt_jwks_url:
        load_or_create_keys(settings.key_dir)
    if _has_demo_accounts(settings):
        async with open_unit_of_work(url, settings) as database:
            await ensure_demo_accounts(database)


def _has_demo_accounts(settings: Settings) -> bool:
    return settings.database_url is None if settings.demo_accounts is None else settings.demo_accounts


def _run(listener: socket.socket, workers: int, settings: Settings, *, reload: bool) -> None:
    config = uvicorn.Config(
        "app.cli.serve:create_worker_app",
        factory=True,
        http=_http_protocol(settings),
        ws="none",
        workers=workers,
        reload=reload,
        reload_dirs=_SOURCES if reload else None,
        loop="app.server:new_event_loop",
        log_config=None,
        access_log=False,  # The application logs requests with their ids.
        proxy_headers=False,  # The application trusts only TRUSTED_PROXIES.
        server_header=False,
        timeout_graceful_shutdown=_GRACE_PERIOD,
    )
    if reload:
        ChangeReload(config, uvicorn.Server(config).run, [listener]).run()
    elif not (_run_server(config, listener) if workers == 1 else _run_workers(config, listener, settings)):
        raise click.ClickException("the service could not start; see the log above")


def _http_protocol(settings: Settings) -> Any:
    """Return the protocol class with the limits of the settings, or uvicorn's choice if httptools is missing (PyPy)."""
    if find_spec("httptools") is None:
        return "auto"
    from app.http.protocol import LimitedHTTPProtocol  # noqa: PLC0415 - it imports httptools

    return partial(LimitedHTTPProtocol, settings=settings)


def _run_server(config: uvicorn.Config, listener: socket.socket) -> bool:
    """Serve in this process until a signal arrives. Return whether the server could start."""
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    return server.started


def _run_workers(config: uvicorn.Config, listener: socket.socket, settings: Settings) -> bool:
    """Serve in several processes until a signal arrives. Return whether all workers could start.

    A worker that dies is replaced. A worker that cannot start stops all of them.
    """
    supervisor = Supervisor(config, [listener], start_timeout=settings.worker_start_timeout, grace_period=_GRACE_PERIOD)
    supervisor.run()
    WORKER.end_within(SHUTDOWN_TIMEOUT)
    return supervisor.could_start


@contextmanager
def _bind(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a bound socket. A port that is in use is reported before anything else starts."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}: {error.strerror}") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            text = f"cannot listen on {host} port {port}: {error.strerror}; choose another port with --port"
            raise click.ClickException(text) from None
        listener.set_inheritable(True)
        yield listener


@contextmanager
def _serve_metrics(settings: Settings) -> Iterator[None]:
    """Serve the metrics within the block if METRICS_PORT is set."""
    if not settings.metrics_port:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(serve_metrics(settings.metrics_host, settings.metrics_port))
        except OSError as error:
            address = f"METRICS_HOST {settings.metrics_host}, METRICS_PORT {settings.metrics_port}"
            raise click.ClickException(f"cannot listen for metrics on {address}: {error.strerror}") from None
        yield
