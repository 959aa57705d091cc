"""The credentials of each actor on one server."""

import asyncio
from typing import Any

from pydantic import ValidationError

from statuspin.contract.actors import Actor
from statuspin.contract.environment import resolve_variables
from statuspin.contract.folder import Contract
from statuspin.contract.security import api_key_scheme, authorization_prefix, sends_only_api_keys, token_scheme
from statuspin.errors import CannotRun
from statuspin.http.client import Client
from statuspin.http.connection import Connection
from statuspin.http.credentials import ANONYMOUS, Credentials, authorization, basic
from statuspin.verify.login import LoginSession
from statuspin.verify.oauth import TokenEndpoint
from statuspin.verify.target import PreconditionUnavailable

_SCHEMES = ("bearer ", "basic ", "apikey ", "token ", "digest ", "negotiate ")
_CREDENTIAL_KEYS = {"api_key", "basic", "token", "login", "authorization"}


class Actors:
    """The actors of a contract on one server. Credentials are created once; after a 401, logins are renewed.

    Every method raises PreconditionUnavailable if an actor has no credentials, and CannotRun if the contract is wrong.
    """

    def __init__(
        self, contract: Contract, tokens: dict[str, object], client: Client, connection: Connection | None = None
    ) -> None:
        """tokens: actor to token or body of a login; they override pins.yaml. client: sends the logins."""
        self._contract, self._tokens, self._client = contract, tokens, client
        self._connection = connection or Connection()
        self._credentials: dict[str, asyncio.Task[Credentials]] = {}

    async def credentials(self, name: str) -> Credentials:
        """Return the credentials of an actor."""
        if name not in self._credentials:
            self._credentials[name] = asyncio.create_task(self._create(name))
        return await asyncio.shield(self._credentials[name])

    async def renew(self, name: str, used: Credentials) -> bool:
        """Sign the actor in again, unless a concurrent request already did.

        used: the expired credentials. Return whether the actor has new ones.
        """
        if not used.renewable:
            return False
        made = self._credentials.get(name)
        if made is None or (made.done() and made.exception() is None and made.result() is used):
            self._credentials[name] = made = asyncio.create_task(self._create(name))
        try:
            await asyncio.shield(made)
        except PreconditionUnavailable:
            return False
        return True

    async def _create(self, name: str) -> Credentials:
        actor = self._contract.pins.actors[name]
        if actor.anonymous:
            return ANONYMOUS
        place = f"pins.yaml: actors → {name}"
        if actor.authorization is None and name in self._tokens:
            place, given = f"the tokens file: {name}", self._tokens[name]
            if isinstance(given, str):
                return self._with_key(actor, self._from_token(resolve_variables(given, place)))
            actor = _parse_actor(given, actor.scheme)
        resolved = resolve_variables(actor.model_dump(exclude_defaults=True), place)
        return await self._from_actor(name, Actor.model_validate(resolved))

    def _with_key(self, actor: Actor, others: Credentials) -> Credentials:
        """Add the API key of pins.yaml to a token of the tokens file, unless the token is the key."""
        if actor.api_key is None or sends_only_api_keys(self._contract.document):
            return others
        return self._key(resolve_variables(actor.api_key, "pins.yaml: actors"), actor.scheme).beside(others)

    def _key(self, value: str, name: str | None) -> Credentials:
        scheme = api_key_scheme(self._contract.document, name)
        return _build_api_key(scheme.place, scheme.parameter, value)

    async def _from_actor(self, name: str, actor: Actor) -> Credentials:
        document = self._contract.document
        if actor.tampered:
            return await self._tamper(name, actor.tampered)
        if actor.api_key is not None:
            key = self._key(actor.api_key, actor.scheme)
            if not actor.ways_beside_key:
                return key
            return key.beside(await self._from_actor(name, actor.model_copy(update={"api_key": None})))
        if actor.authorization is not None:
            return authorization(actor.authorization)
        if actor.basic is not None:
            return basic(actor.basic.username, actor.basic.password)
        if actor.token is not None:
            prefix = authorization_prefix(document, actor.scheme) if actor.prefix is None else actor.prefix
            return authorization(f"{prefix} {actor.token}".strip())
        if actor.login is not None:
            return await self._sign_in(name, actor.login, actor.scheme)
        raise PreconditionUnavailable("the tokens file contains no token for the actor", name)

    def _from_token(self, token: str) -> Credentials:
        """Parse a tokens file's entry: an Authorization header, or the token of the document's security scheme."""
        if token.lower().startswith(_SCHEMES):
            return authorization(token)
        if sends_only_api_keys(self._contract.document):
            return self._key(token, None)
        return authorization(f"{authorization_prefix(self._contract.document)} {token}")

    async def _tamper(self, name: str, other: str) -> Credentials:
        untouched = await self.credentials(other)
        if not untouched:
            raise PreconditionUnavailable("no token exists that could be tampered with for the actor", name)
        return untouched.tamper()

    async def _sign_in(self, name: str, body: dict[str, Any], scheme: str | None) -> Credentials:
        login = self._contract.pins.login
        issuer = token_scheme(self._contract.document, scheme) if scheme or login is None else None
        if issuer is not None:
            return await TokenEndpoint(issuer, self._client, self._connection).sign_in(name, body)
        if login is None:
            raise CannotRun(
                "pins.yaml: an actor has a `login`, but no operation for it: add `login` to pins.yaml, or an OAuth 2 or"
                " OpenID Connect scheme to openapi.yaml"
            )
        return await LoginSession(self._contract, login, self._client, self._connection).sign_in(name, body, scheme)


def _parse_actor(given: object, scheme: str | None) -> Actor:
    """Parse an entry of the tokens file: the credentials of an actor as in pins.yaml, or the body of a login."""
    if (
        isinstance(given, dict)
        and set(given) <= {*_CREDENTIAL_KEYS, "scheme", "prefix"}
        and set(given) & _CREDENTIAL_KEYS
    ):
        try:
            return Actor.model_validate({"scheme": scheme, **given})
        except ValidationError:
            pass  # a login whose body has one of these names
    return Actor(login=given if isinstance(given, dict) else None, scheme=scheme)


def _build_api_key(place: str, name: str, value: str) -> Credentials:
    if place == "query":
        return Credentials(query={name: value})
    if place == "cookie":
        return Credentials(cookies={name: value})
    return Credentials({name.lower(): value})
