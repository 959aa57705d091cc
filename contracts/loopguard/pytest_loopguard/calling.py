"""Call a function on the loop of an async test or fixture before its first line runs."""

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from types import MethodType
from typing import Any

from pytest_loopguard.fixtures import Function

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

Begin = Callable[[Mapping[str, Any]], None]


def is_async(function: Function) -> bool:
    """Return whether a function is a coroutine function or an async generator function."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
    return bool(code.co_flags & _ASYNC)  # ten times as fast as inspect


def wrap_function(begin: Begin, function: Function) -> Function:
    """Wrap an async function, method or async generator function so that it first calls `begin` on its loop.

    begin: called with the keyword arguments, once, even if Hypothesis calls the function many times.
    """
    plain = getattr(function, "__func__", function)
    wrap = _wrap_generator if inspect.isasyncgenfunction(plain) else _wrap_coroutine
    wrapped = wrap(plain, _FirstCall(begin))
    return wrapped if plain is function else MethodType(wrapped, function.__self__)  # type: ignore[attr-defined]


class _FirstCall:
    """Calls a function once, and again only if that call failed."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Begin) -> None:
        self._begin: Begin | None = begin

    def __call__(self, named: Mapping[str, Any]) -> None:
        __tracebackhide__ = True
        if self._begin is not None:
            self._begin(named)
            self._begin = None


def _wrap_coroutine(function: Function, begin: Begin) -> Function:
    @functools.wraps(function)
    async def coroutine(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        begin(named)
        return await function(*arguments, **named)

    return coroutine


def _wrap_generator(function: Function, begin: Begin) -> Function:
    @functools.wraps(function)
    async def generator(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
        __tracebackhide__ = True
        begin(named)
        async with aclosing(function(*arguments, **named)) as values:
            async for value in values:
                yield value

    return generator
