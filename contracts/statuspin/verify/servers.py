"""The servers that requests go to, one per mode, and who asks them."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from statuspin.contract.folder import Contract
from statuspin.contract.pins import AS_IT_IS, Mode, OperationPins
from statuspin.contract.steps import Request, Step
from statuspin.errors import CannotRun
from statuspin.http.client import Client, build_request
from statuspin.http.exchange import Exchange
from statuspin.verify.actors import Actors
from statuspin.verify.target import PreconditionUnavailable, Target

SAFE = {"GET", "HEAD", "OPTIONS"}
_PATIENCE = 20.0


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
        timeout: float = 30.0,
        seen: Callable[[Exchange], None] = lambda _: None,
        subject_of: Contract | None = None,
    ) -> None:
        """timeout: seconds that an answer may take. seen: is shown every exchange, in the order of the answers.

        subject_of: the contract that says how modes are brought about, where it is another.
        """
        self.contract, self._home = contract, subject_of or contract
        self._target, self._writes, self._timeout, self._seen = target, writes, timeout, seen
        self._stack = AsyncExitStack()
        self._clients: dict[str, asyncio.Task[Client]] = {}
        self._actors: asyncio.Task[Actors] | None = None
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
        self, step: Step | tuple[str, str, Request], mode: str, kept: Mapping[str, Any], source: str
    ) -> Exchange:
        """Send the request of a step, or (operation, actor, complete request), and return what came back.

        Raises PreconditionUnavailable if it may not be sent, the mode is not available, or the actor has no token.
        """
        name, actor, request = step if isinstance(step, tuple) else self._of_step(step)
        operation = self.contract.document.operations[name]
        self.ensure_may_send(request.method or operation.method)
        client = await self.client(mode)
        sent = build_request(operation, request, await self.authorization(actor), kept)
        exchange = await client.send(operation, sent, source)
        self._seen(exchange)
        return exchange

    async def authorization(self, actor: str) -> str | None:
        """The Authorization header of an actor; None for one that sends none. Raises PreconditionUnavailable."""
        if self._actors is None:
            self._actors = asyncio.create_task(self._made_actors())
        return await (await asyncio.shield(self._actors)).authorization(actor)

    def ensure_may_send(self, method: str) -> None:
        """Raise PreconditionUnavailable for a request that may change something where nothing may be changed."""
        if not self._writes and method.upper() not in SAFE:
            raise PreconditionUnavailable(f"{method.upper()} is sent with --allow-writes only")

    async def client(self, mode: str) -> Client:
        """Return the client of a mode, once the mode holds. Raises PreconditionUnavailable and CannotRun."""
        if mode not in self._clients:
            self._clients[mode] = asyncio.create_task(self._made_client(mode))
        return await asyncio.shield(self._clients[mode])

    async def _made_client(self, mode: str) -> Client:
        url = await self._target.url(mode)
        client = await self._stack.enter_async_context(Client(url, timeout=self._timeout))
        subject = self._home.pins.subject
        described = subject.modes.get(mode, Mode()) if subject and mode != AS_IT_IS else Mode()
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
        return await client.send(operation, build_request(operation, request, await self.authorization(step.actor), {}))

    def _of_step(self, step: Step) -> tuple[str, str, Request]:
        return step.operation, step.actor, _described(self.contract, step.operation).request.merged(step.request)

    async def _made_actors(self) -> Actors:
        client = await self.client(AS_IT_IS)
        return Actors(self.contract, await self._target.tokens(), client)


def _described(contract: Contract, operation: str) -> OperationPins:
    """What pins.yaml has for an operation; an operation that only steps use needs no pins."""
    return contract.pins.pins.get(operation, OperationPins())
