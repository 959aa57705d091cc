"""Clients that disconnect early or send one byte per second do not affect other clients and leak nothing."""

import asyncio
import json

import asyncpg
import httpx2

from tests.faults.conftest import Start, Tally
from tests.faults.invariants import assert_stored_equals_acknowledged
from tests.faults.load import FACTOR, Ledger, assert_all_succeed
from tests.support.actors import Actor
from tests.support.service import Service


async def test_nothing_leaks_if_two_hundred_clients_disconnect(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()
    files = service.count_open_files()

    for count in range(int(200 * FACTOR)):
        await _disconnect(service, owner, after=count % 8)

    await assert_all_succeed(service.url, owner)
    stored = await _assert_consistent(faulty_database)
    tally(f"{stored} interviews were started; files open before {files}, after {service.count_open_files()}")
    assert service.count_open_files() <= files + 10 + 10  # the pool's connections, and those that clients keep alive


async def test_503_if_a_client_sends_one_byte_per_second(start_service: Start, tally: Tally, owner: Actor) -> None:
    service = start_service(REQUEST_TIMEOUT="2")
    reader, writer = await _connect(service)
    writer.write(_head(owner, length=1000))

    async def trickle() -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(1)

    trickling = asyncio.create_task(trickle())
    try:
        await assert_all_succeed(service.url, owner)
        async with asyncio.timeout(10):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    finally:
        trickling.cancel()
        writer.close()

    assert answer.startswith("HTTP/1.1 503")
    tally("503 after 2 s, 60 × 200 before it")
    await assert_all_succeed(service.url, owner)


async def test_a_thousand_error_responses_of_each_kind_leak_nothing(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service(POOL_MAX_SIZE="5")
    await assert_all_succeed(service.url, owner)
    files = service.count_open_files()
    limits = httpx2.Limits(max_connections=10)
    requests_by_status = {
        401: {"method": "GET", "url": "/api/v1/interviews", "headers": {"Authorization": "Bearer x"}},
        404: {"method": "GET", "url": "/api/v1/interviews/0193b1f0-5a3e-7c1d-8e2f-0123456789ab"},
        409: {
            "method": "POST",
            "url": "/api/v1/interviews/continue",
            "json": await _complete_interview(service, owner),
        },
        422: {"method": "GET", "url": "/api/v1/interviews/invalid-uuid"},
    }
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers(), timeout=20, limits=limits) as http:
        for status, request in requests_by_status.items():
            answers = await asyncio.gather(*(http.request(**request) for _ in range(1000)))
            assert {answer.status_code for answer in answers} == {status}

    await assert_all_succeed(service.url, owner)
    connection = await asyncpg.connect(faulty_database)
    connections = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    tally(f"4 × 1000 errors: {connections} connections, files open before {files}, after {service.count_open_files()}")
    assert connections <= 5
    assert service.count_open_files() <= files + 10


async def _disconnect(service: Service, owner: Actor, *, after: int) -> None:
    """Send a start request, or a part of it, and close the connection without reading. `after` selects the part."""
    body = json.dumps({"language": "en"}).encode()
    request = _head(owner, length=len(body)) + body
    _, writer = await _connect(service)
    writer.write(request if after >= 4 else request[: len(request) * (after + 1) // 5])
    await writer.drain()
    if after > 5:
        await asyncio.sleep(0.001 * after)
    writer.transport.abort()


async def _connect(service: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(service.url.rpartition(":")[2]))


def _head(owner: Actor, *, length: int) -> bytes:
    return (
        "POST /api/v1/interviews/start HTTP/1.1\r\nHost: interviews\r\nContent-Type: application/json\r\n"
        f"Authorization: {owner.headers()['Authorization']}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def _complete_interview(service: Service, owner: Actor) -> dict[str, str]:
    """Complete an interview and return the body of another turn."""
    async with httpx2.AsyncClient(base_url=service.url, headers=owner.headers()) as http:
        started = await http.post("/api/v1/interviews/start", json={})
        interview_id = started.json()["data"]["interview_id"]
        await http.patch(f"/api/v1/interviews/{interview_id}", json={"status": "completed"})
    return {"interview_id": interview_id, "user_response": "too late"}


async def _assert_consistent(database_url: str) -> int:
    """Assert the invariants of interviews whose start may be unacknowledged. Return their number."""
    connection = await asyncpg.connect(database_url)
    ids = await connection.fetch("SELECT id_interview::text AS id FROM interview")
    await connection.close()
    await assert_stored_equals_acknowledged(database_url, Ledger(acknowledged={row["id"]: {} for row in ids}))
    return len(ids)
