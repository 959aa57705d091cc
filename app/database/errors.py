"""Translate the errors of asyncpg and PostgreSQL: to try again, to respond with 503, or to report a bug of the service.

Sources: PostgreSQL's SQLSTATE classes (appendix A of its manual), and what asyncpg raises if a connection is lost.
These are its own classes, OSError (the server of a unix socket is down), and InternalClientError ("cannot switch
to state …; another operation is in progress") for a statement on a backend that was killed.
"""

from types import TracebackType

import asyncpg
from asyncpg import exceptions as pg

from app.database.leases import AnyConnection, is_dead
from app.domain.errors import DatabaseUnavailable

CONFLICTS = (pg.SerializationError, pg.DeadlockDetectedError, pg.InvalidCachedStatementError)
"""The transaction was rolled back because of another one, and may succeed if it runs again: 40001, 40P01, and a
migration that changed the table of a prepared statement."""

FROM_A_STANDBY = (pg.ReadOnlySQLTransactionError, pg.FeatureNotSupportedError)
"""What a standby answers to the beginning of a transaction that needs the primary."""

_LOST = (
    OSError,
    pg.InternalClientError,
    pg.PostgresConnectionError,  # class 08
    pg.AdminShutdownError,  # 57P01, also from pg_terminate_backend
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
    pg.InsufficientPrivilegeError: "the role of the service lacks a privilege",
    TimeoutError: "the database did not answer in time",
}

_MISCONFIGURED = (
    pg.ClientConfigurationError,
    pg.UndefinedObjectError,  # a parameter that the server does not know
    pg.InvalidParameterValueError,
    pg.CantChangeRuntimeParamError,
)
"""Raised while connecting if the URL has options that the server or asyncpg refuses."""


class MigrationFailed(Exception):
    """The migrations cannot be applied, and the database is unchanged. The message is one line."""


class WrongLoop(RuntimeError):
    """Something that belongs to one event loop was used on another one (requirement 7)."""


class ConnectionLost(DatabaseUnavailable):
    """The connection is lost. If COMMIT was not sent, the transaction had no effect."""


def translate_error(
    error: BaseException, *, connection: AnyConnection | None = None, writes: bool = True
) -> DatabaseUnavailable | None:
    """Return the DatabaseUnavailable that an error means, or None if it is a bug of the service or no database error.

    connection: that raised it; None while connecting. asyncpg raises InterfaceError for a connection that was closed by
    the server, and for wrong use; the state of the connection tells which.
    writes: whether the transaction may write. If not, an error that says "read-only" is a bug of the service.
    """
    if isinstance(error, DatabaseUnavailable):
        return error
    if isinstance(error, pg.ReadOnlySQLTransactionError) and not writes:
        return None
    if connection is None and (translation := _while_connecting(error)) is not None:
        return translation
    if (translation := _while_connected(error)) is not None:
        return translation
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
    why = "no server listens there" if isinstance(error, ConnectionRefusedError) else error.strerror or str(error)
    return ConnectionLost(_LOST_REASON, f"out of reach: {why}")


def _while_connected(error: BaseException) -> DatabaseUnavailable | None:
    for kind, reason in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return DatabaseUnavailable(reason, f"{reason}: {error}" if kind is pg.InsufficientPrivilegeError else "")
    return None


def raise_translation(error: BaseException, *, connection: AnyConnection | None = None, writes: bool = True) -> None:
    """Raise the DatabaseUnavailable that an error means, if it means one. Arguments: as of `translate_error`."""
    translation = translate_error(error, connection=connection, writes=writes)
    if translation is not None and translation is not error:
        raise translation from error


class translate_errors:  # noqa: N801 - a context manager, named as contextlib's are
    """Context manager that raises the translation of an error in its place, and lets other errors pass.

    It is a class because a generator costs four times as much, and every transaction uses it.
    """

    __slots__ = ("_connection", "_writes")

    def __init__(self, connection: AnyConnection | None = None, *, writes: bool = True) -> None:
        self._connection = connection
        self._writes = writes

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            raise_translation(error, connection=self._connection, writes=self._writes)


def is_refusal(error: BaseException) -> bool:
    """Return whether the server refused a statement with this error and keeps the connection: it had no effect.

    40003 (statement completion unknown) does not say so: a COMMIT that gets it may have taken effect.
    """
    if isinstance(error, pg.StatementCompletionUnknownError):
        return False
    return isinstance(error, asyncpg.PostgresError) and getattr(error, "severity_en", None) == "ERROR"
