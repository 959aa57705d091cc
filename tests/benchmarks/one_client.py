"""One client that asks one thing after another on one connection, and looks at the clock."""

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
"""Seconds after which what has been seen of one question is enough."""


class Client:
    """A connection that is kept open; `repeats`: how many answers make a median, at the most."""

    def __init__(self, url: str, repeats: int) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._repeats = repeats

    def median_ms(self, requests: Sequence[Request], undone: Callable[[], None] = lambda: None) -> float:
        """The median time of an answer in milliseconds. undone: takes back what a whole turn of requests did."""
        self._connection.close()  # the server has closed it while the database was filled; the next request opens it
        for request in requests[:_WARM_UP]:
            self._seconds(request)
        undone()
        taken: list[float] = []
        until = time.monotonic() + _LONGEST
        while len(taken) < self._repeats and time.monotonic() < until:
            for request in requests[: self._repeats - len(taken)]:
                taken.append(self._seconds(request))
                if time.monotonic() > until:
                    break
            undone()
        return median(taken) * 1000

    def _seconds(self, request: Request) -> float:
        headers = {"Authorization": f"Bearer {request.token}"}
        if request.body:
            headers["Content-Type"] = "application/json"
        begun = time.perf_counter()
        self._connection.request(request.method, request.path, request.body or None, headers)
        response = self._connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - begun
        if response.status != 200:
            told = body[:300].decode(errors="replace")
            raise click.ClickException(f"{request.method} {request.path} was answered {response.status}: {told}")
        return seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()
