"""Send requests to one server, and return each result as an Exchange."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import httpx2

from statuspin.contract.document import Operation
from statuspin.errors import CannotRun
from statuspin.http.connection import Connection
from statuspin.http.exchange import Answer, Exchange, Sent
from statuspin.http.failures import NO_RESPONSE_IN_TIME, describe
from statuspin.http.reading import TooLarge, read_answer

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})
_MOST_CONNECTIONS = 200
_CHUNK = 65536


@dataclass
class Resends:
    """Counts of requests that were sent a second time.

    closed: the server had closed the idle connection. limited: after the pause that `Retry-After` asked for.
    renewed: after another login.
    """

    closed: int = 0
    limited: int = 0
    renewed: int = 0

    @property
    def total(self) -> int:
        """The number of all resends."""
        return self.closed + self.limited + self.renewed


class Client:
    """A client of one base URL, used with `async with`. It follows no redirects and keeps no cookies.

    If the server closes a reused connection without sending a byte, the request is sent again on a fresh connection
    (RFC 9110, section 9.2.2). That is safe only if the method is idempotent, so other methods, and the requests of a
    race, always use fresh connections.
    """

    def __init__(self, base_url: str, connection: Connection | None = None, resends: Resends | None = None) -> None:
        """Create the HTTP clients. Raises CannotRun if the proxy is unusable.

        base_url: the URL before the paths. resends: the counts to add to.
        """
        self.base_url, self._connection = base_url.rstrip("/"), connection or Connection()
        self._resends = resends or Resends()
        self._kept = self._http_client(_MOST_CONNECTIONS)
        self._fresh = self._http_client(0)

    def _http_client(self, keepalive: int) -> httpx2.AsyncClient:
        encrypted = self.base_url.startswith("https:")  # loading certificates is slow, and http: needs none
        proxy = self._connection.proxy_for(self.base_url)
        needs_tls = encrypted or (proxy or "").startswith("https:")
        try:
            return httpx2.AsyncClient(
                timeout=self._connection.timeout,
                limits=httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=keepalive),
                trust_env=False,
                verify=self._connection.tls if needs_tls else False,
                proxy=proxy,
            )
        except (ImportError, ValueError, httpx2.InvalidURL) as error:
            raise CannotRun(f"cannot use the proxy {proxy}: {error}") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._kept.aclose()
        await self._fresh.aclose()

    async def send(self, operation: Operation, sent: Sent, source: str = "", *, racing: bool = False) -> Exchange:
        """Send a request. If the connection breaks or the server does not respond, the exchange has a `failure`.

        racing: whether the request is part of a race, which has waited for the pace already. Raises CannotRun if the
        request cannot be sent.
        """
        sent = replace(sent, headers={**self._connection.headers, **sent.headers})
        if not racing:
            await self._connection.pace.wait()
        begun = time.perf_counter()
        try:
            if racing or sent.method not in IDEMPOTENT:
                answer = await self._send_on(self._fresh, sent)
            else:
                answer = await self._send_with_resend(sent)
        except TimeoutError:
            return Exchange(operation.id, sent, None, time.perf_counter() - begun, NO_RESPONSE_IN_TIME, source)
        except TooLarge as error:
            return Exchange(operation.id, sent, None, time.perf_counter() - begun, str(error), source)
        except (httpx2.HTTPError, OSError) as error:  # TLS alerts are not wrapped
            return Exchange(operation.id, sent, None, time.perf_counter() - begun, describe(error), source)
        except (httpx2.InvalidURL, ValueError) as error:
            raise CannotRun(f"{operation.id}: {sent.method} {self.base_url}{sent.target[:80]}: {error}") from None
        return Exchange(operation.id, sent, answer, time.perf_counter() - begun, "", source)

    async def _send_with_resend(self, sent: Sent) -> Answer:
        progress = _Progress()
        try:
            return await self._send_on(self._kept, sent, progress)
        except httpx2.TransportError as error:
            if isinstance(error, httpx2.TimeoutException) or progress.connected or progress.answered:
                raise
        self._resends.closed += 1
        return await self._send_on(self._fresh, sent)

    async def _send_on(self, http: httpx2.AsyncClient, sent: Sent, progress: "_Progress | None" = None) -> Answer:
        deadline = asyncio.get_running_loop().time() + self._connection.timeout
        http.cookies.clear()
        request = http.build_request(
            sent.method,
            self.base_url + sent.target,
            headers=sent.headers,
            content=_split_chunks(sent.body) if sent.chunked else sent.body or None,
            extensions={"trace": progress} if progress else None,
        )
        async with asyncio.timeout_at(deadline):  # the client's timeout starts again with every byte
            response = await http.send(request, stream=True)
        try:
            return await read_answer(response, deadline)
        finally:
            await response.aclose()


@dataclass
class _Progress:
    """The progress of a request, as a trace extension of httpx2. connected: a new connection was opened for it."""

    connected: bool = False
    answered: bool = False

    async def __call__(self, event: str, details: dict[str, Any]) -> None:
        del details
        self.connected = self.connected or event.endswith("connect_tcp.started")
        self.answered = self.answered or event.endswith("receive_response_headers.complete")


async def _split_chunks(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), _CHUNK):
        yield body[begin : begin + _CHUNK]
