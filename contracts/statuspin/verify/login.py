"""Log actors in, and return their tokens or session cookies."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from statuspin.contract.actors import Csrf, Login
from statuspin.contract.document import Operation
from statuspin.contract.folder import Contract
from statuspin.contract.security import authorization_prefix
from statuspin.contract.steps import Request
from statuspin.http.bodies import FORM, JSON
from statuspin.http.building import build_request
from statuspin.http.client import Client
from statuspin.http.connection import Connection
from statuspin.http.credentials import Credentials, authorization
from statuspin.http.exchange import Answer, Exchange, Sent, find_values
from statuspin.http.patience import MOST_PAUSES, retry_pause
from statuspin.verify.target import PreconditionUnavailable

_MEDIA_TYPE_REFUSED = (400, 415, 422)


class LoginSession:
    """The login that pins.yaml describes, on one server."""

    def __init__(self, contract: Contract, login: Login, client: Client, connection: Connection) -> None:
        """client: sends requests to the server under test. connection: used for a login with an absolute URL."""
        self._contract, self._login, self._client, self._connection = contract, login, client, connection

    async def sign_in(self, name: str, body: dict[str, Any], scheme: str | None) -> Credentials:
        """Log in and return the credentials of the actor `name`.

        body: the body of the request. scheme: the security scheme of the actor, or None for the document's only one.
        Raises PreconditionUnavailable if the login fails, or if its response contains no token or cookie.
        """
        login = self._login
        csrf = _CsrfValue(login.csrf)
        cookies: dict[str, str] = {}
        if login.csrf:
            await self._fetch_csrf(login.csrf, csrf, cookies)
        operation = self._find_operation(login.operation, login.url)
        exchange = await self._send_body(operation, body, Credentials(cookies=cookies, **csrf.parts))
        answer = exchange.answer
        if answer is None or answer.status >= 400:
            raise _login_failed(operation, exchange, name)
        if login.token is not None:
            return self._build_credentials(operation, exchange, name, scheme)
        cookies.update(answer.cookies)
        cookies = {cookie: value for cookie, value in cookies.items() if value}
        if not cookies:
            raise _login_failed(operation, exchange, name, "without a cookie ")
        if login.csrf and not csrf.read(answer):
            await self._fetch_csrf(login.csrf, csrf, cookies)
        return Credentials(cookies=cookies, renewable=True, **csrf.parts)

    def _build_credentials(
        self, operation: Operation, exchange: Exchange, name: str, scheme: str | None
    ) -> Credentials:
        found = find_values(exchange.answer, self._login.token or "")
        if not found or not isinstance(found[0], str):
            raise _login_failed(operation, exchange, name)
        prefix = self._login.prefix
        prefix = authorization_prefix(self._contract.document, scheme) if prefix is None else prefix
        return Credentials(authorization(f"{prefix} {found[0]}".strip()).headers, renewable=True)

    async def _fetch_csrf(self, csrf: Csrf, value: "_CsrfValue", cookies: dict[str, str]) -> None:
        """Send the request for the CSRF value, if one is configured, and keep its cookies."""
        if not csrf.operation and not csrf.url:
            return
        operation = self._find_operation(csrf.operation, csrf.url)
        answer = (await self._send(operation, Request(), Credentials(cookies=cookies))).answer
        if answer is not None:
            cookies.update(answer.cookies)
            value.read(answer)

    async def _send_body(self, operation: Operation, body: dict[str, Any], credentials: Credentials) -> Exchange:
        """Send the body in the configured media type; otherwise as JSON and, if that is rejected, as a form."""
        for media_type in self._candidate_media_types(operation):
            exchange = await self._send(operation, Request(body=body, media_type=media_type), credentials)
            if exchange.answer is None or exchange.answer.status not in _MEDIA_TYPE_REFUSED:
                break
        return exchange

    def _candidate_media_types(self, operation: Operation) -> Iterator[str | None]:
        if self._login.media_type or operation.media_types:
            yield self._login.media_type
        else:
            yield from (JSON, FORM)

    async def _send(self, operation: Operation, request: Request, credentials: Credentials) -> Exchange:
        if urlsplit(operation.path).scheme:
            return await send_elsewhere(operation, request, credentials, self._connection)
        return await send_patiently(self._client, operation, build_request(operation, request, credentials, {}))

    def _find_operation(self, name: str | None, url: str | None) -> Operation:
        if name is not None:
            return self._contract.document.operations[name]
        method, _, path = (url or "").partition(" ")
        same = (each for each in self._contract.document.operations.values() if each.label == f"{method} {path}")
        return next(same, Operation(url or "", path, method.lower(), {}, {}))


@dataclass
class _CsrfValue:
    """The CSRF value of a session. value: empty until it is known."""

    csrf: Csrf | None
    value: str = ""

    def read(self, answer: Answer) -> bool:
        """Read the value from a response. Return whether the response contains one."""
        found = find_values(answer, self.csrf.place) if self.csrf else []
        if not found or not isinstance(found[0], str):
            return False
        # JavaScript libraries decode the cookie before they send it as a header, and frameworks expect that.
        cookie = self.csrf is not None and self.csrf.place.startswith("cookie.")
        self.value = unquote(found[0]) if cookie else found[0]
        return True

    @property
    def parts(self) -> dict[str, Any]:
        """The arguments of Credentials that carry the value."""
        if self.csrf is None or not self.value:
            return {}
        if self.csrf.header:
            return {"csrf_header": (self.csrf.header, self.value)}
        return {"csrf_field": (str(self.csrf.field), self.value)}


async def send_elsewhere(
    operation: Operation, request: Request, credentials: Credentials, connection: Connection
) -> Exchange:
    """Send a request to another server. operation: its path is an absolute URL."""
    parts = urlsplit(operation.path)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    there = Operation(operation.id, target, operation.method, operation.raw, operation.item, operation.media_types)
    async with Client(f"{parts.scheme}://{parts.netloc}", connection) as client:
        return await send_patiently(client, there, build_request(there, request, credentials, {}))


async def send_patiently(client: Client, operation: Operation, sent: Sent) -> Exchange:
    """Send a request of a login. Send it again after the pause if the response has a `Retry-After`."""
    for _ in range(MOST_PAUSES):
        exchange = await client.send(operation, sent)
        pause = retry_pause(exchange.answer) if exchange.answer else None
        if pause is None:
            return exchange
        await asyncio.sleep(pause)
    return await client.send(operation, sent)


def _login_failed(operation: Operation, exchange: Exchange, name: str, lacking: str = "") -> PreconditionUnavailable:
    observed = exchange.answer.status if exchange.answer else exchange.failure
    return PreconditionUnavailable(f"{operation.id} returned {observed} {lacking}for the login of the actor", name)
