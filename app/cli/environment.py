"""The environment of a command: its settings, its database, its unit of work, and a progress display."""

import importlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pydantic import ValidationError

from app.database import migrations
from app.database.database import Database
from app.database.unit_of_work import UnitOfWork
from app.database_url import parse_hosts
from app.embedded_postgres import EmbeddedPostgres, EmbeddedUnavailable, Watchdog, find_data_dir
from app.identity import demo_accounts
from app.identity.passwords import hash_password
from app.server import SHUTDOWN_TIMEOUT, WORKER
from app.settings import CREDENTIALS_DIRECTORY, Settings
from app.use_cases.accounts import AccountExists, NewAccount, add_account, find_account

_SECRET = {"database_url", "context_url", "replica_url", "llm_base_url", "llm_api_key"}


class WrongSettings(Exception):
    """A setting is invalid. The message is one line: the setting and the expected value."""


def read_settings() -> Settings:
    """Return the settings of the environment. Raises WrongSettings."""
    if CREDENTIALS_DIRECTORY and not Path(CREDENTIALS_DIRECTORY).is_dir():
        raise WrongSettings(f"CREDENTIALS_DIRECTORY is {CREDENTIALS_DIRECTORY!r}: expected an existing folder")
    try:
        return Settings()
    except ValidationError as error:
        faults = dict(_describe_fault(dict(fault)) for fault in reversed(error.errors()))
        raise WrongSettings("; ".join(f"{name}{text}" for name, text in faults.items())) from None


def describe_database(settings: Settings) -> str:
    """Return a description of the database without its password."""
    if not settings.database_url:
        return f"the embedded PostgreSQL in {find_embedded_data(settings)}"
    name = urlsplit(settings.database_url).path.removeprefix("/")
    return f"{name or 'the database'} on {', '.join(map(str, parse_hosts(settings.database_url)))}"


def find_embedded_data(settings: Settings) -> Path:
    """Return the data folder of the embedded PostgreSQL, or the state folder if there is no database yet."""
    try:
        data = find_data_dir(settings.state_dir)
    except EmbeddedUnavailable:
        data = None
    return data or settings.state_dir.resolve()


def _describe_fault(fault: dict[str, object]) -> tuple[str, str]:
    """Return the variable and its fault. A union type has one fault per member, of which the caller keeps one."""
    location = fault["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else "environment"
    value = "" if name in _SECRET else f" is {fault['input']!r}"
    return name.upper(), f"{value}: {str(fault['msg']).removeprefix('Value error, ')}"


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Yield DATABASE_URL, or the URL of the embedded PostgreSQL, which runs at least until the block ends.

    Raises EmbeddedUnavailable.
    """
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.state_dir)
    try:
        with show_progress("Starting the embedded PostgreSQL"):
            url = server.start()
        with Watchdog(server):
            yield url
    finally:
        server.stop()


@contextmanager
def exit_on_signals(status: int = 0) -> Iterator[None]:
    """Leave the block and exit on SIGTERM and SIGINT, so that everything is closed. status: the exit status.

    uvicorn raises the signal again after it has stopped. Without a handler, SIGTERM would then end the process before
    the embedded database is stopped. Further signals during the stop are ignored. The stop ends after SHUTDOWN_TIMEOUT
    seconds even if something waits for a server that has gone silent.
    """

    def exit_(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature of a signal handler
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        WORKER.end_within(SHUTDOWN_TIMEOUT, status)
        raise SystemExit(WORKER.exit_status or status)

    signal.signal(signal.SIGTERM, exit_)
    WORKER.belongs_to_us = True
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(status) from None
    finally:
        WORKER.belongs_to_us = False
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


async def migrate_database(url: str) -> list[str]:
    """Apply the missing migrations and return their names. Raises MigrationFailed and DatabaseUnavailable."""
    with show_progress("Bringing the database up to date"):
        return await migrations.migrate(url)


@asynccontextmanager
async def open_unit_of_work(url: str, settings: Settings) -> AsyncIterator[UnitOfWork]:
    """Yield a unit of work on a connection pool that is closed after the block."""
    database = Database(url, settings)
    await database.open()
    try:
        yield UnitOfWork(database)
    finally:
        await database.close()


async def ensure_demo_accounts(unit_of_work: UnitOfWork) -> None:
    """Add the demo accounts that do not exist yet."""
    for account in (demo_accounts.ADMIN, demo_accounts.USER):
        if not await unit_of_work.read(find_account, account.email):
            await _add_demo_account(unit_of_work, account)


async def _add_demo_account(unit_of_work: UnitOfWork, account: demo_accounts.DemoAccount) -> None:
    new = NewAccount(
        email=account.email,
        password=await hash_password(account.password),
        role=account.role,
        name=account.name,
        employee_id=account.employee_id,
        organization_id=demo_accounts.ORGANIZATION_ID,
        organization_name=demo_accounts.ORGANIZATION_NAME,
    )
    try:
        await unit_of_work.write(add_account, new)
    except AccountExists:
        return  # Another process that started at the same time has added it.


def show_progress(activity: str) -> AbstractContextManager[Any]:
    """Show the activity and a spinner on standard error within the block, but only on a terminal.

    The spinner's library is imported only if it is shown.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext()
    spinner: AbstractContextManager[Any] = importlib.import_module("yaspin").yaspin(
        text=f"{activity} …", stream=sys.stderr
    )
    return spinner
