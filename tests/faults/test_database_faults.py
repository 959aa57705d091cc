"""PostgreSQL fails under load: no acknowledged answer is lost or doubled, and the service recovers."""

import asyncio
from typing import Literal

import asyncpg
import httpx2
import pytest

from app.embedded_postgres import EmbeddedPostgres
from tests.faults.conftest import Start, Tally
from tests.faults.invariants import assert_stored_equals_acknowledged
from tests.faults.load import FACTOR, Load, assert_all_succeed, wait_for_status
from tests.support.actors import Actor

_TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_no_answer_is_lost_if_all_backends_are_killed_repeatedly(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()
    killed = 0

    async with Load(service.url, owner).run() as ledger:
        administrator = await asyncpg.connect(faulty_database)
        for _ in range(int(50 * FACTOR)):  # 15 seconds
            await asyncio.sleep(0.3)
            killed += await administrator.fetchval(_TERMINATE)
        await administrator.close()

    tally(f"backends killed: {killed} | {ledger}")
    assert killed > 50
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_no_answer_is_lost_if_postgresql_restarts(
    start_service: Start,
    tally: Tally,
    fault_server: EmbeddedPostgres,
    faulty_database: str,
    owner: Actor,
    mode: Literal["fast", "immediate"],
) -> None:
    service = start_service()

    async with Load(service.url, owner).run() as ledger:
        for _ in range(int(3 * FACTOR)):
            await asyncio.sleep(1)
            await asyncio.to_thread(fault_server.stop_server, mode)
            await wait_for_status(service.url, status=503)
            assert service.is_available("/api/v1/health")
            await asyncio.sleep(0.5)
            await asyncio.to_thread(fault_server.start_server)
            await wait_for_status(service.url)

    tally(f"stopped ({mode}): {ledger}")
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)


async def test_no_answer_is_lost_if_a_table_is_locked(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service(LOCK_TIMEOUT="1")

    async with Load(service.url, owner).run() as ledger:
        await asyncio.sleep(1)
        locker = await asyncpg.connect(faulty_database)
        async with locker.transaction():
            await locker.execute("LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(6)
            assert service.is_available("/api/v1/health")
        await locker.close()

    tally(f"locked: {ledger}")
    assert ledger.count(503) > 0
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)


async def test_503_and_no_answer_is_lost_if_the_pool_is_exhausted(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service(POOL_MAX_SIZE="2", POOL_ACQUIRE_TIMEOUT="0.5", LOCK_TIMEOUT="3")

    async with Load(service.url, owner).run() as ledger:
        await asyncio.sleep(1)
        locker = await asyncpg.connect(faulty_database)
        async with locker.transaction():
            await locker.execute("LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(3)
            async with httpx2.AsyncClient(base_url=service.url) as http:
                ready = (await http.get("/api/v1/health/ready")).json()
            assert ready["data"]["checks"]["database"] != "ok"
        await locker.close()

    tally(f"exhausted: {ledger}")
    assert ledger.count(503) > 0
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)
