"""Delete interviews that have not changed for a long time, with any status."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.database.statement import sql

FIRST = UUID(int=0)
"""Comes before the ids of all interviews."""

BATCH_SIZE = 1000
"""Number of interviews that one transaction looks at, so that it stays short and locks few rows."""

_PAGE = f"""
    SELECT id_interview, updated_at
    FROM interview
    WHERE id_interview > :after
    ORDER BY id_interview
    LIMIT {BATCH_SIZE}
"""  # noqa: S608 - composed only of constants

COUNT = sql(f"""
    WITH page AS ({_PAGE})
    SELECT (SELECT id_interview FROM page ORDER BY id_interview DESC LIMIT 1) AS last,
           (SELECT count(*) FROM page WHERE updated_at < :before) AS matching
""")  # noqa: S608 - composed only of constants

# The condition is repeated, because an interview may change between the page and its deletion.
DELETE = sql(f"""
    WITH page AS ({_PAGE}), deleted AS (
        DELETE FROM interview
        WHERE id_interview IN (SELECT id_interview FROM page WHERE updated_at < :before) AND updated_at < :before
        RETURNING id_interview
    )
    SELECT (SELECT id_interview FROM page ORDER BY id_interview DESC LIMIT 1) AS last,
           (SELECT count(*) FROM deleted) AS matching
""")  # noqa: S608 - composed only of constants


@dataclass(frozen=True, slots=True)
class Batch:
    """matching: the number of old interviews. last: the id to continue after; None if there are no more interviews."""

    matching: int
    last: UUID | None


async def count_old_interviews(after: UUID, before: datetime) -> Batch:
    """Count the interviews in the batch after an id that last changed before a time."""
    row = await COUNT.one(after=after, before=before)
    return Batch(row["matching"], row["last"])


async def delete_old_interviews(after: UUID, before: datetime) -> Batch:
    """Delete the interviews in the batch after an id that last changed before a time, with all that belongs to them."""
    row = await DELETE.one(after=after, before=before)
    return Batch(row["matching"], row["last"])
