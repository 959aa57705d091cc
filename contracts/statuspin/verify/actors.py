"""Who asks: the Authorization header of each actor, or why it cannot be had."""

import asyncio
from typing import Any

from statuspin.contract.folder import Contract
from statuspin.contract.pins import Actor
from statuspin.contract.steps import Request
from statuspin.errors import CannotRun
from statuspin.http.client import Client, build_request
from statuspin.http.exchange import at_place
from statuspin.verify.target import PreconditionUnavailable

_SCHEMES = ("bearer ", "basic ", "apikey ", "token ", "digest ", "negotiate ")


class Actors:
    """The actors of a contract on one server. Each header is made once."""

    def __init__(self, contract: Contract, tokens: dict[str, object], client: Client) -> None:
        """tokens: actor to token, or to the body of its login; they win over pins.yaml. client: where logins go."""
        self._contract, self._tokens, self._client = contract, tokens, client
        self._headers: dict[str, asyncio.Task[str | None]] = {}

    async def authorization(self, name: str) -> str | None:
        """The header of an actor; None if it sends none. Raises PreconditionUnavailable if it has no token."""
        if name not in self._headers:
            self._headers[name] = asyncio.create_task(self._made(name, self._contract.pins.actors[name]))
        return await asyncio.shield(self._headers[name])

    async def _made(self, name: str, actor: Actor) -> str | None:
        if actor.anonymous:
            return None
        if actor.authorization is not None:
            return actor.authorization
        given = self._tokens.get(name)
        if isinstance(given, str):
            return given if given.lower().startswith(_SCHEMES) else f"Bearer {given}"
        if actor.tampered:
            untouched = await self.authorization(actor.tampered)
            if not untouched:
                raise PreconditionUnavailable("there is no token to tamper with for the actor", name)
            return _tampered(untouched)
        login = given if isinstance(given, dict) else actor.login
        if login is None:
            raise PreconditionUnavailable("the tokens file has no token for the actor", name)
        return f"Bearer {await self._logged_in(name, login)}"

    async def _logged_in(self, name: str, body: dict[str, Any]) -> str:
        login = self._contract.pins.login
        if login is None:
            raise CannotRun("pins.yaml: an actor has a `login`, and nothing says with which operation: add `login`")
        operation = self._contract.document.operations[login.operation]
        exchange = await self._client.send(operation, build_request(operation, Request(body=body), None, {}))
        found = at_place(exchange.answer.json, login.token) if exchange.answer else []
        if not found or not isinstance(found[0], str):
            observed = exchange.answer.status if exchange.answer else exchange.failure
            raise PreconditionUnavailable(f"{operation.id} answered {observed} to the login of the actor", name)
        return found[0]


def _tampered(authorization: str) -> str:
    """The same header with another signature: one character in its middle is exchanged."""
    at = len(authorization) - min(20, len(authorization.rpartition(" ")[2]) // 2 + 1)
    return authorization[:at] + ("A" if authorization[at] != "A" else "B") + authorization[at + 1 :]
