"""Piccolo's engine, without its surprises: no connection at import, none outside a transaction once it is armed.

Piccolo as it comes connects while the engine is built (to read the version), and opens a new connection for every
query that finds neither transaction nor pool. Both are right for a script and wrong for a service.
"""

from typing import Any

from piccolo.engine.cockroach import CockroachEngine, CockroachTransaction
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from app.database.dialect import COCKROACHDB, dialect_of, dsn_of
from app.settings import database_url_at_start


class OutsideTransaction(RuntimeError):
    """A query was run outside `reading` and `writing` while the service is up."""


class InterviewEngine(PostgresEngine):
    """The one engine of the process; tables find it through piccolo_conf.

    It holds no pool: a `Database` does, and every RequestTransaction brings its own connection. Between `arm` and
    `disarm` anything that would reach the database in another way raises OutsideTransaction; before and after,
    migrations and scripts use it as any PostgresEngine, on `config["dsn"]`.
    """

    __slots__ = ("_armed",)

    def __init__(self, url: str | None) -> None:
        """url: of the database, so that Piccolo's own command line works too; None where there is none yet."""
        self._armed = 0
        super().__init__(config={"dsn": url and dsn_of(url)})

    def arm(self) -> None:
        """Refuse from now on whatever runs outside a transaction of ours. Counted: each needs its `disarm`."""
        self._armed += 1

    def disarm(self) -> None:
        """Take one `arm` back."""
        self._armed -= 1

    async def check_version(self) -> None:
        """Ask nothing while being built; `doctor` and the migrations look at the version."""

    async def prep_database(self) -> None:
        """Create no extension: none is needed."""

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Run a query in the current transaction. Raises OutsideTransaction where there is none and we are armed."""
        self._require_transaction(querystring)
        return await super().run_querystring(querystring, in_pool=in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Run a DDL statement in the current transaction. Raises OutsideTransaction as run_querystring does."""
        self._require_transaction(ddl)
        return await super().run_ddl(ddl, in_pool=in_pool)

    async def get_new_connection(self) -> Any:
        """Open a connection of its own, as batches do, inside a transaction too. Raises OutsideTransaction."""
        self._require_unarmed("a connection of its own")
        return await super().get_new_connection()

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """Piccolo's own pool. Raises OutsideTransaction."""
        self._require_unarmed("a pool")
        await super().start_connection_pool(**kwargs)

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:  # noqa: FBT001, FBT002 - Piccolo's signature
        """Piccolo's own transaction, which leaks its connection when COMMIT fails: for migrations alone."""
        self._require_unarmed("a transaction")
        return super().transaction(allow_nested)

    def _require_unarmed(self, what: str) -> None:
        if self._armed:
            raise OutsideTransaction(f"While the service is up, Database and UnitOfWork alone open {what}.")

    def _require_transaction(self, what: object) -> None:
        if self._armed and self.current_transaction.get() is None:
            raise OutsideTransaction(f"Run it inside a use case, through UnitOfWork.read or write: {what}")


class InterviewCockroachEngine(InterviewEngine, CockroachEngine):
    """The same on CockroachDB: Piccolo's columns take the types that it has there."""

    def transaction(self, allow_nested: bool = True) -> CockroachTransaction:  # noqa: FBT001, FBT002 - Piccolo's signature
        """As InterviewEngine's."""
        self._require_unarmed("a transaction")
        return CockroachEngine.transaction(self, allow_nested)


def engine_of(url: str | None) -> InterviewEngine:
    """The engine that suits the database of a URL."""
    return InterviewCockroachEngine(url) if dialect_of(url) is COCKROACHDB else InterviewEngine(url)


ENGINE = engine_of(database_url_at_start())
"""Piccolo's columns ask it for their types while modules load, so that it is chosen before any setting is checked."""
