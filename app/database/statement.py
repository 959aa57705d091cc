"""SQL statements with named parameters, compiled once while their module is imported.

`query` takes one of Piccolo's own queries, `sql` takes text. Compiling once matters: building and compiling a Piccolo
query again for each request costs more than half the CPU time of a simple read. README.md says when to use which.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from textwrap import dedent
from typing import Any

import asyncpg
from piccolo.query.base import Query
from piccolo.table import Table

from app.database.engine import ENGINE, outside_transaction
from app.database.parameters import StatementError, number_parameters


class Statement:
    """A compiled statement. Run it inside a use case: it uses the current transaction.

    sql: the text, with $1, $2, … for its arguments. parameters: the names of the values to pass.

    Each method takes one value for each parameter, by name. It raises TypeError if a value is missing or belongs to no
    parameter, OutsideTransaction if there is no transaction, and the errors of asyncpg.
    """

    __slots__ = ("_arguments", "_constants", "parameters", "sql")

    def __init__(self, sql: str, arguments: Sequence[str], constants: Mapping[str, object] | None = None) -> None:
        """arguments: the names that $1, $2, … stand for. constants: the values of those that are always the same."""
        self.sql = sql
        self._arguments = tuple(arguments)
        self._constants = dict(constants or {})
        self.parameters = frozenset(arguments).difference(self._constants)

    async def all(self, **values: object) -> list[asyncpg.Record]:
        """Run the statement and return every row."""
        if values.keys() != self.parameters:
            raise TypeError(self._describe_mismatch(values))
        transaction = ENGINE.current_transaction.get()
        if transaction is None:
            raise outside_transaction(self.sql)
        values.update(self._constants)
        arguments = [values[name] for name in self._arguments]
        rows: list[asyncpg.Record] = await transaction.connection.fetch(self.sql, *arguments)
        return rows

    async def first(self, **values: object) -> asyncpg.Record | None:
        """Run the statement and return its first row, or None if it has no rows."""
        rows = await self.all(**values)
        return rows[0] if rows else None

    async def one(self, **values: object) -> asyncpg.Record:
        """Run a statement that always has exactly one row, and return that row."""
        (row,) = await self.all(**values)
        return row

    async def execute(self, **values: object) -> None:
        """Run a statement whose rows do not matter."""
        await self.all(**values)

    def _describe_mismatch(self, values: Mapping[str, object]) -> str:
        missing = ", ".join(sorted(self.parameters - values.keys()))
        unknown = ", ".join(sorted(values.keys() - self.parameters))
        return f"missing values: {missing or 'none'}; unknown values: {unknown or 'none'}; statement: {self.sql}"


def sql(text: str) -> Statement:
    """Compile SQL text in which `:name` stands for a value.

    Compose the text of constants only. Cast a parameter (`:status::text`) if PostgreSQL cannot infer its type.
    Raises StatementError.
    """
    numbered = number_parameters(dedent(text).strip())
    return Statement(numbered.sql, numbered.names)


def query(build: Callable[..., Query[Any, Any]]) -> Statement:
    """Compile a Piccolo query. `build` takes the parameters, by name, and returns the query.

    LIMIT and OFFSET cannot be parameters: Piccolo writes them into the text, and so needs integers.
    Raises StatementError if the query does not use a parameter.
    """
    parameters = [_Parameter(name) for name in signature(build).parameters]
    built = build(**{each.name: each for each in parameters})
    _use_engine(built.table)
    (querystring,) = built.querystrings
    text, values = querystring.compile_string()
    arguments = [value.name if isinstance(value, _Parameter) else f"${at}" for at, value in enumerate(values, 1)]
    constants = {f"${at}": value for at, value in enumerate(values, 1) if not isinstance(value, _Parameter)}
    unused = [each.name for each in parameters if each.name not in arguments]
    if unused:
        raise StatementError(f"the query does not use {', '.join(unused)}: {text}")
    return Statement(text, arguments, constants)


def _use_engine(table: type[Table]) -> None:
    """Give a table, and the tables that it references, our engine. Piccolo would search for it and import black."""
    meta = table._meta  # noqa: SLF001 - Piccolo has no public setter
    meta.db = ENGINE
    for column in meta.foreign_key_columns:
        column._foreign_key_meta.resolved_references._meta.db = ENGINE  # noqa: SLF001


class _Parameter:
    """Stands for a value while Piccolo compiles a query, and comes back in the list of arguments."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
