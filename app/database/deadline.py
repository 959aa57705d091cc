"""The deadline of a request. A unit of work lifts it while a write commits."""

import asyncio
from operator import itemgetter
from types import TracebackType
from typing import Self


class Deadline:
    """A time limit for an `async with` block, like `asyncio.timeout_at`, but without a timer for each block.

    The deadlines of one event loop share a timer, because a timer of uvloop costs 4 µs and hardly any deadline passes.
    A response without a statement, such as a 401, takes about 60 µs.

    when: the time of the deadline, or None if it has been lifted. expired: whether it has passed while the block was
    running.
    """

    def __init__(self, when: float | None) -> None:
        """when: in the time of the running event loop, or None for a deadline that has been lifted."""
        self.when = when
        self.expired = False
        self._task: asyncio.Task[object] | None = None
        self._alarm = _alarm_of_running_loop()

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return a deadline that many seconds from now."""
        return cls(asyncio.get_running_loop().time() + seconds)

    def move(self, when: float | None) -> None:
        """Move the deadline, or lift it with None. Does nothing before and after the block.

        Raises TimeoutError if the deadline has passed.
        """
        if self.expired:
            raise TimeoutError
        if self._task is not None:
            self.when = when
            self._alarm.update(self)

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Use a deadline in a task.")
        self._task, self._cancelling = task, task.cancelling()
        self._alarm.update(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        self._alarm.remove(self)
        if not self.expired or task is None:
            return
        if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the block. The alarm calls this."""
        if self._task is not None:
            self.expired = True
            self._task.cancel()


class _Alarm:
    """The timer of the deadlines of one event loop. It is set for the first of them, or earlier."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._deadlines: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = float("inf")

    def update(self, deadline: Deadline) -> None:
        """Add a deadline, or take notice of its new time."""
        if deadline.when is None:
            self._deadlines.discard(deadline)
            return
        self._deadlines.add(deadline)
        if deadline.when < self._rings_at:
            self._set(deadline.when)

    def remove(self, deadline: Deadline) -> None:
        """Remove a deadline. The timer stays: the next deadline is likely to need it."""
        self._deadlines.discard(deadline)

    def _set(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = self.loop.call_at(when, self._ring), when

    def _ring(self) -> None:
        self._timer, self._rings_at = None, float("inf")
        now = self.loop.time()
        due = [(each.when, each) for each in self._deadlines if each.when is not None and each.when <= now]
        for _, deadline in sorted(due, key=itemgetter(0)):
            self._deadlines.remove(deadline)
            deadline.expire()
        first = min((each.when for each in self._deadlines if each.when is not None), default=None)
        if first is not None:
            self._set(first)


_alarm: _Alarm | None = None


def _alarm_of_running_loop() -> _Alarm:
    """Return the alarm of the running loop. Deadlines of a loop that ran before keep theirs."""
    global _alarm  # noqa: PLW0603 - a process has one loop, but tests have several
    loop = asyncio.get_running_loop()
    if _alarm is None or _alarm.loop is not loop:
        _alarm = _Alarm(loop)
    return _alarm
