"""The service is killed or stopped under load."""

import asyncio

import pytest

from tests.faults.conftest import Start, Tally
from tests.faults.invariants import assert_stored_equals_acknowledged
from tests.faults.load import FACTOR, Load, assert_all_succeed
from tests.support.actors import Actor


@pytest.mark.parametrize("workers", [1, 2])
async def test_no_answer_is_lost_if_the_service_is_killed_and_restarted(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor, workers: int
) -> None:
    service = start_service(workers=workers)

    async with Load(service.url, owner).run() as ledger:
        for _ in range(int(2 * FACTOR)):
            await asyncio.sleep(1.5)
            service.kill()
            await asyncio.to_thread(service.start)
        await asyncio.sleep(1)

    tally(f"killed ({workers} workers): {ledger}")
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)


async def test_sigterm_completes_running_requests_and_rejects_new_ones(
    start_service: Start, tally: Tally, faulty_database: str, owner: Actor
) -> None:
    service = start_service()

    async with Load(service.url, owner).run() as ledger:
        await asyncio.sleep(2)
        service.terminate()
        status = await asyncio.to_thread(service.wait)
        broken = {name for operation, name in ledger.tally if isinstance(name, str)}
        await asyncio.to_thread(service.start)
        await asyncio.sleep(1)

    tally(f"SIGTERM: {ledger}")
    assert status == 0
    # New connections are refused and idle ones are closed, but no response is cut off.
    assert broken <= {"ConnectError", "RemoteProtocolError", "ReadError"}
    assert ledger.replayed == 0
    await assert_stored_equals_acknowledged(faulty_database, ledger)
    await assert_all_succeed(service.url, owner)
