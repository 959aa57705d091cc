"""Apply migrations with Piccolo.

Its machinery takes a quarter of the service's whole import time to load (it brings a code formatter along), so that
nothing imports this module but a migration that is really missing.
"""

import contextlib
import io
from collections.abc import Iterator

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.engine.postgres import PostgresTransaction

from app.database.engine import ENGINE
from app.database.failures import MigrationFailed, translated


async def apply_missing(connection: asyncpg.Connection) -> None:
    """Apply and note whatever is missing, in the transaction that is open on `connection`. Raises MigrationFailed."""
    with piccolo_on(connection):
        await _run_missing(connection)


@contextlib.contextmanager
def piccolo_on(connection: asyncpg.Connection) -> Iterator[None]:
    """Let Piccolo run everything on this connection, in the transaction that is open on it."""
    transaction = PostgresTransaction(ENGINE)
    transaction.connection = connection
    token = ENGINE.current_transaction.set(transaction)
    try:
        yield
    finally:
        ENGINE.current_transaction.reset(token)


async def _run_missing(connection: asyncpg.Connection) -> None:
    progress = io.StringIO()  # Piccolo prints as it goes
    try:
        with contextlib.redirect_stdout(progress):
            result = await run_forwards(app_name="all")
    except asyncpg.PostgresError as error:
        if translated(error, connection=connection) is not None:
            raise
        raise MigrationFailed(str(error)) from error
    if not result.success:
        raise MigrationFailed(result.message or progress.getvalue().strip().replace("\n", " "))
