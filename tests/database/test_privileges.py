"""The privileges of the service's role: those that the statements need are those that readiness and doctor check."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from app.database.privileges import PRIVILEGES, fetch_missing_privileges
from app.settings import Settings
from tests.support.assertions import assert_success
from tests.support.clients import open_client
from tests.support.cluster import create_database, drop_database, execute, server_url
from tests.support.command_line import assert_one_line_error, run_subprocess
from tests.support.statements import STATEMENTS

SEQUENCE = "piccolo_user_id_seq"
EACH_PRIVILEGE = [
    (f"{privilege} ON {table}", f"{privilege} on {table}")
    for table, privileges in PRIVILEGES.items()
    for privilege in privileges.split()
]
ANYTHING = [
    *EACH_PRIVILEGE,
    (f"USAGE ON SEQUENCE {SEQUENCE}", f"USAGE on public.{SEQUENCE}"),
    ("USAGE ON SCHEMA public", "USAGE on schema public"),
]


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    """A migrated database."""
    url = await create_database()
    await execute(url, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    yield url
    await drop_database(url)


@pytest.fixture
async def role(url: str) -> AsyncIterator[str]:
    """A role that has exactly the privileges that the service needs."""
    role = f"role_{uuid4().hex}"
    grants = [f"GRANT {privilege} TO {role}" for privilege, _ in ANYTHING]
    await execute(url, f"CREATE ROLE {role} LOGIN PASSWORD 'geheim'", *grants)
    yield role
    await execute(url, f"DROP OWNED BY {role}")
    await execute(server_url(), f"DROP ROLE {role}")


@pytest.fixture
async def connection(url: str, role: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the privileges of the role."""
    connection = await asyncpg.connect(url, statement_cache_size=0)
    await connection.execute(f"SET ROLE {role}")
    yield connection
    await connection.close()


def _url_of(role: str, url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:geheim@{parts.netloc.rpartition('@')[2]}").geturl()


async def _find_denied_statements(connection: asyncpg.Connection) -> set[str]:
    """Return the statements that the role may not run. EXPLAIN checks the privileges."""
    denied = set()
    for name, statement in STATEMENTS.items():
        nulls = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", statement.sql))))
        await connection.execute(f"PREPARE explained AS {statement.sql}")
        try:
            await connection.execute(f"EXPLAIN EXECUTE explained{f'({nulls})' if nulls else ''}")
        except asyncpg.InsufficientPrivilegeError:
            denied.add(name)
        await connection.execute("DEALLOCATE explained")
    return denied


async def test_a_role_with_the_required_privileges_may_run_every_statement(connection: asyncpg.Connection) -> None:
    missing = await fetch_missing_privileges(connection, accounts=True)

    assert (missing.privileges, missing.tables) == ([], frozenset())
    assert await _find_denied_statements(connection) == set()


@pytest.mark.parametrize("privilege", [privilege for privilege, _ in EACH_PRIVILEGE])
async def test_a_statement_needs_each_required_privilege(
    url: str, role: str, connection: asyncpg.Connection, privilege: str
) -> None:
    await execute(url, f"REVOKE {privilege} FROM {role}")

    assert await _find_denied_statements(connection)


@pytest.mark.parametrize(("privilege", "name"), ANYTHING)
async def test_one_statement_finds_each_missing_privilege(
    url: str, role: str, connection: asyncpg.Connection, privilege: str, name: str
) -> None:
    await execute(url, f"REVOKE {privilege} FROM {role}")

    assert (await fetch_missing_privileges(connection, accounts=True)).privileges == [name]


async def test_200_of_readiness_with_the_required_privileges(url: str, role: str, settings: Settings) -> None:
    async with open_client(settings, database_url=_url_of(role, url)) as client:
        data, _ = assert_success(await client.get("/health/ready"), "Ready")

    assert data["checks"]["database"] == "ok"


@pytest.mark.parametrize(
    ("privilege", "migrations"),
    [
        ("SELECT ON interview", "ok"),
        (f"USAGE ON SEQUENCE {SEQUENCE}", "ok"),
        ("SELECT ON migration", "not known"),
        ("USAGE ON SCHEMA public", "not known"),
    ],
)
async def test_503_of_readiness_if_a_privilege_is_missing(
    url: str, role: str, settings: Settings, privilege: str, migrations: str
) -> None:
    await execute(url, f"REVOKE {privilege} FROM {role}")
    async with open_client(settings, database_url=_url_of(role, url)) as client:
        response = await client.get("/health/ready")

    checks = {"database": "the role of the service lacks privileges: 1", "migrations": migrations, "keys": "ok"}
    envelope = response.json()
    assert (response.status_code, envelope["message"]) == (503, "Not ready")
    assert envelope["data"] == {"ready": False, "checks": checks}
    assert envelope["errors"] == [{"field": name, "error": state} for name, state in checks.items() if state != "ok"]


async def test_200_of_readiness_without_privileges_on_accounts_if_an_external_issuer_is_set(
    url: str, role: str, settings: Settings
) -> None:
    await execute(url, f"REVOKE ALL ON account, piccolo_user, admin_session, {SEQUENCE} FROM {role}")
    changes = {"jwt_jwks_url": "http://127.0.0.1:1/jwks", "database_url": _url_of(role, url)}
    async with open_client(settings, **changes) as client:
        checks = (await client.get("/health/ready")).json()["data"]["checks"]

    assert checks["database"] == "ok"


async def test_503_of_readiness_if_a_table_is_missing_although_its_migration_was_applied(settings: Settings) -> None:
    url = await create_database()
    await execute(url, "DROP TABLE idempotency_record")
    async with open_client(settings, database_url=url) as client:
        response = await client.get("/health/ready")
    await drop_database(url)

    assert response.status_code == 503
    assert response.json()["errors"] == [{"field": "database", "error": "tables are missing: 1"}]


async def test_503_of_readiness_if_the_database_is_empty(settings: Settings) -> None:
    url = await create_database("template1")
    async with open_client(settings, database_url=url) as client:
        response = await client.get("/health/ready")
    await drop_database(url)

    assert response.status_code == 503
    (error,) = response.json()["errors"]
    assert (error["field"], error["error"].partition(" ")[2]) == ("migrations", "to apply")


@pytest.mark.parametrize("privilege", ["INSERT ON interview_message", f"USAGE ON SEQUENCE {SEQUENCE}"])
async def test_doctor_names_each_missing_privilege(url: str, role: str, tmp_path: Path, privilege: str) -> None:
    await execute(url, f"REVOKE {privilege} FROM {role}", f"REVOKE SELECT ON migration FROM {role}")

    result = run_subprocess("doctor", DATABASE_URL=_url_of(role, url), JWT_KEY_DIR=str(tmp_path))

    (line,) = [line for line in result.stdout.splitlines() if line.startswith("BAD  privileges")]
    assert privilege.rpartition(" ")[2] in line
    assert "SELECT on migration" in line
    assert "BAD  migrations: not known" in result.stdout
    assert (result.returncode, result.stderr) == (1, "")


async def test_one_line_if_the_role_may_not_migrate(url: str, role: str) -> None:
    await execute(url, f"REVOKE SELECT ON migration FROM {role}")

    result = run_subprocess("migrate", DATABASE_URL=_url_of(role, url))

    assert_one_line_error(result, naming="permission denied for table migration")


async def test_503_if_the_role_lacks_the_privilege_of_an_operation(url: str, role: str, settings: Settings) -> None:
    await execute(url, f"REVOKE SELECT ON piccolo_user FROM {role}")
    async with open_client(settings, database_url=_url_of(role, url)) as client:
        response = await client.post("/auth/login", json={"email": "ana@example.com", "password": "geheim"})

    assert response.status_code == 503
    assert "piccolo_user" not in response.text
