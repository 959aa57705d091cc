"""`backup` and `restore`: a backup under load has every acknowledged interview, and its tokens remain valid."""

import asyncio
import os
import shutil
import stat
import tarfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from app.embedded_postgres.cluster import read_record
from tests.support.actors import Actor
from tests.support.cluster import create_database, create_empty_database, drop_database
from tests.support.command_line import assert_one_line_error, run_subprocess
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

START, CONTINUE = "/api/v1/interviews/start", "/api/v1/interviews/continue"


async def _hold_interviews(
    client: httpx2.AsyncClient, enough: asyncio.Event, stop: asyncio.Event, acknowledged: dict[str, list[str]]
) -> None:
    """Start and continue interviews until `stop`. Record each acknowledged answer, and set `enough` after 30."""
    while not stop.is_set():
        response = await client.post(START, json={"language": "en"})
        interview_id = response.json()["data"]["interview_id"]
        acknowledged[interview_id] = []
        for number in range(3):
            answer = f"My answer {number} is long enough."
            body = {"interview_id": interview_id, "user_response": answer}
            assert (await client.post(CONTINUE, json=body)).status_code == 200
            acknowledged[interview_id].append(answer)
        if sum(map(len, acknowledged.values())) >= 30:
            enough.set()


async def _fetch(client: httpx2.AsyncClient, interview_id: str) -> dict[str, Any]:
    data: dict[str, Any] = (await client.get(f"/api/v1/interviews/{interview_id}")).json()["data"]
    return data


def _forget(state: Path) -> None:
    record = read_record(state)
    if record is not None:
        shutil.rmtree(record.home, ignore_errors=True)


async def test_a_backup_under_load_restores_every_acknowledged_answer_and_the_keys(tmp_path: Path) -> None:
    original, restored, file = tmp_path / "original", tmp_path / "restored", tmp_path / "interviews.backup"
    acknowledged: dict[str, list[str]] = {}
    enough, stop = asyncio.Event(), asyncio.Event()
    with Service(tmp_path, STATE_DIR=str(original)) as service:
        owner = Actor(original / "keys")
        token = owner.headers()
        async with httpx2.AsyncClient(base_url=service.url, headers=token, timeout=TIMEOUT) as client:
            load = [asyncio.create_task(_hold_interviews(client, enough, stop, acknowledged)) for _ in range(4)]
            await asyncio.wait_for(enough.wait(), TIMEOUT)
            before = {interview_id: list(answers) for interview_id, answers in acknowledged.items()}
            result = await asyncio.to_thread(run_subprocess, "backup", str(file), STATE_DIR=str(original))
            stop.set()
            await asyncio.gather(*load)
    assert (result.returncode, result.stderr) == (0, ""), result
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    result = run_subprocess("restore", str(file), STATE_DIR=str(restored))

    assert (result.returncode, result.stderr) == (0, ""), result
    with Service(tmp_path, STATE_DIR=str(restored)) as service:
        async with httpx2.AsyncClient(base_url=service.url, headers=token, timeout=TIMEOUT) as client:
            for interview_id, answers in before.items():
                messages = (await _fetch(client, interview_id))["messages"]
                assert [each["content"] for each in messages if each["role"] == "user"][: len(answers)] == answers
                assert [each["sequence_number"] for each in messages] == list(range(1, len(messages) + 1))
            body = {"interview_id": next(iter(before)), "user_response": "One more answer."}
            assert (await client.post(CONTINUE, json=body)).status_code == 200
    for state in (original, restored):
        _forget(state)


@pytest.fixture
async def databases() -> Any:
    """The URLs of a migrated database and of an empty one."""
    urls = await create_database(), await create_empty_database()
    yield urls
    for url in urls:
        await drop_database(url)


def _add_account(url: str, name: str = "ana") -> None:
    arguments = ("account", "add", f"{name}@example.com", "--organization", "0193b1f0-5a3e-7c1d-8e2f-0123456789ab")
    assert run_subprocess(*arguments, DATABASE_URL=url, ACCOUNT_PASSWORD="correct horse").returncode == 0


def test_restore_refuses_a_database_with_tables_unless_it_replaces_them(
    databases: tuple[str, str], tmp_path: Path
) -> None:
    url, empty = databases
    file, keys = str(tmp_path / "backup"), str(tmp_path / "keys")
    _add_account(url)
    assert run_subprocess("token", "--role", "admin", JWT_KEY_DIR=keys).returncode == 0
    backup = run_subprocess("backup", file, DATABASE_URL=url, JWT_KEY_DIR=keys)
    assert (backup.returncode, backup.stderr) == (0, "")
    assert f"Keys: 1 of {keys}" in backup.stdout

    assert run_subprocess("restore", file, DATABASE_URL=empty, JWT_KEY_DIR=keys).returncode == 0
    _add_account(empty, "bob")
    refused = run_subprocess("restore", file, DATABASE_URL=empty, JWT_KEY_DIR=keys)
    assert_one_line_error(refused, naming="has tables already; use --replace")

    replaced = run_subprocess("restore", file, "--replace", DATABASE_URL=empty, JWT_KEY_DIR=keys)
    assert (replaced.returncode, replaced.stderr) == (0, "")
    assert "0 interviews, 1 accounts" in replaced.stdout
    listed = run_subprocess("account", "list", DATABASE_URL=empty).stdout
    assert [line.partition("\t")[0] for line in listed.splitlines()] == ["ana@example.com"]


def test_restore_refuses_to_mix_keys_and_changes_nothing(databases: tuple[str, str], tmp_path: Path) -> None:
    url, empty = databases
    file, ours, others = str(tmp_path / "backup"), str(tmp_path / "ours"), str(tmp_path / "others")
    for folder in (ours, others):
        assert run_subprocess("token", "--role", "admin", JWT_KEY_DIR=folder).returncode == 0
    assert run_subprocess("backup", file, DATABASE_URL=url, JWT_KEY_DIR=ours).returncode == 0

    refused = run_subprocess("restore", file, DATABASE_URL=empty, JWT_KEY_DIR=others)

    assert_one_line_error(refused, naming=f"{others} has other keys already; use --replace")
    missing = run_subprocess("doctor", DATABASE_URL=empty, JWT_KEY_DIR=others)
    assert "to apply" in missing.stdout

    assert run_subprocess("restore", file, "--replace", DATABASE_URL=empty, JWT_KEY_DIR=others).returncode == 0
    assert Path(others, "0001.pem").read_bytes() == Path(ours, "0001.pem").read_bytes()
    assert stat.S_IMODE(Path(others, "0001.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["empty", "text", "another tar", "a path outside", "cut short"])
def test_one_line_if_the_file_is_no_backup(databases: tuple[str, str], tmp_path: Path, content: str) -> None:
    url, empty = databases
    file = tmp_path / "file"
    file.write_text("" if content == "empty" else "no archive")
    if content in ("another tar", "a path outside"):
        (tmp_path / "member").write_text("x")
        with tarfile.open(file, "w") as archive:
            archive.add(tmp_path / "member", "../keys/1.pem" if content == "a path outside" else "member")
    if content == "cut short":
        assert run_subprocess("backup", str(file), DATABASE_URL=url, JWT_KEY_DIR=str(tmp_path)).returncode == 0
        os.truncate(file, file.stat().st_size // 2)

    assert_one_line_error(
        run_subprocess("restore", str(file), DATABASE_URL=empty, JWT_KEY_DIR=str(tmp_path)), naming=str(file)
    )


def test_a_backup_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("an older backup")

    result = run_subprocess("backup", str(file), DATABASE_URL="postgresql://127.0.0.1:1/x", JWT_KEY_DIR=str(tmp_path))

    assert_one_line_error(result, naming="x on 127.0.0.1 port 1 cannot be used")
    assert file.read_text() == "an older backup"
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


async def test_account_list_and_remove(databases: tuple[str, str]) -> None:
    url, _ = databases
    _add_account(url, "bob")
    _add_account(url, "ana")
    assert run_subprocess("account", "grant", "bob@example.com", "login", DATABASE_URL=url).returncode == 0

    listed = run_subprocess("account", "list", DATABASE_URL=url)
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("ana@example.com", "employee", ""),
        ("bob@example.com", "employee", "login"),
    ]
    assert {row[3] for row in rows} == {"0193b1f0-5a3e-7c1d-8e2f-0123456789ab"}

    removed = run_subprocess("account", "remove", "Bob@example.com", DATABASE_URL=url)
    assert (removed.returncode, removed.stdout) == (0, "Removed Bob@example.com\n")
    again = run_subprocess("account", "remove", "bob@example.com", DATABASE_URL=url)
    assert_one_line_error(again, naming="no account bob@example.com exists")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM account") == 1
    await connection.close()
