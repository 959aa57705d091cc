"""Apply migrations with Piccolo.

Piccolo's migration commands take a quarter of the service's import time, because they import a code formatter. So
`migrations` imports this module only if a migration is missing.
"""

import contextlib
import io
from collections.abc import Iterator

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.errors import MigrationFailed, translate_error


async def apply_missing(connection: asyncpg.Connection) -> None:
    """Apply and record the missing migrations, in the transaction open on `connection`. Raises MigrationFailed."""
    with run_piccolo_on(connection):
        await _apply_missing(connection)


@contextlib.contextmanager
def run_piccolo_on(connection: asyncpg.Connection) -> Iterator[None]:
    """Context manager in which Piccolo runs everything on this connection, in the transaction open on it."""
    transaction = PostgresTransaction(ENGINE)
    transaction.connection = connection
    token = ENGINE.current_transaction.set(transaction)
    try:
        yield
    finally:
        ENGINE.current_transaction.reset(token)


async def _apply_missing(connection: asyncpg.Connection) -> None:
    progress = io.StringIO()  # Piccolo prints its progress
    try:
        with contextlib.redirect_stdout(progress):
            result = await run_forwards(app_name="all")
    except asyncpg.PostgresError as error:
        if translate_error(error, connection=connection) is not None:
            raise
        raise MigrationFailed(str(error)) from error
    if not result.success:
        raise MigrationFailed(result.message or progress.getvalue().strip().replace("\n", " "))
