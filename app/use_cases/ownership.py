"""Rows as the rules of access look at them."""

from typing import Any, cast
from uuid import UUID

import asyncpg

from app.domain.errors import InterviewNotFound


class OwnedRow:
    """A row of the interview table: its columns by name, its owner as attributes."""

    __slots__ = ("_row",)

    def __init__(self, row: asyncpg.Record) -> None:
        self._row = row

    def __getitem__(self, column: str) -> Any:
        return self._row[column]

    @property
    def employee_id(self) -> UUID:
        """The owner."""
        return cast("UUID", self._row["employee_id"])

    @property
    def organization_id(self) -> UUID:
        """The owner's organization."""
        return cast("UUID", self._row["organization_id"])


def found(row: asyncpg.Record | None) -> OwnedRow:
    """The row, or InterviewNotFound where there is none."""
    if row is None:
        raise InterviewNotFound
    return OwnedRow(row)
