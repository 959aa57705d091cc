"""The servers that requests go to, one per mode, and who asks them."""

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
    """The target's modes as clients, each made and brought about when first asked for. `async with`.

    writes: whether requests other than GET, HEAD and OPTIONS may be sent.
    """

    def __init__(
        self,
        contract: Contract,
        target: Target,
        *,
        writes: bool = True,
        connection: Connection | None = None,
        seen: Callable[[Exchange], None] = lambda _: None,
        service_of: Contract | None = None,
    ) -> None:
        """connection: how the target is reached. seen: is shown every exchange, in the order of the answers.

        service_of: the contract that says how modes are brought about, where it is another.
        """
        self.contract, self._home = contract, service_of or contract
        self._target, self._writes, self._seen = target, writes, seen
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
        kept: Mapping[str, Any],
        source: str,
        *,
        expected: Collection[int] = (),
    ) -> Exchange:
        """Send the request of a step, or (operation, actor, complete request), and return what came back.

        expected: the statuses that are promised. An unexpected 401 renews the actor's login, and an unexpected 429 or
        503 waits as `Retry-After` asks; then the request is sent again. Raises PreconditionUnavailable if it may not be
        sent, the mode is not available, or the actor has no credentials.
        """
        name, actor, request = step if isinstance(step, tuple) else self._of_step(step)
        client, operation = await self._ready(name, request, mode)
        for attempt in itertools.count():
            used = await self.credentials(actor)
            exchange = await client.send(operation, build_request(operation, request, used, kept), source)
            if mode == AS_IT_IS:
                self._ensure_answers(client, exchange)
            if not await self.resending.wants_another(exchange, actor, used, expected, attempt):
                break
        self._seen(exchange)
        return exchange

    async def race(
        self,
        asked: tuple[str, str, Request],
        mode: str,
        kept: Sequence[Mapping[str, Any]],
        source: str,
        expected: Collection[int],
    ) -> list[Exchange]:
        """Send a request at once for each of `kept`, and return what came back, in their order.

        The whole race is run again if nothing took effect: if all answers are one 401, or one 429 or 503 with
        `Retry-After`, that is not `expected`. Raises PreconditionUnavailable like `exchange`.
        """
        name, actor, request = asked
        client, operation = await self._ready(name, request, mode)
        for attempt in itertools.count():
            used = await self.credentials(actor)
            requests = [build_request(operation, request, used, values) for values in kept]
            await self.connection.pace.wait(len(requests))
            exchanges = await asyncio.gather(*(client.send(operation, sent, source, racing=True) for sent in requests))
            if len({each.answer.status if each.answer else 0 for each in exchanges}) > 1:
                break
            if not await self.resending.wants_another(exchanges[0], actor, used, expected, attempt):
                break
        for exchange in exchanges:
            self._seen(exchange)
        return exchanges

    async def _ready(self, name: str, request: Request, mode: str) -> tuple[Client, Operation]:
        operation = self.contract.document.operations[name]
        self.ensure_may_send(request.method or operation.method)
        return await self.client(mode), operation

    async def credentials(self, actor: str) -> Credentials:
        """Return what an actor sends. Raises PreconditionUnavailable if it has no credentials."""
        credentials = await (await self._actors_of_target()).credentials(actor)
        self.secrets |= credentials.secrets
        return credentials

    async def renew(self, actor: str, used: Credentials) -> Credentials:
        """Sign an actor in again and return what it sends from now on; what was `used` if that is not possible."""
        actors = await self._actors_of_target()
        if not await actors.renew(actor, used):
            return used
        self.resends.renewed += 1
        return await self.credentials(actor)

    @property
    def resending(self) -> Resending:
        """What decides whether a request is sent again; there is one once an actor has sent anything."""
        assert self._resending is not None  # noqa: S101 - credentials come first
        return self._resending

    async def _actors_of_target(self) -> Actors:
        if self._actors is None:
            self._actors = asyncio.create_task(self._made_actors())
        return await asyncio.shield(self._actors)

    def _ensure_answers(self, client: Client, exchange: Exchange) -> None:
        """Raise CannotRun if the server answers no operation any more, so that a run does not wait for each request."""
        if exchange.answer is not None:
            self._unanswered.clear()
            return
        self._unanswered.append(exchange.operation)
        several = min(_SEVERAL, len(self.contract.document.operations))
        if len(self._unanswered) >= _MOST_UNANSWERED and len(set(self._unanswered)) >= several:
            asked = f"{exchange.sent.method} {exchange.sent.path}"
            raise CannotRun(
                f"{client.base_url}: {len(self._unanswered)} requests in a row got no whole answer within"
                f" {self.connection.timeout:g} s, the last {asked}: {exchange.failure}"
            )

    def ensure_may_send(self, method: str) -> None:
        """Raise PreconditionUnavailable for a request that may change something where nothing may be changed."""
        if not self._writes and method.upper() not in READS:
            raise PreconditionUnavailable(f"{method.upper()} is sent with --allow-writes only")

    async def client(self, mode: str) -> Client:
        """Return the client of a mode, once the mode holds. Raises PreconditionUnavailable and CannotRun."""
        if mode not in self._clients:
            self._clients[mode] = asyncio.create_task(self._made_client(mode))
        return await asyncio.shield(self._clients[mode])

    async def _made_client(self, mode: str) -> Client:
        url = await self._target.url(mode)
        client = await self._stack.enter_async_context(Client(url, self.connection, self.resends))
        service = self._home.pins.service
        described = service.modes.get(mode, Mode()) if service and mode != AS_IT_IS else Mode()
        await self._bring_about(client, described, mode)
        return client

    async def _bring_about(self, client: Client, described: Mode, mode: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        occupant = self._occupied(client, described, None)
        while described.until and not await self._holds(client, described.until):
            if time.monotonic() > deadline:
                step = described.until
                raise CannotRun(f"the mode “{mode}” does not hold: {step.operation} never answers {step.answer}")
            await asyncio.sleep(0.02)
            occupant = self._occupied(client, described, occupant)

    def _occupied(
        self, client: Client, described: Mode, occupant: asyncio.Task[Exchange] | None
    ) -> asyncio.Task[Exchange] | None:
        """The request that is kept under way, anew where the question whether the mode holds took its place."""
        if described.occupied_by and (occupant is None or occupant.done()):
            occupant = asyncio.create_task(self._send(client, described.occupied_by))
            self._occupants.append(occupant)
        return occupant

    async def _holds(self, client: Client, step: Step) -> bool:
        answer = (await self._send(client, step)).answer
        return answer is not None and answer.status == step.answer

    async def _send(self, client: Client, step: Step) -> Exchange:
        operation = self._home.document.operations[step.operation]
        request = _described(self._home, step.operation).request.merged(step.request)
        return await client.send(operation, build_request(operation, request, await self.credentials(step.actor), {}))

    def _of_step(self, step: Step) -> tuple[str, str, Request]:
        return step.operation, step.actor, _described(self.contract, step.operation).request.merged(step.request)

    async def _made_actors(self) -> Actors:
        client = await self.client(AS_IT_IS)
        actors = Actors(self.contract, await self._target.tokens(), client, self.connection)
        self._resending = Resending(actors, self.resends)
        return actors


def _described(contract: Contract, operation: str) -> OperationPins:
    """What pins.yaml has for an operation; an operation that only steps use needs no pins."""
    return contract.pins.pins.get(operation, OperationPins())
