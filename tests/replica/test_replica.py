"""Reads from a real streaming replica: never too old, and everybody sees what they were told is written."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest

from tests.replica.conftest import MAX_LAG, Start
from tests.support.actors import Actor
from tests.support.command_line import run_subprocess
from tests.support.service import Service
from tests.support.standby import Standby
from tests.support.timeouts import TIMEOUT

API = "/api/v1"


def _client(service: Service, owner: Actor) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=service.url + API, headers=owner.headers(), timeout=TIMEOUT)


async def _started(http: httpx2.AsyncClient) -> str:
    answer = await http.post("/interviews/start", json={"language": "en"})
    assert answer.status_code == 200, answer.text
    interview_id: str = answer.json()["data"]["interview_id"]
    return interview_id


async def _status(http: httpx2.AsyncClient, interview_id: str) -> str:
    answer = await http.get(f"/interviews/{interview_id}")
    assert answer.status_code == 200, answer.text
    status: str = answer.json()["data"]["status"]
    return status


@asynccontextmanager
async def _behind_the_services_back(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def _cancel(connection: asyncpg.Connection, interview_id: str) -> None:
    await connection.execute("UPDATE interview SET status = 'cancelled' WHERE id_interview = $1", interview_id)


async def test_a_read_is_served_by_the_replica_and_never_older_than_it_may_be(
    start_service: Start, standby: Standby, replicated: str, owner: Actor
) -> None:
    async with _client(start_service(), owner) as http, _behind_the_services_back(replicated) as direct:
        interview_id = await _started(http)
        await standby.pause()
        await _cancel(direct, interview_id)
        changed = time.monotonic()

        seen = [(await _status(http, interview_id), time.monotonic())]
        while seen[-1][0] == "in_progress" and seen[-1][1] - changed < 5 * MAX_LAG:
            began = time.monotonic()
            seen.append((await _status(http, interview_id), began))

        assert seen[0][0] == "in_progress"  # the replica's word: the primary's would be another one
        assert seen[-2][1] - changed <= MAX_LAG
        listed = (await http.get("/interviews")).json()["data"][0]["status"]
        exported = await http.post("/interviews/export", json={"interview_id": interview_id})
        assert (listed, exported.status_code) == ("cancelled", 200)

        await standby.resume()


async def test_own_writes_are_seen_at_every_service_while_the_replica_lags(
    start_service: Start, standby: Standby, owner: Actor
) -> None:
    one, other = start_service(), start_service()
    async with _client(one, owner) as here, _client(other, owner) as there:
        assert await _status(there, await _started(here)) == "in_progress"
        await standby.pause()

        interview_id = await _started(here)
        assert await _status(there, interview_id) == "in_progress"
        body = {"interview_id": interview_id, "user_response": "I buy steel."}
        assert (await here.post("/interviews/continue", json=body)).status_code == 200
        assert len((await there.get(f"/interviews/{interview_id}")).json()["data"]["messages"]) == 3
        assert (await there.patch(f"/interviews/{interview_id}", json={"status": "cancelled"})).status_code == 200
        assert await _status(here, interview_id) == "cancelled"
        listed = (await here.get("/interviews")).json()["data"]
        assert [each["status"] for each in listed] == ["cancelled", "in_progress"]
        assert (await here.delete(f"/interviews/{interview_id}")).status_code == 204
        assert (await there.get(f"/interviews/{interview_id}")).status_code == 404

        await standby.resume()


async def test_own_writes_are_seen_at_every_service_while_all_write(start_service: Start, owner: Actor) -> None:
    one, other = start_service(), start_service()
    async with _client(one, owner) as here, _client(other, owner) as there:

        async def write_and_read(number: int) -> None:
            writer, reader = (here, there) if number % 2 else (there, here)
            for _ in range(15):
                interview_id = await _started(writer)
                assert await _status(reader, interview_id) == "in_progress"
                await writer.patch(f"/interviews/{interview_id}", json={"status": "completed"})
                assert await _status(reader, interview_id) == "completed"

        await asyncio.gather(*map(write_and_read, range(6)))


@pytest.mark.parametrize("end", ["crashes", "is promoted"])
async def test_reads_go_on_at_the_primary_when_the_replica(
    start_service: Start, standby: Standby, replicated: str, owner: Actor, end: str
) -> None:
    async with _client(start_service(), owner) as http, _behind_the_services_back(replicated) as direct:
        interview_id = await _started(http)
        assert await _status(http, interview_id) == "in_progress"

        if end == "crashes":
            standby.stop("immediate")
        else:
            await standby.promote()
        await _cancel(direct, interview_id)

        assert await _status(http, interview_id) == "cancelled"
        assert await _status(http, await _started(http)) == "in_progress"


async def test_a_replica_that_comes_back_is_read_from_again(
    start_service: Start, standby: Standby, replicated: str, owner: Actor
) -> None:
    async with _client(start_service(), owner) as http, _behind_the_services_back(replicated) as direct:
        standby.stop("immediate")
        interview_id = await _started(http)
        standby.start()

        async with asyncio.timeout(TIMEOUT):
            while True:
                await direct.execute(
                    "UPDATE interview SET status = 'in_progress' WHERE id_interview = $1", interview_id
                )
                await asyncio.sleep(MAX_LAG)
                await standby.pause()
                await _cancel(direct, interview_id)
                served_by_replica = await _status(http, interview_id) == "in_progress"
                await standby.resume()
                if served_by_replica:
                    break


def test_doctor_finds_a_replica_well(replicated: str, standby: Standby, tmp_path: Path) -> None:
    replica = standby.url(replicated.partition("?")[0].rpartition("/")[2])
    result = run_subprocess("doctor", DATABASE_URL=replicated, REPLICA_URL=replica, JWT_KEY_DIR=str(tmp_path))

    assert "ok   replica: PostgreSQL 18" in result.stdout
    assert result.returncode == 0


async def test_a_replica_that_is_none_is_never_read_from(start_service: Start, replicated: str, owner: Actor) -> None:
    async with _client(start_service(REPLICA_URL=replicated), owner) as http:
        assert await _status(http, await _started(http)) == "in_progress"
