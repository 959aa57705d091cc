"""What a value reaches through containers, attributes, closures and bound methods."""

import asyncio
import logging
import re
import ssl
import subprocess
import threading
import types
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import suppress
from datetime import date, time, timedelta, tzinfo
from enum import Enum
from functools import partial
from itertools import chain, islice
from numbers import Number
from pathlib import PurePath
from types import MemberDescriptorType
from typing import Any
from uuid import UUID

from pytest_loopguard.bound_types import is_bound_type, is_used_up

LIMIT = 5000
"""Objects that a search looks at. What lies beyond counts as not reached: no false alarm."""

_LOOP_LIMIT = 500

Parts = Callable[[Any], Iterable[object]]

_PLAIN = (
    type(None), str, bytes, bytearray, Number, date, time, timedelta, tzinfo, PurePath, UUID, Enum, type,
    types.ModuleType, types.BuiltinFunctionType, types.CodeType, types.FrameType, types.TracebackType,
    types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, BaseException, re.Pattern, weakref.ref,
    logging.Filterer, logging.Manager, ssl.SSLContext, subprocess.Popen, threading.Thread, Executor,
)  # fmt: skip
_TEST_RUNNERS = frozenset({"_pytest", "pluggy", "pytest", "pytest_loopguard", "xdist"})
"""Packages whose objects lead to the fixtures of every test."""


class _Kind:
    """How to handle the objects of one type. parts: None if they hold nothing. bound: they belong to a loop."""

    __slots__ = ("bound", "may_be_used_up", "parts")

    def __init__(self, kind: type) -> None:
        self.bound = is_bound_type(kind)
        self.may_be_used_up = issubclass(kind, asyncio.Future) or kind.__name__ in {"Response", "ClientResponse"}
        self.parts: Parts | None = None if issubclass(kind, asyncio.AbstractEventLoop) else _parts_of(kind)


def find_bound(value: object, limit: int = LIMIT) -> list[object]:
    """Return the objects that belong to a loop and that `value` is or reaches, nearest first.

    limit: how many objects to look at. The search does not go beyond a bound object.
    """
    bound: list[object] = []
    _search(value, limit, lambda found: bound.append(found) or True)  # type: ignore[func-returns-value]
    return bound


def find_loops(bound: object) -> list[asyncio.AbstractEventLoop]:
    """Return the loops that an object is bound to, nearest first. Empty if it has not been used on a loop yet."""
    loops: list[asyncio.AbstractEventLoop] = []

    def collect(found: object) -> bool:
        loop = found.get_loop() if isinstance(found, asyncio.Future) else found
        if not isinstance(loop, asyncio.AbstractEventLoop):
            return False
        if not any(loop is each for each in loops):
            loops.append(loop)
        return True

    _search(bound, _LOOP_LIMIT, collect)
    return loops


def is_plain(value: object) -> bool:
    """Return whether a value holds nothing, judged by its type: a text, a number, a class, a module and so on."""
    kind = _kind_of(type(value))
    return kind.parts is None and not kind.bound


def _search(value: object, limit: int, stop_at: Callable[[object], bool]) -> None:
    """Visit what a value reaches, breadth first. stop_at: called with bound objects; true to go no further there."""
    seen = {id(value)}
    queue = deque((value,))
    while queue and limit > 0:
        current = queue.popleft()
        kind = _kind_of(type(current))
        if kind.may_be_used_up and is_used_up(current):
            continue
        if (kind.bound and stop_at(current)) or kind.parts is None:
            continue
        try:
            parts = list(islice(kind.parts(current), limit))
        except Exception:  # noqa: BLE001, S112 - objects of others may raise anything, and change meanwhile
            continue
        limit -= len(parts) + 1
        for part in parts:
            if _holds_something(type(part)) and id(part) not in seen:
                seen.add(id(part))
                queue.append(part)


_KINDS: dict[type, _Kind] = {}
_MOST_KINDS = 10_000
"""Types that are remembered. Every mock has a type of its own."""


def _kind_of(type_: type) -> _Kind:
    kind = _KINDS.get(type_)
    if kind is None:
        if len(_KINDS) >= _MOST_KINDS:
            _KINDS.clear()
        kind = _KINDS[type_] = _Kind(type_)
    return kind


def _holds_something(type_: type) -> bool:
    kind = _kind_of(type_)
    return kind.bound or kind.parts is not None


def _parts_of(kind: type) -> Parts | None:
    """Return a function that lists what objects of a type hold, or None if they hold nothing that counts."""
    if issubclass(kind, _PLAIN) or kind.__module__.partition(".")[0] in _TEST_RUNNERS:
        return None
    for base, parts in _SPECIAL_PARTS.items():
        if issubclass(kind, base):
            return parts
    return _attributes_and_content(kind)


def _attributes_and_content(kind: type) -> Parts | None:
    content = next((parts for base, parts in _CONTENT.items() if issubclass(kind, base)), None)
    members = [
        member for base in kind.__mro__ for member in vars(base).values() if type(member) is MemberDescriptorType
    ]
    has_dict = kind.__dictoffset__ != 0
    if not members and not has_dict:
        return content

    def parts(value: Any) -> Iterator[object]:
        if content:
            yield from content(value)
        if has_dict:
            yield from object.__getattribute__(value, "__dict__").values()
        for member in members:
            with suppress(AttributeError):  # the slot is empty
                yield member.__get__(value)

    return parts


def _parts_of_function(function: Any) -> Iterable[object]:
    return (*(function.__closure__ or ()), *(function.__defaults__ or ()), *function.__dict__.values())


def _parts_of_mapping(mapping: Any) -> Iterable[object]:
    return chain(mapping.keys(), mapping.values())


_SPECIAL_PARTS: dict[type, Parts] = {
    types.FunctionType: _parts_of_function,
    types.MethodType: lambda method: (method.__self__, method.__func__),
    types.CellType: lambda cell: (cell.cell_contents,),
    partial: lambda call: (call.func, *call.args, *call.keywords.values()),
}

_CONTENT: dict[type, Parts] = {
    dict: _parts_of_mapping,
    types.MappingProxyType: _parts_of_mapping,
    **dict.fromkeys((tuple, list, set, frozenset, deque), iter),
}
