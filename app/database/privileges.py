"""The privileges that the role of the service needs, and one statement that finds those that are missing."""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg

from app.database.statement import sql

PRIVILEGES = {
    "migration": "SELECT",
    "interview": "SELECT INSERT UPDATE DELETE",
    "interview_message": "SELECT INSERT",
    "idempotency_record": "SELECT INSERT UPDATE DELETE",
    "piccolo_user": "SELECT INSERT UPDATE DELETE",
    "account": "SELECT INSERT UPDATE",
    "admin_session": "SELECT INSERT DELETE",
}
"""The privileges on each table. Rows that a foreign key deletes need none. The tests compare all statements."""

_OF_ACCOUNTS = frozenset({"piccolo_user", "account", "admin_session"})

_ROWS = ", ".join(f"('{table}', '{each}')" for table, privileges in PRIVILEGES.items() for each in privileges.split())

# to_regclass does not see a table in a schema that the role may not use, so the schema is looked up in pg_class.
# CASE, because pg_get_serial_sequence fails if the table does not exist. It returns NULL if there is no sequence.
MISSING = sql(f"""
    WITH required (table_name, privilege) AS (VALUES {_ROWS}), visible AS (
        SELECT table_name, privilege, to_regclass(table_name)::oid AS table_id FROM required
    ), used (sequence) AS (
        SELECT CASE WHEN to_regclass('piccolo_user') IS NOT NULL THEN pg_get_serial_sequence('piccolo_user', 'id') END
    )
    SELECT table_name, privilege, table_name AS object, table_id IS NULL AS absent
    FROM visible
    WHERE table_id IS NULL OR NOT has_table_privilege(table_id, privilege)
    UNION ALL
    SELECT 'piccolo_user', 'USAGE', sequence, false
    FROM used
    WHERE NOT has_sequence_privilege(sequence, 'USAGE')
    UNION ALL
    SELECT 'migration', 'USAGE', 'schema ' || nspname, false
    FROM pg_namespace
    WHERE to_regclass('migration') IS NULL AND NOT has_schema_privilege(oid, 'USAGE') AND oid IN (
        SELECT relnamespace FROM pg_class WHERE relname = 'migration'
    )
""")  # noqa: S608 - composed only of constants


@dataclass(frozen=True, slots=True)
class Missing:
    """What the role lacks. privileges: such as "INSERT on interview". tables: those that it cannot see."""

    privileges: list[str]
    tables: frozenset[str]

    @property
    def can_read_migrations(self) -> bool:
        """Whether the role can see which migrations were applied, or sees that none was."""
        return not any(each.endswith(" on migration") or " on schema " in each for each in self.privileges)


async def find_missing_privileges(*, accounts: bool) -> Missing:
    """Return the privileges and tables that the role lacks. Run it as a use case.

    accounts: whether the service uses the tables of the accounts.
    """
    return _missing(await MISSING.all(), accounts=accounts)


async def fetch_missing_privileges(connection: "asyncpg.Connection[asyncpg.Record]", *, accounts: bool) -> Missing:
    """Return the same as `find_missing_privileges`, on a connection outside the pool."""
    return _missing(await connection.fetch(MISSING.sql), accounts=accounts)


def _missing(rows: Iterable[asyncpg.Record], *, accounts: bool) -> Missing:
    needed = [row for row in rows if accounts or row["table_name"] not in _OF_ACCOUNTS]
    return Missing(
        privileges=[f"{row['privilege']} on {row['object']}" for row in needed if not row["absent"]],
        tables=frozenset(row["table_name"] for row in needed if row["absent"]),
    )
