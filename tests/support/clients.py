"""Clients of an application in the same process. Every answer that they get is held to the contract."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette

from app.application import create_app
from app.interviewer.protocol import Interviewer
from app.settings import Settings
from tests.support.contract import check_response


def client_of(app: Starlette) -> httpx2.AsyncClient:
    """A client of an application whose lifespan is entered; answers of 500 come as answers."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://interviews/api/v1",
        event_hooks={"response": [_check]},
    )


@asynccontextmanager
async def another_app(
    settings: Settings, interviewer: Interviewer | None = None, **changes: object
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application of its own, with `changes` to the settings."""
    app = create_app(settings.model_copy(update=changes), interviewer)
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def _check(response: httpx2.Response) -> None:
    await response.aread()
    check_response(response)
