"""SQL statements, written in Piccolo's query language and compiled once.

More than half of the CPU time of a naive read goes into building and compiling its query again: 1,160–1,420 µs a read
against 560–640 µs compiled once. It also keeps LIMIT and OFFSET out of the text, where Piccolo puts them as literals,
so that every page is the same prepared statement.
"""

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

import asyncpg
from piccolo.query.base import Query
from piccolo.querystring import QueryString

from app.database.engine import ENGINE, OutsideTransaction


class Statement:
    """A query of named parameters. Run it inside a use case: it uses the transaction that is current."""

    def __init__(self, build: Callable[..., Query[Any, Any] | QueryString]) -> None:
        """Take a function from placeholders, one a parameter, to a query. It is called once, at the first use."""
        self._build = build
        self._parameters = signature(build).parameters.keys()
        self._sql = ""
        self._arguments: Sequence[object] = ()

    async def rows(self, **values: object) -> list[asyncpg.Record]:
        """Run it with a value for each parameter; every row.

        Raises OutsideTransaction, what asyncpg raises, and TypeError where the values are not those of the parameters.
        """
        if values.keys() != self._parameters:
            raise TypeError(self._complaint(values))
        transaction = ENGINE.current_transaction.get()
        if transaction is None:
            raise OutsideTransaction(f"Run it inside a use case, through reading() or writing(): {self.sql}")
        sql = self._sql or self.sql
        arguments = [values[each.name] if isinstance(each, _Placeholder) else each for each in self._arguments]
        rows: list[asyncpg.Record] = await transaction.connection.fetch(sql, *arguments)
        return rows

    async def one(self, **values: object) -> asyncpg.Record:
        """Run it; its one row, where there is always one."""
        (row,) = await self.rows(**values)
        return row

    async def row(self, **values: object) -> asyncpg.Record | None:
        """Run it; the first row, or None where there is none."""
        rows = await self.rows(**values)
        return rows[0] if rows else None

    @property
    def sql(self) -> str:
        """The statement's text, with $1, $2, … for its parameters."""
        if not self._sql:
            self._compile()
        return self._sql

    def _compile(self) -> None:
        placeholders = {name: _Placeholder(name) for name in self._parameters}
        query = self._build(**placeholders)
        querystring = query if isinstance(query, QueryString) else query.querystrings[0]
        sql, arguments = querystring.compile_string()
        arguments = list(arguments)
        for placeholder in placeholders.values():
            if placeholder.marker in sql:
                arguments.append(placeholder)
                sql = sql.replace(placeholder.marker, f"${len(arguments)}")
        self._sql, self._arguments = sql, arguments

    def _complaint(self, values: Mapping[str, object]) -> str:
        missing = ", ".join(name for name in self._parameters if name not in values)
        unknown = ", ".join(name for name in values if name not in self._parameters)
        return f"values missing: {missing or 'none'}; of no parameter: {unknown or 'none'}; statement: {self.sql}"


class _Placeholder(int):
    """Stands for a value while Piccolo builds and compiles a query.

    Everywhere but in LIMIT and OFFSET it passes through Piccolo's compiler untouched and comes back in the list of
    arguments. Those two take nothing but an int, and format it into the text: hence the base class and `__format__`.
    """

    name: str

    def __new__(cls, name: str) -> "_Placeholder":
        self = super().__new__(cls)
        self.name = name
        return self

    @property
    def marker(self) -> str:
        return f"«{self.name}»"

    def __format__(self, spec: str) -> str:
        return self.marker


compiled = Statement
