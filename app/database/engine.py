"""Piccolo's engine without two surprises: no connection at import, and no connection outside a transaction.

Piccolo's own engine connects while it is built, to read the server's version, and opens a new connection for each query
that finds neither a transaction nor a pool. Both are fine for a script and wrong for a service.
"""

from typing import Any

from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from app.database.dialect import asyncpg_url, dialect_of
from app.database.places import find_place, find_run_sync
from app.settings import database_url_at_start


class OutsideTransaction(RuntimeError):
    """A query ran outside UnitOfWork.read and write while the service is up."""


class InterviewEngine(PostgresEngine):
    """The only engine of the process. Tables find it through piccolo_conf.

    It has no pool: a Database has one, and each RequestTransaction brings its own connection. Between `arm` and
    `disarm`, every other way to the database raises OutsideTransaction. Before and after, migrations and scripts use it
    as any PostgresEngine, with `config["dsn"]`.
    """

    __slots__ = ("_armed", "_transaction")

    def __init__(self, url: str | None) -> None:
        """url: of the database, for Piccolo's command line and to choose the dialect; None if it is not known yet."""
        self._armed = 0
        super().__init__(config={"dsn": url and asyncpg_url(url)})
        dialect = dialect_of(url)
        self.engine_type = dialect.engine
        self._transaction = dialect.transaction

    def arm(self) -> None:
        """Reject statements outside a RequestTransaction until `disarm`. Each call needs its own `disarm`."""
        self._armed += 1

    def disarm(self) -> None:
        """Undo one `arm`."""
        self._armed -= 1

    async def check_version(self) -> None:
        """Do nothing: `doctor` and the migrations check the version."""

    async def prep_database(self) -> None:
        """Do nothing: the tables need no extension."""

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Run a query in the current transaction. Raises OutsideTransaction."""
        self._require_transaction(querystring)
        return await super().run_querystring(querystring, in_pool=in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Run a DDL statement in the current transaction. Raises OutsideTransaction."""
        self._require_transaction(ddl)
        return await super().run_ddl(ddl, in_pool=in_pool)

    async def get_new_connection(self) -> Any:
        """Open a connection, as Piccolo's batches do even inside a transaction. Raises OutsideTransaction."""
        self._require_unarmed("a connection of its own")
        return await super().get_new_connection()

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """Open Piccolo's own pool. Raises OutsideTransaction."""
        self._require_unarmed("a pool")
        await super().start_connection_pool(**kwargs)

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Return Piccolo's own transaction, which leaks its connection if COMMIT fails: only for migrations."""
        self._require_unarmed("a transaction")
        return self._transaction(self, allow_nested=allow_nested)

    def _require_unarmed(self, what: str) -> None:
        if self._armed:
            raise OutsideTransaction(f"While the service is up, only Database and UnitOfWork open {what}.")

    def _require_transaction(self, what: object) -> None:
        if self._armed and self.current_transaction.get() is None:
            raise outside_transaction(what)


def outside_transaction(what: object) -> OutsideTransaction:
    """Return the error for a statement outside a transaction, with its place and its fix."""
    place = find_run_sync()
    if place is not None:
        return OutsideTransaction(
            f"{place} calls run_sync, which runs the statement outside the transaction on an event loop of its own. "
            f"Await the query instead: {what}"
        )
    return OutsideTransaction(
        f"{find_place()} runs a statement outside a transaction. Run it in a use case, through UnitOfWork.read or "
        f"write: {what}"
    )


ENGINE = InterviewEngine(database_url_at_start())
"""Piccolo's columns ask it for their types while modules load, so it is built before any setting is validated."""
