"""States of resources, made by their recipes over HTTP, and put away again."""

import asyncio
from typing import Any
from uuid import uuid4

from statuspin.contract.pins import AS_IT_IS, NO_STATE
from statuspin.contract.steps import Step
from statuspin.http.exchange import Exchange
from statuspin.verify.judging import PromiseBroken, ResponseChecker
from statuspin.verify.servers import Servers

_GONE = (404, 410)


class States:
    """The states of a contract on one target. They are made on the server as it is, whatever the pin's mode."""

    def __init__(self, servers: Servers, checker: ResponseChecker) -> None:
        """servers: where the recipes' requests go. checker: takes their steps."""
        self._servers, self._checker = servers, checker
        self._described = servers.contract.pins.states
        self._shared: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def make(self, name: str, exchanges: list[Exchange], unique: str) -> dict[str, Any]:
        """Make the state and return what it keeps. Raises PromiseBroken and PreconditionUnavailable.

        unique: the value of `{unique}`, unless the state is made once for all pins.
        """
        if name == NO_STATE:
            return {}
        if not self._described[name].once:
            return await self._made(name, exchanges, unique)
        if name not in self._shared:
            self._shared[name] = asyncio.create_task(self._made(name, exchanges, str(uuid4())))
        return dict(await asyncio.shield(self._shared[name]))

    async def undo(self, name: str, kept: dict[str, Any]) -> None:
        """Put away what was made for one pin, as far as the recipe says how. Raises PromiseBroken."""
        recipe = self._described.get(name)
        if recipe is None or recipe.once:
            return
        for step in recipe.undo:
            await self._put_away(step, kept)
        if recipe.after:
            await self.undo(recipe.after, kept)

    async def _put_away(self, step: Step, kept: dict[str, Any]) -> None:
        """What the pin itself has removed is put away already. Raises PromiseBroken."""
        exchanges: list[Exchange] = []
        try:
            await self._checker.take(step, AS_IT_IS, kept, exchanges)
        except PromiseBroken:
            answer = exchanges[-1].answer
            if answer is None or answer.status not in _GONE:
                raise

    async def _made(self, name: str, exchanges: list[Exchange], unique: str) -> dict[str, Any]:
        recipe = self._described[name]
        kept = await self.make(recipe.after, exchanges, unique) if recipe.after else {}
        kept.update({**recipe.values, "unique": unique})
        for step in recipe.steps:
            try:
                await self._checker.take(step, AS_IT_IS, kept, exchanges)
            except PromiseBroken as reason:
                raise PromiseBroken(f"the state “{name}” could not be made: {reason}") from None
        return kept
