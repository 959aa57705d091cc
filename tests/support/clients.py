"""Clients of an application in the same process. They check every response against the contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette

from app.application import create_app
from app.interviewer.protocol import Interviewer
from app.settings import Settings
from tests.support.contract import check_response


def create_client(app: Starlette) -> httpx2.AsyncClient:
    """Return a client of an application whose lifespan has started. An unexpected error is a 500, not an exception."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://interviews/api/v1",
        event_hooks={"response": [_check_contract]},
    )


@asynccontextmanager
async def open_client(
    settings: Settings, interviewer: Interviewer | None = None, **changes: object
) -> AsyncIterator[httpx2.AsyncClient]:
    """Start a new application with `changes` to the settings, and provide a client of it."""
    app = create_app(settings.model_copy(update=changes), interviewer)
    async with app.router.lifespan_context(app), create_client(app) as client:
        yield client


async def _check_contract(response: httpx2.Response) -> None:
    await response.aread()
    check_response(response)
