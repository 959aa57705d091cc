"""A loop guard for pytest-asyncio, opted in with `-p contracts.pytest_plugin`.

A pool, a lock or a client belongs to the event loop on which it was made. pytest-asyncio runs fixtures and tests on
loops of different scopes unless it is told otherwise, and what comes of it ("attached to a different loop", "another
operation is in progress", "Event loop is closed") names neither fixture nor loop. The guard does, before it happens.

The rule: an async test, or an async fixture, that runs on another loop than an async fixture that it uses fails, where
the fixture's value may be bound to its loop. Text, numbers, paths and collections of them never are. Leave out a
fixture with the ini option `loop_guard_ignore`, a test with `@pytest.mark.any_loop`.
"""

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID

import pytest

MEND = "asyncio_default_fixture_loop_scope = session\n    asyncio_default_test_loop_scope = session"
_NEVER_BOUND = (str, bytes, int, float, complex, type(None), PurePath, UUID)


class LoopMismatch(Exception):
    """Something runs on another event loop than a fixture that it uses."""


@dataclass(frozen=True)
class _Made:
    """Where and on which loop a fixture's present value was made."""

    name: str
    scope: str
    place: str
    loop: asyncio.AbstractEventLoop
    value: object = None


_MADE = pytest.StashKey[dict[str, _Made]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    parser.addini("loop_guard_ignore", "fixtures that the loop guard leaves alone", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Know the marker, and begin with nothing made."""
    config.addinivalue_line("markers", "any_loop: this test may use fixtures of any event loop")
    config.stash[_MADE] = {}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Note the loop on which an async fixture is made, and check those that it uses."""
    made = request.config.stash[_MADE]
    made.pop(fixturedef.argname, None)
    function = fixturedef.func
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        return (yield)

    def note() -> None:
        loop = asyncio.get_running_loop()
        user = f"the fixture {fixturedef.argname!r} ({fixturedef.scope} scope, {_place(function)})"
        _check(request.config, fixturedef.argnames, loop, user)
        made[fixturedef.argname] = _Made(fixturedef.argname, fixturedef.scope, _place(function), loop)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixturedef, "func", _noting(function, note))
        value = yield
    noted = made.get(fixturedef.argname)
    if noted is not None:
        made[fixturedef.argname] = _Made(noted.name, noted.scope, noted.place, noted.loop, value)
    return value


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Check the fixtures of an async test on the loop that the test runs on."""
    function = getattr(item, "obj", None)
    if not inspect.iscoroutinefunction(function) or item.get_closest_marker("any_loop"):
        return (yield)
    names: Iterable[str] = getattr(item, "fixturenames", ())

    def check() -> None:
        _check(item.config, names, asyncio.get_running_loop(), f"the test {item.name!r}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item, "obj", _noting(function, check))
        return (yield)


def _noting(function: Callable[..., Any], before: Callable[[], None]) -> Callable[..., Any]:
    """`function`, which calls `before` first, on the loop that it runs on."""
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            before()
            async for value in function(*args, **kwargs):
                yield value

        return generator

    @functools.wraps(function)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        before()
        return await function(*args, **kwargs)

    return coroutine


def _check(config: pytest.Config, names: Iterable[str], loop: asyncio.AbstractEventLoop, user: str) -> None:
    """Raise LoopMismatch where one of the fixtures may be bound to another loop than `loop`."""
    ignored = config.getini("loop_guard_ignore")
    for name in names:
        made = config.stash[_MADE].get(name)
        if made is None or made.loop is loop or name in ignored or _never_bound(made.value):
            continue
        raise LoopMismatch(
            f"{user} runs on another event loop than the fixture {name!r}, which it uses.\n"
            f"  {name!r} ({made.scope} scope, {made.place}) was made on {_named(made.loop)}\n"
            f"  {user} runs on {_named(loop)}\n"
            f"Let fixtures and tests share one loop; in the ini file:\n    {MEND}"
        )


def _never_bound(value: object) -> bool:
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(map(_never_bound, value))
    if isinstance(value, dict):
        return all(map(_never_bound, value)) and all(map(_never_bound, value.values()))
    return isinstance(value, _NEVER_BOUND)


def _named(loop: asyncio.AbstractEventLoop) -> str:
    return f"{loop!r} at {id(loop):#x}"


def _place(function: Callable[..., Any]) -> str:
    code = inspect.unwrap(function).__code__
    return f"{PurePath(code.co_filename).name}:{code.co_firstlineno}"
