"""The command line on CockroachDB, and URLs whose scheme does not match the server."""

import asyncio
from pathlib import Path

import pytest

from app.database.database import Database
from app.database.migrations import expected
from app.settings import Settings
from tests.support.cluster import build_url, create_empty_database, drop_database, execute
from tests.support.command_line import assert_one_line_error, run_subprocess
from tests.support.connections import connection_settings
from tests.support.fake_cockroach import SETUP_STATEMENTS, FakeCockroach
from tests.support.service import Service


@pytest.mark.usefixtures("service")
def test_doctor_passes_all_checks_on_cockroachdb(direct_url: str, tmp_path: Path) -> None:
    result = run_subprocess("doctor", DATABASE_URL=direct_url, JWT_KEY_DIR=str(tmp_path))

    assert (result.returncode, result.stderr) == (0, "")
    assert "CockroachDB stand-in" in result.stdout
    assert "connections" not in result.stdout, "CockroachDB has no limit of connections"


@pytest.mark.usefixtures("fake_cockroach")
async def test_one_of_several_concurrent_migrate_commands_applies_all() -> None:
    url = await create_empty_database()
    await execute(url, *SETUP_STATEMENTS)
    try:
        processes = await asyncio.gather(
            *(asyncio.to_thread(run_subprocess, "migrate", DATABASE_URL=url) for _ in range(3))
        )
    finally:
        await drop_database(url)

    assert [process.returncode for process in processes] == [0, 0, 0], processes
    assert sorted(process.stdout.count("Applied: ") for process in processes) == [0, 0, len(expected())]


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_2_if_the_url_says_postgresql_and_the_server_is_cockroachdb(
    fake_cockroach: FakeCockroach, direct_url: str, command: str
) -> None:
    url = connection_settings(direct_url)["DATABASE_URL"].replace("cockroachdb://", "postgresql://")

    result = run_subprocess(command, *(["--port", "0"] if command == "serve" else []), DATABASE_URL=url)

    assert_one_line_error(result, naming="the server is CockroachDB; its URL should begin with cockroachdb://")


def test_2_if_the_url_says_cockroachdb_and_the_server_is_postgresql() -> None:
    result = run_subprocess("migrate", DATABASE_URL=build_url("postgres").replace("postgresql://", "cockroachdb://"))

    assert_one_line_error(result, naming="the server is PostgreSQL; its URL should begin with postgresql://")


def test_2_if_a_replica_is_set() -> None:
    result = run_subprocess(
        "migrate", DATABASE_URL="cockroachdb://127.0.0.1:1/x", REPLICA_URL="postgresql://127.0.0.1:1/x"
    )

    assert_one_line_error(result, naming="REPLICA_URL: only PostgreSQL has a streaming replica")


def test_cockroachdb_is_rejected_if_the_process_started_for_postgresql(settings: Settings) -> None:
    with pytest.raises(ValueError, match="set DATABASE_URL before the process starts"):
        Database("cockroachdb://127.0.0.1:1/x", settings)


async def test_the_url_may_come_from_the_credentials_directory(
    direct_url: str, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "database_url").write_text(connection_settings(direct_url)["DATABASE_URL"])

    result = await asyncio.to_thread(
        run_subprocess, "doctor", CREDENTIALS_DIRECTORY=str(tmp_path), STATE_DIR=str(tmp_path)
    )

    assert (result.returncode, result.stderr) == (0, ""), result
    assert "CockroachDB stand-in" in result.stdout
