"""A database made by the migrations and one made from the tables are the same, down to the names of constraints."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from piccolo.apps.migrations.tables import Migration
from piccolo.apps.user.tables import BaseUser

from app.database import apply_migrations
from tables.piccolo_app import APP_CONFIG
from tests.migrations.catalog import catalog
from tests.support.cluster import TEMPLATE, create_database, create_empty_database, drop_database

BEYOND_PICCOLO = """
CREATE INDEX interview_by_employee ON interview (organization_id, employee_id, started_at DESC, id_interview DESC)
INCLUDE (status, language);
CREATE INDEX interview_by_organization ON interview (organization_id, started_at DESC, id_interview DESC)
INCLUDE (status, language);
ALTER TABLE idempotency_record ALTER CONSTRAINT idempotency_record_interview_id_fkey DEFERRABLE INITIALLY DEFERRED;
"""
"""What the tables cannot say, as it has to be in the end."""


@pytest.fixture(scope="module")
async def migrated() -> AsyncIterator[asyncpg.Connection]:
    """A database that the migrations made: the one that all others here are copies of."""
    url = await create_database(TEMPLATE)
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()
    await drop_database(url)


@pytest.fixture(scope="module")
async def made_from_tables() -> AsyncIterator[asyncpg.Connection]:
    """A database that Piccolo made from the table classes, and BEYOND_PICCOLO."""
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
async def test_both_databases_have_the_same(
    migrated: asyncpg.Connection, made_from_tables: asyncpg.Connection, kind: str
) -> None:
    by_migrations, by_tables = await catalog(migrated), await catalog(made_from_tables)

    assert by_migrations[kind]
    assert by_migrations[kind] == by_tables[kind]


async def test_every_constraint_is_named_after_its_table_and_what_it_holds(migrated: asyncpg.Connection) -> None:
    names = await migrated.fetch(
        "SELECT conrelid::regclass::text AS of, conname FROM pg_constraint WHERE conrelid <> 0"
    )
    ours = {table._meta.tablename for table in APP_CONFIG.table_classes}

    unnamed = [row["conname"] for row in names if row["of"] in ours and not _says_what(row["of"], row["conname"])]

    assert unnamed == []


async def test_every_check_and_every_unique_constraint_of_several_columns_is_declared_with_its_table(
    migrated: asyncpg.Connection,
) -> None:
    declared = {each._meta.name for table in APP_CONFIG.table_classes for each in table._meta.constraints}
    found = await migrated.fetch(
        "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
        "WHERE relname = any($1) AND (contype = 'c' OR (contype = 'u' AND cardinality(conkey) > 1))",
        [table._meta.tablename for table in APP_CONFIG.table_classes],
    )

    assert {row["conname"] for row in found} == declared


def _says_what(table: str, name: str) -> bool:
    """PostgreSQL makes up "interview_check" and "interview_check1" where nothing is said."""
    return re.fullmatch(rf"{table}_(?!check)[a-z_]+", name) is not None
