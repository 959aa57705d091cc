"""PostgreSQL executes each statement of the service with an index, among 100,000 interviews.

Readiness reads whole tables: that of the migrations, and PostgreSQL's schemas. Both have few rows. `account list` reads
all accounts, because it prints them.
"""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.database.statement import Statement
from tests.support.cluster import create_database, drop_database
from tests.support.statements import STATEMENTS

WHOLE_TABLES = {"migrations.APPLIED", "privileges.MISSING", "accounts.LIST"}

FILL = """
INSERT INTO interview (id_interview, employee_id, organization_id, language, status, total_messages,
                       started_at, completed_at, created_at, updated_at)
SELECT gen_random_uuid(), md5((n % 5000)::text)::uuid, md5((n % 100)::text)::uuid, 'en',
       CASE n % 3 WHEN 0 THEN 'completed' ELSE 'in_progress' END, 2, moment,
       CASE n % 3 WHEN 0 THEN moment END, moment, moment
FROM generate_series(1, 100000) AS n, LATERAL (SELECT now() - n * interval '1 minute' AS moment) AS at;
INSERT INTO interview_message (id_message, interview_id, role, content, sequence_number, created_at)
SELECT gen_random_uuid(), id_interview, 'user', 'an answer', number, started_at
FROM interview, generate_series(1, 2) AS number;
INSERT INTO idempotency_record (id_record, organization_id, employee_id, operation, key, fingerprint, answer,
                                interview_id, created_at)
SELECT gen_random_uuid(), organization_id, employee_id, 'start_interview', id_interview::text, '', '',
       id_interview, started_at
FROM interview LIMIT 20000;
INSERT INTO piccolo_user (username, password, email)
SELECT 'user-' || n, 'x', 'user-' || n || '@example.com' FROM generate_series(1, 5000) AS n;
INSERT INTO account (id_account, "user", employee_id, organization_id, role)
SELECT gen_random_uuid(), id, gen_random_uuid(), gen_random_uuid(), 'employee' FROM piccolo_user;
INSERT INTO admin_session (id_session, "user", digest, expires_at)
SELECT gen_random_uuid(), id, sha256(username::bytea), now() + id * interval '1 second' FROM piccolo_user;
VACUUM ANALYZE;
"""


NUMBERED_PAGES = ("OWN_PAGE", "ORGANIZATION_PAGE")
PAGES = (*NUMBERED_PAGES, "OWN_PAGE_AFTER_CURSOR", "ORGANIZATION_PAGE_AFTER_CURSOR")


async def explain(connection: asyncpg.Connection, statement: Statement) -> str:
    """Return the generic plan of a statement, which serves every value of its parameters."""
    nulls = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", statement.sql))))
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE explained AS {statement.sql}")
    rows = await connection.fetch(f"EXPLAIN EXECUTE explained{f'({nulls})' if nulls else ''}")
    await connection.execute("DEALLOCATE explained")
    return "\n".join(row[0] for row in rows)


@pytest.fixture(scope="module")
async def large_database() -> AsyncIterator[asyncpg.Connection]:
    """Connect to a database with 100,000 interviews."""
    url = await create_database()
    connection = await asyncpg.connect(url, statement_cache_size=0)
    for statement in FILL.split(";\n"):
        if statement.strip():
            await connection.execute(statement)
    yield connection
    await connection.close()
    await drop_database(url)


@pytest.mark.parametrize("name", [name for name in STATEMENTS if name not in WHOLE_TABLES])
async def test_no_statement_reads_a_whole_table(large_database: asyncpg.Connection, name: str) -> None:
    statement = STATEMENTS[name]
    plan = await explain(large_database, statement)

    assert "Seq Scan" not in plan, plan


@pytest.mark.parametrize("name", [f"list_interviews.{page}" for page in NUMBERED_PAGES])
async def test_totals_need_an_index_only_scan(large_database: asyncpg.Connection, name: str) -> None:
    plan = await explain(large_database, STATEMENTS[name])

    assert "Index Only Scan" in plan, plan


@pytest.mark.parametrize("name", [f"list_interviews.{page}" for page in PAGES])
async def test_a_page_begins_at_its_place_in_an_index(large_database: asyncpg.Connection, name: str) -> None:
    plan = await explain(large_database, STATEMENTS[name])
    conditions = [line for line in plan.splitlines() if "Index Cond" in line]

    assert any("ROW(" in line for line in conditions), plan
    assert "Sort" not in plan, plan
