"""Reads from a real streaming replica are never too old, and every client sees its acknowledged writes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest

from app.embedded_postgres import EmbeddedPostgres
from tests.replica.conftest import MAX_LAG, Start
from tests.support.actors import Actor
from tests.support.cluster import database_name
from tests.support.command_line import run_subprocess
from tests.support.service import Service
from tests.support.standby import Standby
from tests.support.timeouts import TIMEOUT

API = "/api/v1"


def _client(service: Service, owner: Actor) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=service.url + API, headers=owner.headers(), timeout=TIMEOUT)


async def _start_interview(http: httpx2.AsyncClient) -> str:
    answer = await http.post("/interviews/start", json={"language": "en"})
    assert answer.status_code == 200, answer.text
    interview_id: str = answer.json()["data"]["interview_id"]
    return interview_id


async def _get_status(http: httpx2.AsyncClient, interview_id: str) -> str:
    answer = await http.get(f"/interviews/{interview_id}")
    assert answer.status_code == 200, answer.text
    status: str = answer.json()["data"]["status"]
    return status


@asynccontextmanager
async def _connect_to_primary(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def _cancel(connection: asyncpg.Connection, interview_id: str) -> None:
    await connection.execute("UPDATE interview SET status = 'cancelled' WHERE id_interview = $1", interview_id)


async def test_200_from_the_replica_within_the_maximal_lag(
    start_service: Start, standby: Standby, replicated_url: str, owner: Actor
) -> None:
    async with _client(start_service(), owner) as http, _connect_to_primary(replicated_url) as direct:
        interview_id = await _start_interview(http)
        await standby.pause()
        await _cancel(direct, interview_id)
        changed = time.monotonic()

        statuses = [(await _get_status(http, interview_id), time.monotonic())]
        while statuses[-1][0] == "in_progress" and statuses[-1][1] - changed < 5 * MAX_LAG:
            time_before = time.monotonic()
            statuses.append((await _get_status(http, interview_id), time_before))

        assert statuses[0][0] == "in_progress"  # the replica's status, because the primary's is already cancelled
        assert statuses[-2][1] - changed <= MAX_LAG
        listed = (await http.get("/interviews")).json()["data"][0]["status"]
        exported = await http.post("/interviews/export", json={"interview_id": interview_id})
        assert (listed, exported.status_code) == ("cancelled", 200)

        await standby.resume()


async def test_200_with_own_writes_on_every_service_while_the_replica_lags(
    start_service: Start, standby: Standby, owner: Actor
) -> None:
    first_service, second_service = start_service(), start_service()
    async with _client(first_service, owner) as first, _client(second_service, owner) as second:
        assert await _get_status(second, await _start_interview(first)) == "in_progress"
        await standby.pause()

        interview_id = await _start_interview(first)
        assert await _get_status(second, interview_id) == "in_progress"
        body = {"interview_id": interview_id, "user_response": "I buy steel."}
        assert (await first.post("/interviews/continue", json=body)).status_code == 200
        assert len((await second.get(f"/interviews/{interview_id}")).json()["data"]["messages"]) == 3
        assert (await second.patch(f"/interviews/{interview_id}", json={"status": "cancelled"})).status_code == 200
        assert await _get_status(first, interview_id) == "cancelled"
        listed = (await first.get("/interviews")).json()["data"]
        assert [interview["status"] for interview in listed] == ["cancelled", "in_progress"]
        assert (await first.delete(f"/interviews/{interview_id}")).status_code == 204
        assert (await second.get(f"/interviews/{interview_id}")).status_code == 404

        await standby.resume()


async def test_200_with_own_writes_on_every_service_during_concurrent_writes(
    start_service: Start, owner: Actor
) -> None:
    first_service, second_service = start_service(), start_service()
    async with _client(first_service, owner) as first, _client(second_service, owner) as second:

        async def write_and_read(number: int) -> None:
            writer, reader = (first, second) if number % 2 else (second, first)
            for _ in range(15):
                interview_id = await _start_interview(writer)
                assert await _get_status(reader, interview_id) == "in_progress"
                await writer.patch(f"/interviews/{interview_id}", json={"status": "completed"})
                assert await _get_status(reader, interview_id) == "completed"

        await asyncio.gather(*map(write_and_read, range(6)))


@pytest.mark.parametrize("end", ["crashes", "is promoted"])
async def test_200_from_the_primary_if_the_replica(
    start_service: Start, standby: Standby, replicated_url: str, owner: Actor, end: str
) -> None:
    async with _client(start_service(), owner) as http, _connect_to_primary(replicated_url) as direct:
        interview_id = await _start_interview(http)
        assert await _get_status(http, interview_id) == "in_progress"

        if end == "crashes":
            standby.stop("immediate")
        else:
            await standby.promote()
        await _cancel(direct, interview_id)

        assert await _get_status(http, interview_id) == "cancelled"
        assert await _get_status(http, await _start_interview(http)) == "in_progress"


async def test_200_from_the_replica_again_after_it_recovered(
    start_service: Start, standby: Standby, replicated_url: str, owner: Actor
) -> None:
    async with _client(start_service(), owner) as http, _connect_to_primary(replicated_url) as direct:
        standby.stop("immediate")
        interview_id = await _start_interview(http)
        standby.start()

        async with asyncio.timeout(TIMEOUT):
            while True:
                await direct.execute(
                    "UPDATE interview SET status = 'in_progress' WHERE id_interview = $1", interview_id
                )
                await asyncio.sleep(MAX_LAG)
                await standby.pause()
                await _cancel(direct, interview_id)
                served_by_replica = await _get_status(http, interview_id) == "in_progress"
                await standby.resume()
                if served_by_replica:
                    break


def test_doctor_accepts_a_replica(replicated_url: str, standby: Standby, tmp_path: Path) -> None:
    replica = standby.url(database_name(replicated_url))
    result = run_subprocess("doctor", DATABASE_URL=replicated_url, REPLICA_URL=replica, JWT_KEY_DIR=str(tmp_path))

    assert "ok   replica: PostgreSQL 18" in result.stdout
    assert result.returncode == 0


async def test_200_from_the_primary_if_replica_url_names_a_primary(
    start_service: Start, replicated_url: str, owner: Actor
) -> None:
    async with _client(start_service(REPLICA_URL=replicated_url), owner) as http:
        assert await _get_status(http, await _start_interview(http)) == "in_progress"


async def test_200_from_the_primary_if_the_replica_follows_an_earlier_one_with_more_log(
    start_service: Start, primary: EmbeddedPostgres, standby: Standby, replicated_url: str, owner: Actor
) -> None:
    """The service's primary was promoted. Its replica still follows the old one, which has gone on writing."""
    promoted = Standby(primary)
    try:
        promoted.start()
        await promoted.promote()
        async with _connect_to_primary(replicated_url) as old:
            await old.execute("CREATE TABLE more_log AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)")
            written = await old.fetchval("SELECT pg_current_wal_lsn()")
        async with _connect_to_primary(standby.url("postgres")) as behind, asyncio.timeout(TIMEOUT):
            while not await behind.fetchval("SELECT pg_last_wal_replay_lsn() >= $1", written):  # noqa: ASYNC110 - only SQL tells
                await asyncio.sleep(0.05)

        async with _client(start_service(DATABASE_URL=promoted.url(database_name(replicated_url))), owner) as http:
            interview_ids = [await _start_interview(http) for _ in range(3)]
            await asyncio.sleep(2 * MAX_LAG)  # the service notes positions of the promoted primary

            assert [await _get_status(http, each) for each in interview_ids] == ["in_progress"] * 3
    finally:
        promoted.remove()
