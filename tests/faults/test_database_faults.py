"""PostgreSQL fails under load: nothing acknowledged is lost or doubled, every answer is promised, all recovers."""

import asyncio
from typing import Literal

import asyncpg
import httpx2
import pytest

from app.embedded_postgres import EmbeddedPostgres
from tests.faults.conftest import Start, Tally
from tests.faults.invariants import nothing_lost_nothing_doubled
from tests.faults.load import FACTOR, Load, at_ease, eventually
from tests.support.actors import Actor

_TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def test_every_backend_killed_again_and_again(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()
    killed = 0

    async with Load(service.url, owner).running() as ledger:
        executioner = await asyncpg.connect(faulty_database)
        for _ in range(int(50 * FACTOR)):  # 15 seconds
            await asyncio.sleep(0.3)
            killed += await executioner.fetchval(_TERMINATE)
        await executioner.close()

    tally(f"backends killed: {killed} | {ledger}")
    assert killed > 50
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_postgresql_stopped_and_started(
    start_service: Start,
    tally: Tally,
    breakable: EmbeddedPostgres,
    faulty_database: str,
    owner: Actor,
    mode: Literal["fast", "immediate"],
) -> None:
    service = start_service()

    async with Load(service.url, owner).running() as ledger:
        for _ in range(int(3 * FACTOR)):
            await asyncio.sleep(1)
            await asyncio.to_thread(breakable.stop_server, mode)
            await eventually(service.url, status=503)
            assert service.is_available("/api/v1/health")
            await asyncio.sleep(0.5)
            await asyncio.to_thread(breakable.start_server)
            await eventually(service.url)

    tally(f"stopped ({mode}): {ledger}")
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)


async def test_a_table_locked_for_six_seconds(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service(LOCK_TIMEOUT="1")

    async with Load(service.url, owner).running() as ledger:
        await asyncio.sleep(1)
        locker = await asyncpg.connect(faulty_database)
        async with locker.transaction():
            await locker.execute("LOCK TABLE interview IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(6)
            assert service.is_available("/api/v1/health")
        await locker.close()

    tally(f"locked: {ledger}")
    assert ledger.count(503) > 0
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)


async def test_the_pool_exhausted(start_service: Start, tally: Tally, faulty_database: str, owner: Actor) -> None:
    service = start_service(POOL_MAX_SIZE="2", POOL_ACQUIRE_TIMEOUT="0.5", LOCK_TIMEOUT="3")

    async with Load(service.url, owner).running() as ledger:
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
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)
