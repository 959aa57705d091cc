"""What a failure of the database means: try again, answer 503, or a fault of our own.

The sources are PostgreSQL's SQLSTATE classes (appendix A of its manual) and what asyncpg raises when a connection is
gone: besides its own classes also OSError (a unix socket whose server is down), and InternalClientError
("cannot switch to state …; another operation is in progress") for a statement on a backend that was killed.
"""

from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

import asyncpg
from asyncpg import exceptions as pg
from asyncpg.pool import PoolConnectionProxy

from app.domain.errors import DatabaseUnavailable

if TYPE_CHECKING:
    PooledConnection: TypeAlias = PoolConnectionProxy[asyncpg.Record]
    _AnyConnection: TypeAlias = PooledConnection | asyncpg.Connection[asyncpg.Record]
else:  # generic in its stubs only
    PooledConnection = PoolConnectionProxy
    _AnyConnection = PoolConnectionProxy | asyncpg.Connection

CONFLICTS = (pg.SerializationError, pg.DeadlockDetectedError, pg.InvalidCachedStatementError)
"""The transaction was rolled back because of another one, and the same again may well succeed: 40001, 40P01, and a
migration that changed a table under a prepared statement."""

_LOST = (
    OSError,
    pg.InternalClientError,
    pg.PostgresConnectionError,  # class 08
    pg.AdminShutdownError,  # 57P01, also what pg_terminate_backend says
    pg.CrashShutdownError,
    pg.CannotConnectNowError,
    pg.IdleInTransactionSessionTimeoutError,
    pg.IdleSessionTimeoutError,
)

_LOST_REASON = "the connection to the database was lost"

_REFUSES_US = "the database refuses our name, password or database"

_UNAVAILABLE: dict[type[BaseException], str] = {
    pg.QueryCanceledError: "a statement took too long",
    pg.LockNotAvailableError: "a row stayed locked too long",
    pg.TooManyConnectionsError: "the database takes no more connections",
    pg.InsufficientResourcesError: "the database is out of resources",
    pg.ReadOnlySQLTransactionError: "the database is read-only",
    pg.InvalidAuthorizationSpecificationError: _REFUSES_US,
    pg.InvalidCatalogNameError: _REFUSES_US,
    TimeoutError: "the database did not answer in time",
}

_MISCONFIGURED = (
    pg.ClientConfigurationError,
    pg.UndefinedObjectError,  # a parameter that the server does not know
    pg.InvalidParameterValueError,
    pg.CantChangeRuntimeParamError,
)
"""What comes of a URL that says more than address, name and database, when a connection is made."""


class MigrationFailed(Exception):
    """The database cannot be brought up to date, and is as it was; says why in one line."""


class ConnectionLost(DatabaseUnavailable):
    """The connection is gone. Before COMMIT was sent that means: nothing happened."""


def translated(
    error: BaseException, *, connection: _AnyConnection | None = None, writes: bool = True
) -> DatabaseUnavailable | None:
    """The error that a failure of the database amounts to, or None where it is a fault of our own (or none at all).

    connection: where the failure happened, None where it is being made; asyncpg raises a bare InterfaceError for a
    connection that was closed under it, and the same class for wrong use, so that the connection's state decides.
    writes: whether the transaction may write; if not, being told that it is read-only is a fault of our own.
    """
    if isinstance(error, DatabaseUnavailable):
        return error
    if isinstance(error, pg.ReadOnlySQLTransactionError) and not writes:
        return None
    if connection is None and (meant := _while_connecting(error)) is not None:
        return meant
    for kind, reason in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return DatabaseUnavailable(reason)
    if isinstance(error, _LOST):
        return ConnectionLost(_LOST_REASON)
    if isinstance(error, pg.InterfaceError) and not isinstance(error, pg.DataError) and is_dead(connection):
        return ConnectionLost(_LOST_REASON)
    return None


def _while_connecting(error: BaseException) -> DatabaseUnavailable | None:
    if isinstance(error, _MISCONFIGURED):
        return DatabaseUnavailable("the database refuses our connection", f"its URL cannot be used: {error}")
    if not isinstance(error, OSError) or isinstance(error, TimeoutError):
        return None
    why = "nobody listens there" if isinstance(error, ConnectionRefusedError) else error.strerror or str(error)
    return ConnectionLost(_LOST_REASON, f"out of reach: {why}")


class translating:  # noqa: N801 - reads as a verb, as contextlib's own do
    """Let what a failure of the database amounts to be raised in its place; everything else passes.

    A class, for a generator as context manager costs four times as much, and every transaction passes here.
    """

    __slots__ = ("_connection", "_writes")

    def __init__(self, connection: _AnyConnection | None = None, *, writes: bool = True) -> None:
        self._connection = connection
        self._writes = writes

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            return
        meant = translated(error, connection=self._connection, writes=self._writes)
        if meant is not None and meant is not error:
            raise meant from error


def is_answer(error: BaseException) -> bool:
    """Whether the database itself refused a statement with it and goes on: what was refused had no effect.

    That much is not said by 40003, with which CockroachDB answers a COMMIT that may have taken effect or not.
    """
    if isinstance(error, pg.StatementCompletionUnknownError):
        return False
    return isinstance(error, asyncpg.PostgresError) and getattr(error, "severity_en", None) == "ERROR"


def is_dead(connection: _AnyConnection | None) -> bool:
    """Whether nothing can be sent on a connection any more. Without a connection: yes."""
    if connection is None:
        return True
    try:
        return connection.is_closed()
    except pg.InterfaceError:  # the pool has dropped it, and every attribute says so
        return True
