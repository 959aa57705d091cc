"""The statements of docs/how-to/migrate-without-downtime.md about locks, indexes and old versions hold."""

import re
from collections.abc import AsyncIterator, Sequence

import asyncpg
import httpx2
import pytest
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.commands.base import MigrationResult

from app.database import apply_migrations
from app.database.engine import ENGINE
from app.database.errors import MigrationFailed
from app.database.migrations import migrate, pending
from app.domain.errors import DatabaseUnavailable
from app.settings import Settings
from tables.plain_sql import Script, plain_sql
from tests.support.actors import Actor
from tests.support.clients import open_client
from tests.support.cluster import create_database, database_name, drop_database, execute
from tests.support.command_line import CHECKOUT, run_subprocess

PAGE = (CHECKOUT / "docs" / "how-to" / "migrate-without-downtime.md").read_text(encoding="utf-8")
UNAPPLY_LAST = "DELETE FROM migration WHERE name = (SELECT max(name) FROM migration)"
LOCKS = re.findall(r"^\| `([^`]+)` \| ([A-Z ]+) \|", PAGE, re.MULTILINE)
assert LOCKS, "docs/how-to/migrate-without-downtime.md has no table of locks"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Create a migrated database. Return its URL."""
    url = await create_database()
    yield url
    await drop_database(url)


@pytest.fixture
async def connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to the database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def old_service(url: str, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Start the service, as the old version that runs while a new one migrates."""
    async with open_client(settings, database_url=url, lock_timeout=0.2) as client:
        yield client


@pytest.mark.parametrize(("statement", "lock"), LOCKS)
async def test_a_statement_takes_the_documented_lock(connection: asyncpg.Connection, statement: str, lock: str) -> None:
    await connection.execute("BEGIN")
    await connection.execute(statement)

    locks = await connection.fetch(
        "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'interview'::regclass"
    )
    strongest = "".join(word.capitalize() for word in lock.split()) + "Lock"
    assert strongest in {row["mode"] for row in locks}
    if lock != "ACCESS EXCLUSIVE":
        assert "AccessExclusiveLock" not in {row["mode"] for row in locks}


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE interview ADD COLUMN note text",
        "ALTER TABLE interview ADD COLUMN priority integer NOT NULL DEFAULT 0",
        "ALTER TABLE interview ALTER COLUMN technical_level TYPE text",
        "ALTER TABLE interview ADD CONSTRAINT known CHECK (language <> '') NOT VALID",
    ],
)
async def test_200_after_an_expanding_change_while_the_service_runs(
    old_service: httpx2.AsyncClient, owner: Actor, url: str, change: str
) -> None:
    before = await _fetch_statuses(old_service, owner)

    await execute(url, change)

    assert await _fetch_statuses(old_service, owner) == before == [200, 200, 200, 200]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE interview ADD COLUMN priority integer NOT NULL",
        "ALTER TABLE interview RENAME COLUMN technical_level TO level",
        "ALTER TABLE interview DROP COLUMN technical_level",
    ],
)
async def test_500_after_a_change_that_breaks_the_old_version(
    old_service: httpx2.AsyncClient, owner: Actor, url: str, change: str
) -> None:
    await execute(url, change)

    assert 500 in await _fetch_statuses(old_service, owner)


async def test_503_if_a_migration_holds_a_lock_too_long(
    old_service: httpx2.AsyncClient, owner: Actor, url: str, connection: asyncpg.Connection
) -> None:
    await connection.execute("BEGIN; LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
    response = await old_service.get("/interviews", headers=owner.headers())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    await connection.execute("ROLLBACK")

    assert (await old_service.get("/interviews", headers=owner.headers())).status_code == 200


@pytest.mark.usefixtures("migrations_allowed")
async def test_a_migration_with_a_lock_timeout_fails_and_changes_nothing(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replace_migrations(monkeypatch, ["SET LOCAL lock_timeout = '50ms'", "ALTER TABLE interview ADD COLUMN note text"])
    await execute(url, UNAPPLY_LAST)
    async with connection.transaction():
        await connection.execute("LOCK TABLE interview IN ACCESS SHARE MODE")  # a long report
        with pytest.raises(DatabaseUnavailable):
            await migrate(url)

    assert len(await pending(url)) == 1
    assert not await _has_column(connection, "note")
    await migrate(url)
    assert await _has_column(connection, "note")


@pytest.mark.usefixtures("migrations_allowed")
async def test_an_index_cannot_be_created_concurrently_in_a_migration(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replace_migrations(monkeypatch, ["CREATE INDEX CONCURRENTLY by_hand ON interview (language)"])
    await execute(url, UNAPPLY_LAST)

    with pytest.raises(MigrationFailed, match="CREATE INDEX CONCURRENTLY cannot run inside a transaction block"):
        await migrate(url)


@pytest.mark.usefixtures("migrations_allowed")
async def test_a_migration_accepts_an_index_that_exists_already_even_an_invalid_one(
    url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connection.execute("CREATE TABLE answer (id integer); INSERT INTO answer VALUES (1), (1)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("CREATE UNIQUE INDEX CONCURRENTLY by_hand ON answer (id)")
    _replace_migrations(monkeypatch, ["CREATE UNIQUE INDEX IF NOT EXISTS by_hand ON answer (id)"])
    await execute(url, UNAPPLY_LAST)

    await migrate(url)

    assert (
        await connection.fetchval("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == "by_hand"
    )


async def test_a_role_without_create_can_start_on_a_migrated_database(url: str, connection: asyncpg.Connection) -> None:
    role = f"poor_{database_name(url)}"
    await connection.execute(
        f"CREATE ROLE {role} LOGIN PASSWORD 'poor';"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    )
    try:
        restricted_url = re.sub(r"//[^@]*@", f"//{role}:poor@", url)
        result = run_subprocess("migrate", DATABASE_URL=restricted_url)
        assert (result.returncode, result.stdout) == (0, "The database is up to date (0 applied)\n")
        await execute(url, UNAPPLY_LAST)
        denied = run_subprocess("migrate", DATABASE_URL=restricted_url)
        assert (denied.returncode, denied.stderr.count("\n")) == (2, 1)
    finally:
        await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def _fetch_statuses(client: httpx2.AsyncClient, owner: Actor) -> list[int]:
    """Return the statuses of start, continue, list and get."""
    started = await client.post("/interviews/start", json={}, headers=owner.headers())
    name = (started.json()["data"] or {}).get("interview_id", "0193b1f0-5a3e-7c1d-8e2f-0123456789ab")
    answer = {"interview_id": name, "user_response": "Compro acero."}
    return [
        started.status_code,
        (await client.post("/interviews/continue", json=answer, headers=owner.headers())).status_code,
        (await client.get("/interviews", headers=owner.headers())).status_code,
        (await client.get(f"/interviews/{name}", headers=owner.headers())).status_code,
    ]


def _replace_migrations(monkeypatch: pytest.MonkeyPatch, statements: Sequence[str]) -> None:
    """Replace the missing migrations by these statements."""

    async def run_forwards(app_name: str) -> MigrationResult:
        manager: MigrationManager = plain_sql("a test", "a test", Script(statements, ()))
        await manager.run()
        await ENGINE.run_ddl("INSERT INTO migration (name, app_name) SELECT 'a test', 'interviews'")
        return MigrationResult(success=True)

    monkeypatch.setattr(apply_migrations, "run_forwards", run_forwards)


async def _has_column(connection: asyncpg.Connection, name: str) -> bool:
    query = "SELECT count(*) = 1 FROM information_schema.columns WHERE table_name = 'interview' AND column_name = $1"
    return bool(await connection.fetchval(query, name))
