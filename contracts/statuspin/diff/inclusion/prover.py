"""Prove each inclusion of schemas once, although schemas refer to themselves, and with a limited number of steps."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from statuspin.diff.schema.schema import SchemaNode
from statuspin.diff.schema.shapes import Shapes

_MOST_STEPS = ((2, 6_000), (32, 1_500))
"""The steps of a proof, by the number of proofs that may have been stopped before. They bound the time in all."""
_FEWEST_STEPS = 300
_DEEPEST = 25

_Key = tuple[SchemaNode, SchemaNode]
_Value = TypeVar("_Value")


class _TooDeepError(Exception):
    """Schemas are nested so deep that they have to be examined first."""

    def __init__(self, key: _Key) -> None:
        self.key = key


class _TooLongError(Exception):
    """A proof takes too many steps."""


class Prover(ABC):
    """Remembers what is proved. is_unchanged: whether two nodes are known to be the same. shapes: canonical forms."""

    def __init__(self, is_unchanged: Callable[[SchemaNode, SchemaNode], bool], shapes: Shapes) -> None:
        self.is_unchanged = is_unchanged
        self._shapes = shapes
        self._proved: dict[_Key, bool] = {}
        self._assumed: list[_Key] = []
        self._depth = 0
        self._steps = 0
        self._most_steps = 0
        self._stopped = 0

    @abstractmethod
    def prove(self, sub: SchemaNode, sup: SchemaNode) -> bool:
        """Return whether it can be proved that `sup` accepts every value that `sub` accepts. May call `includes`."""

    def includes(self, sup: SchemaNode, sub: SchemaNode) -> bool:
        """Return whether `sup` accepts every value that `sub` accepts, as far as that can be proved."""
        if sub is sup or sup.raw is True or sub.raw is False or self.is_unchanged(sub, sup):
            return True
        key = (sub, sup)
        if key in self._proved:
            return self._proved[key]
        if self._shapes.are_alike(sub, sup):
            self._proved[key] = True
            return True
        if self._depth:
            return self._prove(key)
        self._steps, self._most_steps = 0, self._find_most_steps()
        return self._prove_from_below(key)

    def _find_most_steps(self) -> int:
        return next((steps for most, steps in _MOST_STEPS if self._stopped < most), _FEWEST_STEPS)

    def count_step(self) -> None:
        """Count one step, and stop the proof after too many. After several stopped proofs, others have fewer steps."""
        self._steps += 1
        if self._steps > self._most_steps:
            raise _TooLongError

    def limit(self, function: Callable[[], _Value], *, default: _Value, most_steps: int = 0) -> _Value:
        """Return the result of a function that counts steps, or `default` if it is stopped.

        most_steps: by default as many as a proof may have.
        """
        self._steps, self._depth, self._most_steps = 0, 1, most_steps or self._find_most_steps()
        try:
            return function()
        except (_TooDeepError, _TooLongError):
            self._forget_assumed()
            return default
        finally:
            self._assumed.clear()
            self._depth = 0

    def _prove_from_below(self, key: _Key) -> bool:
        """Prove `key`. Inclusions that are nested too deep for one descent are proved first."""
        waiting = [key]
        while waiting:
            try:
                self._prove(waiting[-1])
            except _TooDeepError as error:
                self._forget_assumed()
                waiting.append(error.key)
            except _TooLongError:
                self._forget_assumed()
                self._stopped += 1
                self._proved[key] = False
                break
            else:
                waiting.pop()
                self._assumed.clear()
        return self._proved[key]

    def _forget_assumed(self) -> None:
        for key in self._assumed:
            self._proved.pop(key, None)
        self._assumed.clear()
        self._depth = 0

    def _prove(self, key: _Key) -> bool:
        """Assume the inclusion while proving it, because a schema may refer to itself."""
        if self._depth > _DEEPEST:
            raise _TooDeepError(key)
        self._proved[key] = True
        self._assumed.append(key)
        start = len(self._assumed)
        self._depth += 1
        is_proved = self.prove(*key)
        self._depth -= 1
        if not is_proved:
            for dependent in self._assumed[start:]:
                if self._proved.get(dependent):
                    del self._proved[dependent]
            del self._assumed[start:]
            self._proved[key] = False
        return is_proved
