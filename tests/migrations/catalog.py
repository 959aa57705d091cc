"""Read PostgreSQL's catalogs, to compare two databases."""

import asyncpg

Rows = list[dict[str, object]]

QUERIES = {
    "relations": """
        SELECT relname, relkind, relpersistence, relreplident
        FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname
    """,
    "columns": """
        SELECT relname, attname, format_type(atttypid, atttypmod) AS type, attnotnull, attidentity, attgenerated,
               attcollation::regcollation::text AS collation, pg_get_expr(adbin, adrelid) AS default
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' AND relnamespace = 'public'::regnamespace
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attnum > 0 AND NOT attisdropped ORDER BY relname, attname
    """,
    "constraints": """
        SELECT relname, conname, contype, pg_get_constraintdef(pg_constraint.oid) AS definition,
               condeferrable, condeferred, convalidated
        FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'public'::regnamespace ORDER BY relname, conname
    """,
    "indexes": """
        SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition,
               indisunique, indisprimary, indisvalid, indimmediate
        FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace ORDER BY name
    """,
}


async def read_catalog(connection: asyncpg.Connection) -> dict[str, Rows]:
    """Return relations, columns, constraints and indexes in an order which ignores the order of columns."""
    return {name: [dict(row) for row in await connection.fetch(query)] for name, query in QUERIES.items()}
