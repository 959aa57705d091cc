"""Twenty concurrent requests with one Idempotency-Key, on two workers that share only the database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT

REQUESTS = 20


@pytest.fixture
async def two_workers(tmp_path: Path, key_dir: Path) -> AsyncIterator[tuple[Service, str]]:
    """Start a service with two workers. Return it and the URL of its database."""
    url = await create_database()
    with Service(tmp_path, workers=2, DATABASE_URL=url, JWT_KEY_DIR=str(key_dir), LOG_LEVEL="warning") as service:
        yield service, url
    await drop_database(url)


async def test_start_and_continue_each_have_one_effect_and_one_answer(
    two_workers: tuple[Service, str], owner: Actor
) -> None:
    service, url = two_workers
    limits = httpx2.Limits(
        max_connections=REQUESTS, max_keepalive_connections=0
    )  # each connection may reach either worker
    async with httpx2.AsyncClient(
        base_url=f"{service.url}/api/v1", headers=owner.headers(), timeout=TIMEOUT, limits=limits
    ) as http:
        started = await _send_concurrently(http, "/interviews/start", {"language": "en"})
        turn = {"interview_id": started["data"]["interview_id"], "user_response": "I buy steel for the factory"}
        await _send_concurrently(http, "/interviews/continue", turn)

    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM interview") == 1
        assert await connection.fetchval(
            "SELECT array_agg(sequence_number ORDER BY sequence_number) FROM interview_message"
        ) == [
            1,
            2,
            3,
        ]
        assert await connection.fetchval("SELECT count(*) FROM idempotency_record") == 2
    finally:
        await connection.close()


async def _send_concurrently(http: httpx2.AsyncClient, path: str, body: dict[str, str]) -> dict[str, dict[str, str]]:
    """Send a request twenty times concurrently with one key. Assert one answer, which all but one response replay."""
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(http.post(path, json=body, headers=key) for _ in range(REQUESTS)))

    assert [answer.status_code for answer in answers] == [200] * REQUESTS
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    first: dict[str, dict[str, str]] = answers[0].json()
    return first
