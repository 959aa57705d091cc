"""Find the objects that a value reaches through containers, attributes, closures and bound methods."""

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
"""The number of objects that a search visits. Objects beyond it count as unreachable, to avoid false alarms."""

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
    """How to handle the objects of one type.

    bound: they belong to a loop. parts: lists the objects that they hold, or None. plain: neither of both.
    """

    __slots__ = ("bound", "may_be_used_up", "parts", "plain")

    def __init__(self, kind: type) -> None:
        self.bound = is_bound_type(kind)
        self.may_be_used_up = issubclass(kind, asyncio.Future) or kind.__name__ in {"Response", "ClientResponse"}
        self.parts: Parts | None = None if issubclass(kind, asyncio.AbstractEventLoop) else _parts_of(kind)
        self.plain = self.parts is None and not self.bound


def find_bound(value: object, limit: int = LIMIT) -> list[object]:
    """Return the objects that belong to a loop and that `value` is or reaches, nearest first.

    limit: the number of objects to visit. The search does not go beyond a bound object.
    """
    return [found for found in _search(value, limit, beyond=False) if found is not None]


def may_reach_bound(values: list[object]) -> bool:
    """Return whether one of the values is or reaches an object that belongs to a loop, or the search is too long."""
    return any(True for _ in _search(values, LIMIT, beyond=False))


def find_loops(bound: object) -> list[asyncio.AbstractEventLoop]:
    """Return the loops that an object is bound to, nearest first. Empty if it has not been used on a loop yet."""
    loops: list[asyncio.AbstractEventLoop] = []
    for found in _search(bound, _LOOP_LIMIT, beyond=True):
        loop = found.get_loop() if isinstance(found, asyncio.Future) else found
        if isinstance(loop, asyncio.AbstractEventLoop) and not any(loop is each for each in loops):
            loops.append(loop)
    return loops


def is_plain(value: object) -> bool:
    """Return whether a value's type holds no other objects: text, numbers, classes, modules and so on."""
    return _kind_of(type(value)).plain


def _search(value: object, limit: int, *, beyond: bool) -> Iterator[object]:
    """Yield the bound objects that a value is or reaches, breadth first, and None if the limit ends the search.

    beyond: whether to go on beyond a bound object.
    """
    seen = {id(value)}
    queue = deque((value,))
    while queue:
        if limit <= 0:
            yield None
            return
        current = queue.popleft()
        kind = _KINDS.get(type(current)) or _kind_of(type(current))
        if kind.may_be_used_up and is_used_up(current):
            continue
        if kind.bound:
            yield current
        if kind.parts is None or (kind.bound and not beyond):
            continue
        parts = _list_parts(kind.parts, current, limit)
        limit -= len(parts) + 1
        for part in parts:
            kind = _KINDS.get(type(part)) or _kind_of(type(part))
            if not kind.plain and id(part) not in seen:
                seen.add(id(part))
                queue.append(part)


def _list_parts(parts: Parts, value: object, limit: int) -> list[object]:
    try:
        return list(islice(parts(value), limit))
    except Exception:  # noqa: BLE001 - foreign objects may raise any error, or change during the search
        return []


_KINDS: dict[type, _Kind] = {}
_MOST_KINDS = 10_000
"""The number of cached types. Each mock has its own type."""


def _kind_of(type_: type) -> _Kind:
    kind = _KINDS.get(type_)
    if kind is None:
        if len(_KINDS) >= _MOST_KINDS:
            _KINDS.clear()
        kind = _KINDS[type_] = _Kind(type_)
    return kind


def _parts_of(kind: type) -> Parts | None:
    """Return a function that lists the objects that a value of a type holds, or None if they are irrelevant."""
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
    first = next(iter(mapping), None)
    if isinstance(first, weakref.ref):
        first = first()
    if isinstance(first, asyncio.AbstractEventLoop):
        return ()  # a cache with an entry for each loop works on all of them
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
