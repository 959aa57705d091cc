"""The composition root: settings in, a Starlette application out. Everything that lives with it is made here."""

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

from app.database.database import Database
from app.database.migrations import expected
from app.database.replica import Replica
from app.domain.errors import DatabaseUnavailable
from app.http.middleware import RequestLog
from app.http.router import Application
from app.http.routes import ROUTES
from app.identity.key_sets import KeySet, LocalKeySet
from app.identity.login_limit import LoginLimit
from app.identity.remote_keys import RemoteKeySet
from app.identity.tokens import TokenVerifier
from app.interviewer.factory import create_interviewer
from app.interviewer.protocol import ClosableInterviewer, Interviewer
from app.logs import configure_logs
from app.optional import ensure_installed
from app.server import stop_when_orphaned
from app.settings import Settings
from app.state import LocalIssuer, Services
from app.telemetry.setup import observing
from app.use_cases.idempotency import delete_expired_results

log = structlog.get_logger(__name__)

_SWEEP_EVERY = 600.0
"""Seconds between two sweeps of forgotten Idempotency-Keys."""


def create_app(settings: Settings | None = None, interviewer: Interviewer | None = None) -> Starlette:
    """The service as an ASGI application; for `uvicorn --factory` too.

    settings: read from the environment where left out. interviewer: the one that the settings name where left out.
    Raises ValueError where DATABASE_URL is not set: only `serve` starts an embedded database; InterviewerUnusable and
    ExtraMissing.
    """
    settings = settings or Settings()
    if not settings.database_url:
        raise ValueError("DATABASE_URL is not set; `python -m app serve` brings a database of its own")
    watched = observing(settings, ROUTES)
    asking = watched.interviewer(interviewer or create_interviewer(settings))
    database = watched.database(settings.database_url, settings)
    replica = Replica(database, watched.database(settings.replica_url, settings)) if settings.replica_url else None
    services = _services(settings, database, replica, asking)
    middleware = [*watched.middleware, *_middleware(settings)]
    app = Application([*ROUTES, *_admin_routes(services)], middleware, _lifespan)
    app.state.services, app.state.observing = services, watched
    return app


def create_configured_app() -> Starlette:
    """The service with its logging set up: what `serve` starts in each worker."""
    settings = Settings()
    configure_logs(settings)
    return create_app(settings)


def _services(settings: Settings, database: Database, replica: Replica | None, interviewer: Interviewer) -> Services:
    issuer: LocalIssuer | None = None
    keys: KeySet
    if settings.jwt_jwks_url:
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
        interviewer=interviewer,
        issuer=issuer,
        expected_migrations=cache(expected),
    )


def _admin_routes(services: Services) -> list[BaseRoute]:
    """The admin pages, where they are wanted; nothing of them is loaded elsewhere. Raises ExtraMissing."""
    if not services.settings.admin:
        return []
    ensure_installed("ADMIN=true", "admin", "piccolo_admin")
    routes: list[BaseRoute] = importlib.import_module("app.admin.mounting").admin_routes(services)
    return routes


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    services: Services = app.state.services
    await services.database.open()
    if services.replica is not None:
        await services.replica.open()
    stop_when_orphaned()
    sweeper = asyncio.create_task(_sweep_forever(services), name="sweeper")
    try:
        yield
    finally:
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        if isinstance(services.interviewer, ClosableInterviewer):
            await services.interviewer.aclose()
        await services.keys.aclose()
        if services.replica is not None:
            await services.replica.close()
        await services.database.close()
        await asyncio.to_thread(app.state.observing.close)


async def _sweep_forever(services: Services) -> None:
    while True:
        await asyncio.sleep(_SWEEP_EVERY)
        try:
            await services.unit_of_work().write(delete_expired_results, services.settings.idempotency_hours)
        except DatabaseUnavailable as error:
            log.warning("sweep_put_off", reason=error.explanation)


def _middleware(settings: Settings) -> list[Middleware]:
    proxies = [str(network) for network in settings.trusted_proxies]
    middleware = [Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)] if proxies else []
    middleware.append(Middleware(RequestLog))
    if settings.cors_origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
            expose_headers=["Idempotent-Replayed", "Retry-After", "X-Request-ID"],
        )
        middleware.append(cors)
    return middleware
