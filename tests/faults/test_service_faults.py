"""The service itself is killed, or told to stop, under load."""

import asyncio

import pytest

from tests.faults.conftest import Start, Tally
from tests.faults.invariants import nothing_lost_nothing_doubled
from tests.faults.load import FACTOR, Load, at_ease
from tests.support.actors import Actor


@pytest.mark.parametrize("workers", [1, 2])
async def test_the_service_killed_and_started_again(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor, workers: int
) -> None:
    service = start_service(workers=workers)

    async with Load(service.url, owner).running() as ledger:
        for _ in range(int(2 * FACTOR)):
            await asyncio.sleep(1.5)
            service.kill()
            await asyncio.to_thread(service.start)
        await asyncio.sleep(1)

    tally(f"killed ({workers} workers): {ledger}")
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)


async def test_sigterm_lets_requests_under_way_finish_and_refuses_new_ones(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()

    async with Load(service.url, owner).running() as ledger:
        await asyncio.sleep(2)
        service.terminate()
        status = await asyncio.to_thread(service.wait)
        broken = {name for operation, name in ledger.tally if isinstance(name, str)}
        await asyncio.to_thread(service.start)
        await asyncio.sleep(1)

    tally(f"SIGTERM: {ledger}")
    assert status == 0
    # Refused or told that an idle connection is closed, but no request broken off half-way.
    assert broken <= {"ConnectError", "RemoteProtocolError", "ReadError"}
    assert ledger.replayed == 0
    await nothing_lost_nothing_doubled(faulty_database, ledger)
    await at_ease(service.url, owner)
