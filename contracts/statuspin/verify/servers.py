"""Send requests to the target's servers, one for each mode, as the actors of the contract."""

import asyncio
import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from statuspin.contract.document import Operation
from statuspin.contract.folder import Contract
from statuspin.contract.pins import AS_IT_IS, Mode, OperationPins
from statuspin.contract.steps import Request, Step
from statuspin.errors import CannotRun
from statuspin.http.building import SAFE, build_request
from statuspin.http.client import Client, Resends
from statuspin.http.connection import Connection
from statuspin.http.credentials import Credentials
from statuspin.http.exchange import Exchange
from statuspin.verify.actors import Actors
from statuspin.verify.resending import Resending
from statuspin.verify.target import PreconditionUnavailable, Target

READS = SAFE - {"TRACE", "QUERY"}
_PATIENCE = 20.0
_MOST_UNANSWERED = 10
_SEVERAL = 3


class Servers:
    """The clients of the target, one for each mode, which is set up on its first use. An async context manager."""

    def __init__(
        self,
        contract: Contract,
        target: Target,
        *,
        writes: bool = True,
        connection: Connection | None = None,
        on_exchange: Callable[[Exchange], None] = lambda _: None,
        service_of: Contract | None = None,
    ) -> None:
        """writes: whether requests other than GET, HEAD and OPTIONS may be sent.

        connection: options of the connection to the target. on_exchange: receives every exchange, in the order of the
        responses. service_of: the contract that describes the service and its modes, if it is another one.
        """
        self.contract, self._home = contract, service_of or contract
        self._target, self._writes, self._on_exchange = target, writes, on_exchange
        self.connection = connection or Connection()
        self.resends = Resends()
        self.secrets: set[str] = set()
        self._stack = AsyncExitStack()
        self._clients: dict[str, asyncio.Task[Client]] = {}
        self._actors: asyncio.Task[Actors] | None = None
        self._resending: Resending | None = None
        self._unanswered: list[str] = []
        self._occupants: list[asyncio.Task[Exchange]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        left = [*self._occupants, *self._clients.values(), *([self._actors] if self._actors else [])]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._stack.aclose()

    async def exchange(
        self,
        step: Step | tuple[str, str, Request],
        mode: str,
        saved: Mapping[str, Any],
        source: str,
        *,
        expected: Collection[int] = (),
    ) -> Exchange:
        """Send a request and return it with its response.

        step: a step, or an operation, an actor and a complete request. saved: values for the request. source: the pin
        or step that sends it. expected: the promised statuses. An unexpected 401 renews the actor's login, and an
        unexpected 429 or 503 waits for its `Retry-After`; then the request is sent again.

        Raises PreconditionUnavailable if the request may not be sent, the mode is not available, or the actor has no
        credentials, and CannotRun if the server stops responding.
        """
        name, actor, request = step if isinstance(step, tuple) else self._resolve_step(step)
        client, operation = await self._prepare(name, request, mode)
        for attempt in itertools.count():
            used = await self.credentials(actor)
            exchange = await client.send(operation, build_request(operation, request, used, saved), source)
            if mode == AS_IT_IS:
                self._ensure_responsive(client, exchange)
            if not await self.resending.should_resend(exchange, actor, used, expected, attempt):
                break
        self._on_exchange(exchange)
        return exchange

    async def race(
        self,
        asked: tuple[str, str, Request],
        mode: str,
        saved: Sequence[Mapping[str, Any]],
        source: str,
        expected: Collection[int],
    ) -> list[Exchange]:
        """Send requests concurrently, one for each of `saved`, and return them with their responses, in this order.

        The race is repeated if it had no effect: if all responses have the same unexpected 401, or the same unexpected
        429 or 503 with `Retry-After`. Raises PreconditionUnavailable like `exchange`.
        """
        name, actor, request = asked
        client, operation = await self._prepare(name, request, mode)
        for attempt in itertools.count():
            used = await self.credentials(actor)
            requests = [build_request(operation, request, used, values) for values in saved]
            await self.connection.pace.wait(len(requests))
            exchanges = await asyncio.gather(*(client.send(operation, sent, source, racing=True) for sent in requests))
            if len({each.answer.status if each.answer else 0 for each in exchanges}) > 1:
                break
            if not await self.resending.should_resend(exchanges[0], actor, used, expected, attempt):
                break
        for exchange in exchanges:
            self._on_exchange(exchange)
        return exchanges

    async def _prepare(self, name: str, request: Request, mode: str) -> tuple[Client, Operation]:
        operation = self.contract.document.operations[name]
        self.ensure_may_send(request.method or operation.method)
        return await self.client(mode), operation

    async def credentials(self, actor: str) -> Credentials:
        """Return the credentials of an actor. Raises PreconditionUnavailable if it has none."""
        credentials = await (await self._find_actors()).credentials(actor)
        self.secrets |= credentials.secrets
        return credentials

    async def renew(self, actor: str, used: Credentials) -> Credentials:
        """Sign an actor in again and return its new credentials, or `used`, the old ones, if that fails."""
        actors = await self._find_actors()
        if not await actors.renew(actor, used):
            return used
        self.resends.renewed += 1
        return await self.credentials(actor)

    @property
    def resending(self) -> Resending:
        """The policy for sending requests again. It exists after the first request of an actor."""
        assert self._resending is not None  # noqa: S101 - credentials() creates it
        return self._resending

    async def _find_actors(self) -> Actors:
        if self._actors is None:
            self._actors = asyncio.create_task(self._create_actors())
        return await asyncio.shield(self._actors)

    def _ensure_responsive(self, client: Client, exchange: Exchange) -> None:
        """Raise CannotRun if the server stops responding, so that a run does not wait for each request."""
        if exchange.answer is not None:
            self._unanswered.clear()
            return
        self._unanswered.append(exchange.operation)
        several = min(_SEVERAL, len(self.contract.document.operations))
        if len(self._unanswered) >= _MOST_UNANSWERED and len(set(self._unanswered)) >= several:
            asked = f"{exchange.sent.method} {exchange.sent.path}"
            raise CannotRun(
                f"{client.base_url}: {len(self._unanswered)} requests in a row were not answered completely within"
                f" {self.connection.timeout:g} s; the last was {asked}: {exchange.failure}"
            )

    def ensure_may_send(self, method: str) -> None:
        """Raise PreconditionUnavailable if requests that may change data are not allowed, and the method may."""
        if not self._writes and method.upper() not in READS:
            raise PreconditionUnavailable(f"{method.upper()} is sent only with --allow-writes")

    async def client(self, mode: str) -> Client:
        """Return the client of a mode, after the mode is set up.

        Raises PreconditionUnavailable if the target does not have the mode, and CannotRun if it cannot be set up.
        """
        if mode not in self._clients:
            self._clients[mode] = asyncio.create_task(self._create_client(mode))
        return await asyncio.shield(self._clients[mode])

    async def _create_client(self, mode: str) -> Client:
        url = await self._target.url(mode)
        client = await self._stack.enter_async_context(Client(url, self.connection, self.resends))
        service = self._home.pins.service
        described = service.modes.get(mode, Mode()) if service and mode != AS_IT_IS else Mode()
        await self._set_up_mode(client, described, mode)
        return client

    async def _set_up_mode(self, client: Client, described: Mode, mode: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        occupant = self._keep_occupied(client, described, None)
        while described.until and not await self._is_set_up(client, described.until):
            if time.monotonic() > deadline:
                step = described.until
                raise CannotRun(f"the mode “{mode}” cannot be set up: {step.operation} never returns {step.answer}")
            await asyncio.sleep(0.02)
            occupant = self._keep_occupied(client, described, occupant)

    def _keep_occupied(
        self, client: Client, described: Mode, occupant: asyncio.Task[Exchange] | None
    ) -> asyncio.Task[Exchange] | None:
        """Return the pending request that occupies the service. Send it again if it has ended."""
        if described.occupied_by and (occupant is None or occupant.done()):
            occupant = asyncio.create_task(self._send(client, described.occupied_by))
            self._occupants.append(occupant)
        return occupant

    async def _is_set_up(self, client: Client, step: Step) -> bool:
        answer = (await self._send(client, step)).answer
        return answer is not None and answer.status == step.answer

    async def _send(self, client: Client, step: Step) -> Exchange:
        operation = self._home.document.operations[step.operation]
        request = _find_pins(self._home, step.operation).request.merged(step.request)
        return await client.send(operation, build_request(operation, request, await self.credentials(step.actor), {}))

    def _resolve_step(self, step: Step) -> tuple[str, str, Request]:
        return step.operation, step.actor, _find_pins(self.contract, step.operation).request.merged(step.request)

    async def _create_actors(self) -> Actors:
        client = await self.client(AS_IT_IS)
        actors = Actors(self.contract, await self._target.tokens(), client, self.connection)
        self._resending = Resending(actors, self.resends)
        return actors


def _find_pins(contract: Contract, operation: str) -> OperationPins:
    """Return the pins of an operation. Operations that only steps use have none."""
    return contract.pins.pins.get(operation, OperationPins())
