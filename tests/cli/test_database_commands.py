"""`migrate`, `account` and `doctor`, on a database that DATABASE_URL names."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from app.database.migrations import expected
from app.identity.passwords import verify_password
from tests.support.cluster import create_database, create_empty_database, drop_database
from tests.support.command_line import assert_one_line_error, run_subprocess
from tests.support.model_server import KEY, MODEL, ModelServer

ORGANIZATION = "0193b1f0-5a3e-7c1d-8e2f-0123456789ab"


@pytest.fixture
async def empty_database_url() -> AsyncIterator[str]:
    """Create a database without tables. Return its URL."""
    url = await create_empty_database()
    yield url
    await drop_database(url)


@pytest.fixture
async def migrated_database_url() -> AsyncIterator[str]:
    """Create a migrated database. Return its URL."""
    url = await create_database()
    yield url
    await drop_database(url)


def test_migrate_applies_missing_migrations_once(empty_database_url: str) -> None:
    first, second = (
        run_subprocess("migrate", DATABASE_URL=empty_database_url),
        run_subprocess("migrate", DATABASE_URL=empty_database_url),
    )

    assert first.returncode == second.returncode == 0
    applied = [line.removeprefix("Applied: ") for line in first.stdout.splitlines() if line.startswith("Applied: ")]
    assert applied == expected()
    assert second.stdout == "The database is up to date (0 applied)\n"


async def test_account_add_and_account_password_store_hashes(migrated_database_url: str) -> None:
    added = run_subprocess(
        "account", "add", "Ana@example.com", "--organization", ORGANIZATION, "--role", "manager",
        DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="first one",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    assert await _password_matches(migrated_database_url, "first one")

    changed = run_subprocess(
        "account", "password", "ana@example.com", DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="second one"
    )
    assert (changed.returncode, changed.stderr) == (0, "")
    assert await _password_matches(migrated_database_url, "second one")
    assert not await _password_matches(migrated_database_url, "first one")


def test_account_add_rejects_an_existing_address(migrated_database_url: str) -> None:
    arguments = ("account", "add", "ana@example.com", "--organization", ORGANIZATION)
    assert run_subprocess(*arguments, DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="geheim").returncode == 0

    again = run_subprocess(*arguments, DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="geheim")
    assert_one_line_error(again, naming="ana@example.com")


def test_account_password_rejects_an_unknown_address(migrated_database_url: str) -> None:
    result = run_subprocess(
        "account", "password", "nobody@example.com", DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="geheim"
    )
    assert_one_line_error(result, naming="nobody@example.com")


async def test_account_grant_adds_and_account_revoke_removes_rights(migrated_database_url: str) -> None:
    add = ("account", "add", "ana@example.com", "--organization", ORGANIZATION)
    assert run_subprocess(*add, DATABASE_URL=migrated_database_url, ACCOUNT_PASSWORD="geheim").returncode == 0
    assert await _fetch_rights(migrated_database_url) == (False, False)

    granted = run_subprocess(
        "account", "grant", "Ana@example.com", "login", "answers", DATABASE_URL=migrated_database_url
    )
    assert (granted.returncode, granted.stdout) == (0, "Granted to Ana@example.com: login, answers\n")
    assert await _fetch_rights(migrated_database_url) == (True, True)

    revoked = run_subprocess("account", "revoke", "ana@example.com", "answers", DATABASE_URL=migrated_database_url)
    assert (revoked.returncode, revoked.stdout) == (0, "Revoked from ana@example.com: answers\n")
    assert await _fetch_rights(migrated_database_url) == (True, False)


@pytest.mark.parametrize("command", ["grant", "revoke"])
def test_account_grant_and_revoke_reject_an_unknown_address(migrated_database_url: str, command: str) -> None:
    result = run_subprocess("account", command, "nobody@example.com", "login", DATABASE_URL=migrated_database_url)
    assert_one_line_error(result, naming="nobody@example.com")


def test_account_add_rejects_a_short_password(migrated_database_url: str) -> None:
    result = run_subprocess(
        "account",
        "add",
        "a@b.c",
        "--organization",
        ORGANIZATION,
        DATABASE_URL=migrated_database_url,
        ACCOUNT_PASSWORD="abc",
    )
    assert_one_line_error(result, naming="6 to 128")


def test_doctor_passes_all_checks(migrated_database_url: str, tmp_path: Path) -> None:
    result = run_subprocess("doctor", DATABASE_URL=migrated_database_url, JWT_KEY_DIR=str(tmp_path))

    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert result.stdout.endswith("All checks passed.\n")
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("variable", "setting"),
    [("POOL_MAXSIZE", "POOL_MAX_SIZE"), ("JWT_KEYS_DIR", "JWT_KEY_DIR"), ("Log_Levle", "LOG_LEVEL")],
)
def test_doctor_reports_a_misspelt_setting(
    migrated_database_url: str, tmp_path: Path, variable: str, setting: str
) -> None:
    result = run_subprocess("doctor", DATABASE_URL=migrated_database_url, JWT_KEY_DIR=str(tmp_path), **{variable: "20"})

    assert result.returncode == 1
    assert f"BAD  settings: {variable} is not a setting and has no effect; did you mean {setting}?\n" in result.stdout
    assert result.stdout.endswith(" checks failed.\n")


def test_doctor_reports_missing_migrations(empty_database_url: str, tmp_path: Path) -> None:
    result = run_subprocess("doctor", DATABASE_URL=empty_database_url, JWT_KEY_DIR=str(tmp_path))

    assert result.returncode == 1
    assert f"BAD  migrations: {len(expected())} to apply" in result.stdout


def test_doctor_reports_a_replica_url_of_a_primary(migrated_database_url: str, tmp_path: Path) -> None:
    result = run_subprocess(
        "doctor", DATABASE_URL=migrated_database_url, REPLICA_URL=migrated_database_url, JWT_KEY_DIR=str(tmp_path)
    )

    assert "BAD  replica: REPLICA_URL names a server that is not a replica" in result.stdout
    assert result.returncode == 1


def test_doctor_reports_a_key_file_that_others_can_read(migrated_database_url: str, tmp_path: Path) -> None:
    assert run_subprocess("token", "--role", "admin", JWT_KEY_DIR=str(tmp_path)).returncode == 0
    (tmp_path / "0001.pem").chmod(0o644)

    result = run_subprocess("doctor", DATABASE_URL=migrated_database_url, JWT_KEY_DIR=str(tmp_path))

    assert result.returncode == 1
    assert "0001.pem" in result.stdout


def test_doctor_reports_an_unreachable_database_and_key_server() -> None:
    result = run_subprocess("doctor", DATABASE_URL="postgresql://127.0.0.1:1/x", JWT_JWKS_URL="http://127.0.0.1:1/jwks")

    assert result.returncode == 1
    assert "BAD  database: x on 127.0.0.1 port 1" in result.stdout
    assert "BAD  keys: http://127.0.0.1:1/jwks is unreachable" in result.stdout


@pytest.mark.parametrize(
    ("behaviour", "line"),
    [
        ("answers", f"ok   interviewer: {MODEL} at {{url}}: responds, and lists the model"),
        ("401", f"BAD  interviewer: {MODEL} at {{url}}: rejects LLM_API_KEY (401)"),
    ],
)
def test_doctor_checks_the_server_of_the_language_model_and_does_not_print_the_key(
    migrated_database_url: str, tmp_path: Path, behaviour: str, line: str
) -> None:
    pytest.importorskip("pydantic_ai", reason="needs the extra llm: pip install -e '.[llm]'")
    with ModelServer() as server:
        server.behaviour = behaviour
        result = run_subprocess(
            "doctor", DATABASE_URL=migrated_database_url, JWT_KEY_DIR=str(tmp_path), **server.settings()
        )

    assert line.format(url=server.url) in result.stdout
    assert result.returncode == (behaviour != "answers")
    assert result.stderr == ""
    assert KEY not in result.stdout


async def _fetch_rights(url: str) -> tuple[bool, bool]:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            'SELECT admin, reads_answers FROM account JOIN piccolo_user ON piccolo_user.id = account."user"'
        )
    finally:
        await connection.close()
    return tuple(row)


async def _password_matches(url: str, password: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        stored = await connection.fetchval("SELECT password FROM piccolo_user WHERE email = 'ana@example.com'")
    finally:
        await connection.close()
    return await verify_password(password, stored)
