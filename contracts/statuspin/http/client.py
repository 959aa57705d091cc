"""Sends the requests of one server: what a pin says becomes bytes, and whatever comes back becomes an Exchange."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import httpx2

from statuspin.contract.document import Operation
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.exchange import Answer, Exchange, Sent
from statuspin.http.values import fill, raw_bytes

JSON = "application/json"
_MOST_CONNECTIONS = 200
_CHUNK = 65536
_LATE = "no answer in time"


class Client:
    """A client of one base URL, for `async with`. It follows no redirect, keeps no cookie, takes no proxy.

    timeout: seconds that an answer may take.
    """

    def __init__(self, base_url: str, *, timeout: float = 30.0) -> None:
        """base_url: what the paths of the contract are put behind."""
        self.base_url, self._timeout = base_url.rstrip("/"), timeout
        limits = httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
        encrypted = self.base_url.startswith("https:")  # certificates take a while to load, and http: needs none
        self._http = httpx2.AsyncClient(timeout=timeout, limits=limits, trust_env=False, verify=encrypted)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, operation: Operation, sent: Sent, source: str = "") -> Exchange:
        """Send it. A connection that breaks or an answer that does not come is the exchange's `failure`."""
        begun = time.perf_counter()
        try:
            self._http.cookies.clear()
            request = self._http.build_request(
                sent.method,
                self.base_url + sent.target,
                headers=sent.headers,
                content=_in_chunks(sent.body) if sent.chunked else sent.body or None,
            )
            async with asyncio.timeout(self._timeout):  # httpx2's own begins anew with every byte
                response = await self._http.send(request)
        except TimeoutError:
            return Exchange(operation.id, sent, None, time.perf_counter() - begun, _LATE, source)
        except httpx2.HTTPError as error:
            return Exchange(operation.id, sent, None, time.perf_counter() - begun, _reason(error), source)
        except (httpx2.InvalidURL, ValueError) as error:
            raise CannotRun(f"{operation.id}: {sent.method} {self.base_url}{sent.target[:80]}: {error}") from None
        answer = Answer(response.status_code, _joined(response.headers), response.content)
        return Exchange(operation.id, sent, answer, time.perf_counter() - begun, "", source)


def build_request(operation: Operation, request: Request, authorization: str | None, kept: Mapping[str, Any]) -> Sent:
    """What is sent for `request`. authorization: the header's value, or None to send none.

    Raises CannotRun where a path parameter has no value, or a name is used that no given kept.
    """
    names = set(request.without)
    values = {name: value for name, value in fill(request.path, kept).items() if name not in names}
    query = {name: _said(value) for name, value in fill(request.query, kept).items() if name not in names}
    headers = {
        name.lower(): str(_said(value)) for name, value in fill(request.headers, kept).items() if name not in names
    }
    body = _body(request, kept)
    if body is not None:
        headers.setdefault("content-type", request.media_type or JSON)
    if authorization is not None:
        headers.setdefault("authorization", authorization)
    target = _path(operation, values)
    if query:
        target += "?" + urlencode(query, doseq=True, errors="surrogatepass")
    return Sent((request.method or operation.method).upper(), target, headers, body or b"", request.chunked)


def _path(operation: Operation, values: Mapping[str, Any]) -> str:
    path = operation.path
    for name, value in values.items():
        said = quote(str(_said(value)), safe="", errors="surrogatepass")
        said = said.replace(".", "%2E") if said in (".", "..") else said  # these would be taken for steps in the path
        path = path.replace(f"{{{name}}}", said)
    if "{" in path:
        raise CannotRun(f"pins.yaml: {operation.id}: no value for a parameter of the path {path}")
    return path


def _body(request: Request, kept: Mapping[str, Any]) -> bytes | None:
    if request.raw is not None:
        return raw_bytes(request.raw, kept)
    if request.body is None:
        return None
    body = fill(request.body, kept)
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in request.without}
    return json.dumps(body).encode()


def _said(value: Any) -> Any:
    """A value of a path, a query or a header as JSON spells it: true, and not True."""
    if isinstance(value, list):
        return [_said(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value


async def _in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), _CHUNK):
        yield body[begin : begin + _CHUNK]


def _joined(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _reason(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return _LATE
    if isinstance(error, httpx2.ConnectError):
        return "cannot connect"
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError):
        return "the connection was closed without a whole answer"
    return f"no answer: {type(error).__name__}"
