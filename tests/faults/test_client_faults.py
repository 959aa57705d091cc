"""Clients that disconnect half-way or send a byte a second take nothing from the others, and leave nothing open."""

import asyncio
import json

import asyncpg
import httpx2

from tests.faults.conftest import Start, Tally
from tests.faults.invariants import nothing_lost_nothing_doubled
from tests.faults.load import FACTOR, Ledger, at_ease
from tests.support.actors import Actor
from tests.support.service import Service


async def test_two_hundred_clients_that_disconnect_half_way(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()
    files = service.count_open_files()

    for count in range(int(200 * FACTOR)):
        await _break_off(service, owner, after=count % 8)

    await at_ease(service.url, owner)
    stored = await _consistent(faulty_database)
    tally(
        f"{stored} interviews were started all the same; files open before {files}, after {service.count_open_files()}"
    )
    assert service.count_open_files() <= files + 10 + 10  # the pool's connections, and those that clients keep alive


async def test_503_when_a_client_sends_a_byte_a_second_and_others_are_served_meanwhile(
    start_service: Start, tally: Tally, owner: Actor
) -> None:
    service = start_service(REQUEST_TIMEOUT="2")
    reader, writer = await _connected(service)
    writer.write(_head(owner, length=1000))

    async def trickle() -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(1)

    trickling = asyncio.create_task(trickle())
    try:
        await at_ease(service.url, owner)
        async with asyncio.timeout(10):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        trickling.cancel()
        writer.close()

    assert answer.startswith("HTTP/1.1 503")
    tally("503 after 2 s, 60 × 200 meanwhile")
    await at_ease(service.url, owner)


async def test_a_thousand_refusals_of_each_kind_leak_neither_connection_nor_file(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service(POOL_MAX_SIZE="5")
    await at_ease(service.url, owner)
    files = service.count_open_files()
    limits = httpx2.Limits(max_connections=10)
    kinds = {
        401: {"method": "GET", "url": "/api/v1/interviews", "headers": {"Authorization": "Bearer x"}},
        404: {"method": "GET", "url": "/api/v1/interviews/0193b1f0-5a3e-7c1d-8e2f-0123456789ab"},
        409: {"method": "POST", "url": "/api/v1/interviews/continue", "json": await _completed(service, owner)},
        422: {"method": "GET", "url": "/api/v1/interviews/invalid-uuid"},
    }
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20, limits=limits) as http:
        for status, request in kinds.items():
            answers = await asyncio.gather(*(http.request(**request) for _ in range(1000)))
            assert {answer.status_code for answer in answers} == {status}

    await at_ease(service.url, owner)
    connection = await asyncpg.connect(faulty_database)
    held = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    tally(f"4 × 1000 refusals: {held} connections, files open before {files}, after {service.count_open_files()}")
    assert held <= 5
    assert service.count_open_files() <= files + 10


async def _break_off(service: Service, owner: Actor, *, after: int) -> None:
    """Send a part of a start, or all of it, and hang up without reading; `after` says how far to go."""
    body = json.dumps({"language": "en"}).encode()
    whole = _head(owner, length=len(body)) + body
    _, writer = await _connected(service)
    writer.write(whole if after >= 4 else whole[: len(whole) * (after + 1) // 5])
    await writer.drain()
    if after > 5:
        await asyncio.sleep(0.001 * after)
    writer.transport.abort()


async def _connected(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(service.url.rpartition(":")[2]))


def _head(owner: Actor, *, length: int) -> bytes:
    return (
        "POST /api/v1/interviews/start HTTP/1.1\r\nHost: interviews\r\nContent-Type: application/json\r\n"
        f"Authorization: {owner.headers()['Authorization']}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def _completed(service: Service, owner: Actor) -> dict[str, str]:
    """A continue of an interview that is completed."""
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers()) as http:
        started = await http.post("/api/v1/interviews/start", json={})
        interview_id = started.json()["data"]["interview_id"]
        await http.patch(f"/api/v1/interviews/{interview_id}", json={"status": "completed"})
    return {"interview_id": interview_id, "user_response": "too late"}


async def _consistent(database_url: str) -> int:
    """Assert the invariants of interviews that nobody acknowledged; how many there are."""
    connection = await asyncpg.connect(database_url)
    ids = await connection.fetch("SELECT id_interview::text AS id FROM interview")
    await connection.close()
    await nothing_lost_nothing_doubled(database_url, Ledger(acknowledged={row["id"]: [] for row in ids}))
    return len(ids)
