"""Cancel a task at each of its awaits in turn."""

import asyncio
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any, Literal

from app.database.engine import ENGINE

Moment = Literal["as it begins to wait", "as the answer arrives"]
MOMENTS: tuple[Moment, ...] = ("as it begins to wait", "as the answer arrives")


async def cancel_at_each_await(operation: Callable[[], Awaitable[Any]], moment: Moment) -> AsyncIterator[int]:
    """Run `operation` repeatedly and cancel it at its 1st, 2nd, 3rd … await, until it ends before that await.

    Yields the number of the await after each cancelled run. The last run is not cancelled and must succeed.
    """
    number = 0
    while True:
        number += 1
        run_once = _CancelledRun(operation(), number, moment)
        task = asyncio.ensure_future(run_once.run())
        await asyncio.wait([task])
        if not run_once.reached:
            task.result()
            return
        if not task.cancelled():
            raise AssertionError(f"was not cancelled at await {number}: {task.exception() or task.result()!r}")
        yield number


class _CancelledRun:
    def __init__(self, operation: Awaitable[Any], number: int, moment: Moment) -> None:
        self._operation = operation
        self._number = number
        self._moment = moment
        self.reached = False

    async def run(self) -> Any:
        try:
            return await self._step()
        finally:
            assert ENGINE.current_transaction.get() is None, "a transaction is still current in the task"

    @types.coroutine
    def _step(self) -> Generator[Any, Any, Any]:
        """Delegate like `yield from`, and cancel the task at the chosen future."""
        waits = 0
        iterator = self._operation.__await__()
        step, value = iterator.send, None
        while True:
            try:
                future = step(value)
            except StopIteration as stop:
                return stop.value
            waits += 1
            if waits == self._number:
                self._cancel_at(future)
            try:
                value, step = (yield future), iterator.send
            except BaseException as error:  # noqa: BLE001 - passed on, as `yield from` does
                value, step = error, iterator.throw

    def _cancel_at(self, future: asyncio.Future[Any] | None) -> None:
        self.reached = True
        task = asyncio.current_task()
        if future is None or self._moment == "as it begins to wait":
            task.cancel()
        else:
            future.add_done_callback(lambda _: task.cancel())
