"""Create the application and everything that lives as long as it does."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.context.factory import create_context_source
from app.database.database import Database
from app.database.migrations import expected
from app.database.replica import Replica
from app.database.unit_of_work import UnitOfWork
from app.domain.errors import DatabaseUnavailable
from app.http.middleware import ConcurrencyLimit, RequestLog
from app.http.router import Application
from app.http.routes import ROUTES
from app.identity.key_sets import KeySet, LocalKeySet
from app.identity.login_limit import LoginLimit
from app.identity.tokens import TokenVerifier
from app.interviewer.factory import create_interviewer
from app.interviewer.health import InterviewerHealth
from app.interviewer.library import GuideLibrary
from app.interviewer.protocol import ClosableInterviewer, ExtractingInterviewer, Interviewer
from app.logs import configure_logs
from app.optional import ensure_installed
from app.outcome.extracted import ExtractedOutcomes
from app.server import SHUTDOWN_TIMEOUT, WORKER, OpenFilesWatch, stop_when_orphaned
from app.settings import Settings
from app.state import LocalIssuer, Services
from app.telemetry.setup import create_telemetry
from app.use_cases.idempotency import delete_expired_results

log = structlog.get_logger(__name__)

_CORS_HEADERS = ["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"]

_SWEEP_INTERVAL = 600.0
"""Seconds between two deletions of expired Idempotency-Keys."""


def create_app(settings: Settings | None = None, interviewer: Interviewer | None = None) -> Starlette:
    """Create the service as an ASGI application. Works with `uvicorn --factory`.

    settings: from the environment by default. interviewer: the one in the settings by default.

    Raises ValueError if DATABASE_URL is not set, because only `serve` starts the embedded database, and
    InterviewerUnusable, InvalidGuide, InvalidContext and ExtraMissing.
    """
    settings = settings or Settings()
    if not settings.database_url:
        raise ValueError(
            "DATABASE_URL is not set; set it, or run `python -m app serve`, which starts an embedded database"
        )
    telemetry = create_telemetry(settings, ROUTES)
    guides = GuideLibrary(settings.guide_dir)
    interviewer = interviewer or create_interviewer(settings, guides)
    outcomes = None
    if isinstance(interviewer, ExtractingInterviewer):
        outcomes = ExtractedOutcomes(interviewer, timeout=settings.interviewer_timeout)
    interviewer = telemetry.interviewer(interviewer)
    database = telemetry.database(settings.database_url, settings)
    replica = Replica(database, telemetry.database(settings.replica_url, settings)) if settings.replica_url else None
    services = _create_services(settings, database, replica, guides, interviewer, outcomes)
    middleware = [*telemetry.middleware, *_create_middleware(settings)]
    app = Application([*ROUTES, *_admin_routes(services)], middleware, _lifespan)
    app.state.services, app.state.telemetry = services, telemetry
    return app


def create_configured_app() -> Starlette:
    """Configure logging and create the service, for an ASGI server."""
    settings = Settings()
    configure_logs(settings)
    return create_app(settings)


def _create_services(
    settings: Settings,
    database: Database,
    replica: Replica | None,
    guides: GuideLibrary,
    interviewer: Interviewer,
    outcomes: ExtractedOutcomes | None,
) -> Services:
    issuer: LocalIssuer | None = None
    keys: KeySet
    if settings.jwt_jwks_url:
        from app.identity.remote_keys import RemoteKeySet  # noqa: PLC0415 - imports an HTTP client

        keys = RemoteKeySet(settings.jwt_jwks_url, timeout=settings.jwks_timeout, max_age=settings.jwks_max_age)
    else:
        keys = own_keys = LocalKeySet(settings.key_dir)
        issuer = LocalIssuer(own_keys, LoginLimit(settings))
    return Services(
        settings=settings,
        database=database,
        replica=replica,
        keys=keys,
        verifier=TokenVerifier(keys, settings),
        context=create_context_source(settings),
        guides=guides,
        interviewer=interviewer,
        interviewer_health=None if settings.interviewer == "scripted" else InterviewerHealth(),
        outcomes=outcomes,
        issuer=issuer,
        expected_migrations=cache(expected),
    )


def _admin_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the admin pages if ADMIN is true. Otherwise do not import them. Raises ExtraMissing."""
    if not services.settings.admin:
        return []
    ensure_installed("ADMIN=true", "admin", "piccolo_admin")
    routes: list[BaseRoute] = importlib.import_module("app.admin.mount").admin_routes(services)
    return routes


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    services: Services = app.state.services
    await services.database.open()
    if services.replica is not None:
        await services.replica.open()
    stop_when_orphaned()
    open_files = OpenFilesWatch()
    open_files.start()
    sweeper = asyncio.create_task(_sweep_periodically(services), name="sweeper")
    try:
        yield
    finally:
        WORKER.end_within(SHUTDOWN_TIMEOUT)
        open_files.stop()
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        if services.outcomes is not None:
            await services.outcomes.aclose()
        if isinstance(services.interviewer, ClosableInterviewer):
            await services.interviewer.aclose()
        if services.context is not None:
            await services.context.aclose()
        await services.keys.aclose()
        if services.replica is not None:
            await services.replica.close()
        await services.database.close()
        await asyncio.to_thread(app.state.telemetry.close)


async def _sweep_periodically(services: Services) -> None:
    """Delete expired Idempotency-Keys until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_INTERVAL)
        try:
            await UnitOfWork(services.database).write(delete_expired_results, services.settings.idempotency_hours)
        except DatabaseUnavailable as error:
            log.warning("sweep_failed", reason=error.explanation)


def _create_middleware(settings: Settings) -> list[Middleware]:
    proxies = [str(network) for network in settings.trusted_proxies]
    middleware = [Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []
    middleware.append(Middleware(RequestLog))
    if settings.cors_origins:
        # A wildcard origin never goes together with credentials: any page could then act in the user's name.
        any_origin = "*" in settings.cors_origins
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=_CORS_HEADERS if any_origin else ["*"],
            allow_credentials=not any_origin,
            expose_headers=["Idempotent-Replayed", "Retry-After", "X-Request-ID"],
        )
        middleware.append(cors)
    middleware.append(Middleware(ConcurrencyLimit, limit=settings.max_concurrent_requests))
    return middleware
