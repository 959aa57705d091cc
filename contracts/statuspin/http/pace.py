"""Limit the rate of requests (`--rate 10/s`)."""

import asyncio
import re
import threading
import time
from dataclasses import dataclass

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|m|h))?")


@dataclass(frozen=True)
class Rate:
    """A number of requests per number of seconds."""

    requests: float
    seconds: float

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Return the rate that a string such as `10/s`, `600/m`, `1000/h` or `10` states. Raises ValueError."""
        found = _RATE.fullmatch(text.strip())
        if found is None or not float(found[1]):
            raise ValueError(f"{text!r} is not a rate; write 10/s, 600/m or 1000/h")
        return cls(float(found[1]), _SECONDS[found[2] or "s"])

    @property
    def interval(self) -> float:
        """The seconds from one request to the next."""
        return self.seconds / self.requests


class Pace:
    """Delays requests so that event loops and threads together keep one rate."""

    def __init__(self, rate: Rate | None) -> None:
        """rate: the rate to keep, or None for no limit."""
        self._interval = rate.interval if rate else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    async def wait(self, requests: int = 1) -> None:
        """Wait until `requests` more requests may be sent together."""
        if self._interval:
            await asyncio.sleep(self._reserve(requests))

    def wait_in_thread(self) -> None:
        """Block the thread until one more request may be sent."""
        if self._interval:
            time.sleep(self._reserve(1))

    def _reserve(self, requests: int) -> float:
        with self._lock:
            now = time.monotonic()
            moment = max(self._next, now)
            self._next = moment + requests * self._interval
            return moment - now
