"""Create the states of resources over HTTP, as their recipes in pins.yaml describe, and remove them."""

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
    """The states of a contract on one target. They are created in the default mode, regardless of the pin's mode."""

    def __init__(self, servers: Servers, checker: ResponseChecker) -> None:
        """servers: receive the requests of recipes. checker: runs the steps of recipes."""
        self._servers, self._checker = servers, checker
        self._recipes = servers.contract.pins.states
        self._shared: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def make(self, name: str, exchanges: list[Exchange], unique: str) -> dict[str, Any]:
        """Create a state and return the values that its steps keep.

        exchanges: receives the requests and responses. unique: the value of `{unique}`, unless the state is created
        once for all pins. Raises PromiseBroken if a step fails, and PreconditionUnavailable if it cannot be sent.
        """
        if name == NO_STATE:
            return {}
        if not self._recipes[name].once:
            return await self._create(name, exchanges, unique)
        if name not in self._shared:
            self._shared[name] = asyncio.create_task(self._create(name, exchanges, str(uuid4())))
        return dict(await asyncio.shield(self._shared[name]))

    async def undo(self, name: str, saved: dict[str, Any]) -> None:
        """Remove the state of one pin with the `undo` steps of its recipe. Raises PromiseBroken if a step fails."""
        recipe = self._recipes.get(name)
        if recipe is None or recipe.once:
            return
        for step in recipe.undo:
            await self._undo_step(step, saved)
        if recipe.after:
            await self.undo(recipe.after, saved)

    async def _undo_step(self, step: Step, saved: dict[str, Any]) -> None:
        """Run an `undo` step. 404 and 410 are accepted: the pin has removed the resource. Raises PromiseBroken."""
        exchanges: list[Exchange] = []
        try:
            await self._checker.run_step(step, AS_IT_IS, saved, exchanges)
        except PromiseBroken:
            answer = exchanges[-1].answer
            if answer is None or answer.status not in _GONE:
                raise

    async def _create(self, name: str, exchanges: list[Exchange], unique: str) -> dict[str, Any]:
        recipe = self._recipes[name]
        saved = await self.make(recipe.after, exchanges, unique) if recipe.after else {}
        saved.update({**recipe.values, "unique": unique})
        for step in recipe.steps:
            try:
                await self._checker.run_step(step, AS_IT_IS, saved, exchanges)
            except PromiseBroken as reason:
                raise PromiseBroken(f"the state “{name}” could not be created: {reason}") from None
        return saved
