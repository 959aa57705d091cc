"""The migrations and the tables create the same schema, including the names of constraints."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from piccolo.apps.migrations.tables import Migration
from piccolo.apps.user.tables import BaseUser

from app.database import apply_migrations
from tables.piccolo_app import APP_CONFIG
from tests.migrations.catalog import read_catalog
from tests.support.cluster import TEMPLATE, create_database, create_empty_database, drop_database

BEYOND_PICCOLO = """
CREATE INDEX interview_by_employee ON interview (organization_id, employee_id, started_at DESC, id_interview DESC)
INCLUDE (status, language);
CREATE INDEX interview_by_organization ON interview (organization_id, started_at DESC, id_interview DESC)
INCLUDE (status, language);
ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey DEFERRABLE INITIALLY DEFERRED;
"""
"""The final form of the parts that the tables cannot express."""


@pytest.fixture(scope="module")
async def migrated_database() -> AsyncIterator[asyncpg.Connection]:
    """Connect to a database that the migrations created."""
    url = await create_database(TEMPLATE)
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()
    await drop_database(url)


@pytest.fixture(scope="module")
async def database_from_tables() -> AsyncIterator[asyncpg.Connection]:
    """Connect to a database that Piccolo created from the table classes, with BEYOND_PICCOLO."""
    url = await create_empty_database()
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        with apply_migrations.run_piccolo_on(connection):
            for table in (Migration, BaseUser, *APP_CONFIG.table_classes):
                await table.create_table()
    await connection.execute(BEYOND_PICCOLO)
    yield connection
    await connection.close()
    await drop_database(url)


@pytest.mark.parametrize("kind", ["relations", "columns", "constraints", "indexes"])
async def test_both_databases_have_equal(
    migrated_database: asyncpg.Connection, database_from_tables: asyncpg.Connection, kind: str
) -> None:
    by_migrations, by_tables = await read_catalog(migrated_database), await read_catalog(database_from_tables)

    assert by_migrations[kind]
    assert by_migrations[kind] == by_tables[kind]


async def test_every_constraint_is_named_after_its_table_and_columns(migrated_database: asyncpg.Connection) -> None:
    names = await migrated_database.fetch(
        "SELECT conrelid::regclass::text AS of, conname FROM pg_constraint WHERE conrelid <> 0"
    )
    ours = {table._meta.tablename for table in APP_CONFIG.table_classes}

    unnamed = [row["conname"] for row in names if row["of"] in ours and not _is_named(row["of"], row["conname"])]

    assert unnamed == []


async def test_every_check_and_multi_column_unique_constraint_is_declared_in_its_table(
    migrated_database: asyncpg.Connection,
) -> None:
    declared = {each._meta.name for table in APP_CONFIG.table_classes for each in table._meta.constraints}
    found = await migrated_database.fetch(
        "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
        "WHERE relname = any($1) AND (contype = 'c' OR (contype = 'u' AND cardinality(conkey) > 1))",
        [table._meta.tablename for table in APP_CONFIG.table_classes],
    )

    assert {row["conname"] for row in found} == declared


def _is_named(table: str, name: str) -> bool:
    """Return whether a name is not one that PostgreSQL generates, such as "interview_check1"."""
    return re.fullmatch(rf"{table}_(?!check)[a-z_]+", name) is not None
