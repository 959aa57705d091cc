"""Deadlines behave like asyncio's timeouts, and share one timer."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.database.deadline import Deadline

FOREVER = 60


async def wait() -> None:
    """Wait until cancelled."""
    await asyncio.get_running_loop().create_future()


async def test_timeout_error_if_the_deadline_passes_in_the_block():
    with pytest.raises(TimeoutError):
        async with Deadline.after(0.01) as deadline:
            await wait()

    assert deadline.expired
    assert asyncio.current_task().cancelling() == 0


async def test_no_error_if_the_block_ends_before_the_deadline():
    async with Deadline.after(FOREVER) as deadline:
        pass

    assert not deadline.expired


async def test_an_error_of_the_block_is_raised():
    with pytest.raises(LookupError):
        async with Deadline.after(FOREVER):
            raise LookupError


async def test_a_timeout_error_of_the_block_does_not_mean_that_the_deadline_has_passed():
    with pytest.raises(TimeoutError):
        async with Deadline.after(FOREVER) as deadline:
            raise TimeoutError

    assert not deadline.expired


async def test_the_block_stays_cancelled_if_somebody_else_cancels_it():
    async def run() -> None:
        async with Deadline.after(FOREVER):
            entered.set()
            await wait()

    entered = asyncio.Event()
    task = asyncio.create_task(run())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_block_stays_cancelled_if_the_deadline_passes_and_somebody_else_cancels_it():
    async def run() -> None:
        async with Deadline.after(0.01):
            try:
                await wait()
            except asyncio.CancelledError:
                asyncio.current_task().cancel()
                raise

    task = asyncio.create_task(run())

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_lifted_deadline_never_passes():
    async with Deadline.after(0.01) as deadline:
        deadline.move(None)
        await asyncio.sleep(0.03)

    assert not deadline.expired


async def test_a_deadline_that_was_lifted_can_be_set_again():
    async def run() -> None:
        async with Deadline.after(FOREVER) as deadline:
            deadline.move(None)
            deadline.move(asyncio.get_running_loop().time() + 0.01)
            await wait()

    with pytest.raises(TimeoutError):
        await run()


async def test_timeout_error_if_a_deadline_is_moved_after_it_has_passed():
    with pytest.raises(TimeoutError):
        async with Deadline.after(0.01) as deadline:
            await wait()

    with pytest.raises(TimeoutError):
        deadline.move(None)


async def test_a_deadline_outside_its_block_never_passes():
    deadline = Deadline.after(0.01)
    deadline.move(0)
    async with deadline:
        pass
    deadline.move(0)
    await asyncio.sleep(0.03)

    assert not deadline.expired


@pytest.mark.parametrize("order", [list, reversed])
@pytest.mark.parametrize("age", [0, 60], ids=["in turn", "all at the same time"])
async def test_deadlines_pass_in_the_order_of_their_times(order: Callable[[list[float]], Any], age: float):
    passed = []
    now = asyncio.get_running_loop().time() - age

    async def run(seconds: float) -> None:
        try:
            async with Deadline(now + seconds):
                await wait()
        except TimeoutError:
            passed.append(seconds)

    await asyncio.gather(*(run(seconds) for seconds in order([0.01, 0.02, 0.03])))

    assert passed == [0.01, 0.02, 0.03]


async def test_both_deadlines_pass_if_one_is_within_the_other():
    passed = []

    async def run(*deadlines: float) -> None:
        if not deadlines:
            return await wait()
        try:
            async with Deadline.after(deadlines[0]):
                await run(*deadlines[1:])
                await wait()
        except TimeoutError:
            passed.append(deadlines[0])

    await run(0.03, 0.01)

    assert passed == [0.01, 0.03]


async def test_a_thousand_deadlines_need_one_timer():
    async with Deadline.after(FOREVER) as first:
        timer = first._alarm._timer
    for _ in range(1000):
        async with Deadline.after(FOREVER) as deadline:
            pass

    assert deadline._alarm._timer is timer is not None


def test_each_loop_has_its_own_timer():
    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with Deadline.after(0.01):
                await wait()

    asyncio.run(run())
    asyncio.run(run())
