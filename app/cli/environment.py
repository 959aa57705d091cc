"""What commands work in: the settings, a database (an embedded one where none is named), and its transactions."""

import importlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from app.database import migrations
from app.database.database import Database
from app.database.unit_of_work import UnitOfWork
from app.embedded_postgres import EmbeddedPostgres, Watchdog
from app.settings import CREDENTIALS_DIRECTORY, Settings

_SECRET = {"database_url", "replica_url", "llm_base_url", "llm_api_key"}


class WrongSettings(Exception):
    """A setting that cannot be used; says in one line which, and what is expected."""


def read_settings() -> Settings:
    """The settings of the environment. Raises WrongSettings."""
    if CREDENTIALS_DIRECTORY and not Path(CREDENTIALS_DIRECTORY).is_dir():
        raise WrongSettings(f"CREDENTIALS_DIRECTORY is {CREDENTIALS_DIRECTORY!r}: a folder that is there is expected")
    try:
        return Settings()
    except ValidationError as error:
        complaints = dict(_complaint(dict(fault)) for fault in reversed(error.errors()))
        raise WrongSettings("; ".join(f"{name}{text}" for name, text in complaints.items())) from None


def database_place(settings: Settings) -> str:
    """Where the database is, in words that hold no password."""
    if not settings.database_url:
        return f"the embedded PostgreSQL in {settings.state_dir}"
    parts = urlsplit(settings.database_url)
    host = parts.hostname or dict(parse_qsl(parts.query)).get("host", "localhost")
    return f"{parts.path.removeprefix('/') or 'the database'} on {host}{f' port {parts.port}' if parts.port else ''}"


def _complaint(fault: dict[str, object]) -> tuple[str, str]:
    """The variable, and what is wrong with it. A setting may have several forms, each with a complaint: one will do."""
    place = fault["loc"]
    name = str(place[0]) if isinstance(place, tuple) and place else "environment"
    value = "" if name in _SECRET else f" is {fault['input']!r}"
    return name.upper(), f"{value}: {fault['msg']}"


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL; or that of the embedded PostgreSQL, which runs as long as somebody uses it.

    Raises EmbeddedUnavailable.
    """
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.state_dir)
    try:
        with under_way("Starting the embedded PostgreSQL"):
            url = server.start()
        with Watchdog(server):
            yield url
    finally:
        server.stop()


async def migrated(url: str) -> list[str]:
    """Bring the database up to date; the names of what was applied. Raises MigrationFailed and DatabaseUnavailable."""
    with under_way("Bringing the database up to date"):
        return await migrations.migrate(url)


@asynccontextmanager
async def open_unit_of_work(url: str, settings: Settings) -> AsyncIterator[UnitOfWork]:
    """Transactions on a database of their own, for the length of one command."""
    database = Database(url, settings)
    await database.open()
    try:
        yield UnitOfWork(database)
    finally:
        await database.close()


def under_way(what: str) -> AbstractContextManager[Any]:
    """Say on standard error what is under way, with a spinner, until the block is left; only on a terminal.

    What draws it is loaded only where somebody watches.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext()
    spinner: AbstractContextManager[Any] = importlib.import_module("yaspin").yaspin(text=f"{what} …", stream=sys.stderr)
    return spinner
