"""One client that sends requests one after another on one connection, and measures each."""

import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from statistics import median
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import click

from tests.benchmarks.wrk import Request

_WARM_UP = 20
_LONGEST = 10.0
"""Seconds after which the measurement of one operation stops."""


class Client:
    """A connection that stays open. A median is taken from at most `repeats` responses."""

    def __init__(self, url: str, repeats: int) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._repeats = repeats

    def median_ms(self, requests: Sequence[Request], undo: Callable[[], None] = lambda: None) -> float:
        """Return the median time of a response in milliseconds. `undo` reverts the effects of `requests`."""
        self._connection.close()  # the server closed it while the database was filled; the next request opens it again
        for request in requests[:_WARM_UP]:
            self._seconds(request)
        undo()
        times: list[float] = []
        deadline = time.monotonic() + _LONGEST
        while len(times) < self._repeats and time.monotonic() < deadline:
            for request in requests[: self._repeats - len(times)]:
                times.append(self._seconds(request))
                if time.monotonic() > deadline:
                    break
            undo()
        return median(times) * 1000

    def _seconds(self, request: Request) -> float:
        headers = {"Authorization": f"Bearer {request.token}"}
        if request.body:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        self._connection.request(request.method, request.path, request.body or None, headers)
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - start
        if response.status != 200:
            environment = body[:300].decode(errors="replace")
            raise click.ClickException(f"{request.method} {request.path} was answered {response.status}: {environment}")
        return seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()
