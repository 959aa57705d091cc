"""Two services, one of them with two workers, that share only the database and the keys."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.support.actors import Actor
from tests.support.cluster import create_database, create_empty_database, drop_database
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

REQUESTS = 20


@pytest.fixture
async def services(tmp_path: Path, key_dir: Path) -> AsyncIterator[tuple[list[Service], str]]:
    """Start the services. Return them and the URL of their database."""
    url = await create_database()
    settings = {"DATABASE_URL": url, "JWT_KEY_DIR": str(key_dir), "LOG_LEVEL": "warning"}
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    with Service(folders[0], **settings) as first, Service(folders[1], workers=2, **settings) as second:
        yield [first, second], url
    await drop_database(url)


async def _send_concurrently(
    services: list[Service], owner: Actor, path: str, bodies: list[dict[str, Any]], key: str | None = None
) -> list[httpx2.Response]:
    """Send all bodies concurrently, each on a new connection, to the services in turn."""
    headers = {**owner.headers(), **({"Idempotency-Key": key} if key else {})}
    limits = httpx2.Limits(max_connections=REQUESTS, max_keepalive_connections=0)
    async with httpx2.AsyncClient(headers=headers, timeout=TIMEOUT, limits=limits) as http:
        urls = [f"{services[number % 2].url}/api/v1{path}" for number in range(len(bodies))]
        return await asyncio.gather(*(http.post(url, json=body) for url, body in zip(urls, bodies, strict=True)))


async def _fetch_messages(url: str, interview_id: str) -> list[tuple[int, str, str]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT sequence_number, role, content FROM interview_message WHERE interview_id = $1 ORDER BY 1",
            interview_id,
        )
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


async def test_each_acknowledged_answer_is_stored_once_by_two_services(
    services: tuple[list[Service], str], owner: Actor
) -> None:
    both, url = services
    (started,) = await _send_concurrently(both, owner, "/interviews/start", [{"language": "en"}])
    interview_id = started.json()["data"]["interview_id"]

    turns = [{"interview_id": interview_id, "user_response": f"answer {number}"} for number in range(REQUESTS)]
    answers = await _send_concurrently(both, owner, "/interviews/continue", turns)

    assert {answer.status_code for answer in answers} <= {200, 409}
    acknowledged = [f"answer {number}" for number, answer in enumerate(answers) if answer.status_code == 200]
    messages = await _fetch_messages(url, interview_id)
    assert [number for number, _, _ in messages] == list(range(1, 2 * len(acknowledged) + 2))
    assert sorted(content for _, role, content in messages if role == "user") == sorted(acknowledged)
    assert acknowledged


async def test_one_key_has_one_effect_and_one_answer_on_two_services(
    services: tuple[list[Service], str], owner: Actor
) -> None:
    both, url = services
    answers = await _send_concurrently(
        both, owner, "/interviews/start", [{"language": "en"}] * REQUESTS, key=str(uuid4())
    )
    assert {answer.status_code for answer in answers} == {200}
    (interview_id,) = {answer.json()["data"]["interview_id"] for answer in answers}

    turn = {"interview_id": interview_id, "user_response": "I buy steel."}
    answers = await _send_concurrently(both, owner, "/interviews/continue", [turn] * REQUESTS, key=str(uuid4()))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert [number for number, _, _ in await _fetch_messages(url, interview_id)] == [1, 2, 3]


async def test_two_services_that_start_concurrently_apply_the_migrations_once(
    tmp_path: Path, key_dir: Path, owner: Actor
) -> None:
    url = await create_empty_database()
    settings = {"DATABASE_URL": url, "JWT_KEY_DIR": str(key_dir)}
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    both = [Service(folder, **settings) for folder in folders]
    try:
        await asyncio.gather(*(asyncio.to_thread(service.start) for service in both))
        assert all(service.is_available("/api/v1/health/ready") for service in both)
        applied = [service.log.read_text().count("Migration applied") for service in both]
        assert sorted(map(bool, applied)) == [False, True]
        (answer, *_) = await _send_concurrently(both, owner, "/interviews/start", [{}, {}])
        assert answer.status_code == 200
    finally:
        for service in both:
            service.__exit__(None, None, None)
        await drop_database(url)
