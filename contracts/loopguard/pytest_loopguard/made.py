"""What the guard knows of a fixture that is set up, and whether its value can be bound to a loop at all."""

import asyncio
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time, timedelta, tzinfo
from enum import Enum
from numbers import Number
from pathlib import PurePath
from typing import Any
from uuid import UUID

_PLAIN = (type(None), str, bytes, bytearray, Number, date, time, timedelta, tzinfo, PurePath, UUID, Enum)
_CONTAINERS = (tuple, list, set, frozenset)
_DEPTH = 8


@dataclass(eq=False)
class Made:
    """A fixture that is set up. `loop`: where it was set up, None for a sync one; `uses`: the fixtures it was given."""

    name: str
    scope: str
    place: str
    loop: asyncio.AbstractEventLoop | None = None
    value: Any = None
    uses: "list[Made]" = field(default_factory=list)

    def foreign_to(self, loop: asyncio.AbstractEventLoop, ignored: Container[str]) -> "list[Made]":
        """The way from here to what belongs to another loop, empty where there is nothing.

        An async fixture was held to the rule when it was given its own arguments, so that the way ends with it.
        """
        if self.loop is loop or self.name in ignored or is_plain(self.value):
            return []
        if self.loop is not None:
            return [self]
        for used in self.uses:
            if way := used.foreign_to(loop, ignored):
                return [self, *way]
        return []


def given(alive: Iterable[Made], arguments: Mapping[str, Any], instance: object = None) -> list[Made]:
    """The fixtures whose values these are: by name and identity, or by identity alone in a test's own instance."""
    kept = {id(value) for value in getattr(instance, "__dict__", {}).values()}
    return [
        made
        for made in alive
        if id(made.value) in kept or (made.name in arguments and arguments[made.name] is made.value)
    ]


def is_plain(value: object, depth: int = _DEPTH) -> bool:
    """Whether a value can hold no event loop, nor anything bound to one."""
    if isinstance(value, _PLAIN):
        return True
    if depth == 0 or isinstance(value, type):
        return False
    parts: Iterable[object]
    attributes = getattr(value, "__dict__", {})
    if is_dataclass(value):
        parts = [*attributes.values(), *(getattr(value, part.name, None) for part in fields(value))]
    elif attributes:
        return False
    elif isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, _CONTAINERS):
        parts = value
    else:
        return False
    return all(is_plain(part, depth - 1) for part in parts)
