"""The hooks: note on which loop each async fixture is set up, and hold whoever is given it to the rule."""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import aclosing
from pathlib import Path
from types import MethodType
from typing import Any

import pytest

from pytest_loopguard import messages
from pytest_loopguard.made import Made, given

Function = Callable[..., Any]
Begin = Callable[[Mapping[str, Any]], None]


class LoopGuard:
    """Which fixtures are set up at the moment, and on which loops."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._ignored = frozenset(config.getini("loop_guard_ignore"))
        self._alive: dict[object, Made] = {}
        self._scopes: dict[object, messages.LoopOfScope] = {}
        self._test_loop: asyncio.AbstractEventLoop | None = None
        self._before_teardown = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Have an async fixture tell its loop; remember what it made, and of what."""
        made = Made(fixturedef.argname, fixturedef.scope, self._place(fixturedef.func))
        asynchronous = _is_async(fixturedef.func)

        def begin(arguments: Mapping[str, Any]) -> None:
            made.loop = self._hold(arguments, made, request.node)

        with pytest.MonkeyPatch.context() as patch:
            if asynchronous:  # from the outside in: pytest-asyncio makes a sync function of what it finds here
                patch.setattr(fixturedef, "func", _beginning_with(begin, fixturedef.func))
            try:
                made.value = yield
            except pytest.fail.Exception as error:
                if not asynchronous or (message := messages.of_scope_mismatch(made, str(error))) is None:
                    raise
                failure = pytest.fail.Exception(message, pytrace=False)
                # Kept as pytest keeps other failures of a fixture: the next test that asks for it is told the same.
                fixturedef.cached_result = (None, fixturedef.cache_key(request), (failure, None))  # type: ignore[arg-type]
                raise failure from None
        names = [name for name in fixturedef.argnames if name != "request"]
        made.uses = given(self._newest_first(), {name: request.getfixturevalue(name) for name in names})
        self._alive[fixturedef] = made
        if (loop := _loop_in(made)) is not None:
            self._scopes[fixturedef] = messages.LoopOfScope(made.scope, request.node.nodeid, loop)
        return made.value

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Forget a fixture, and let go of its value."""
        self._scopes.pop(fixturedef, None)
        if made := self._alive.pop(fixturedef, None):
            made.value, made.uses = None, []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Hold an async test to the rule, on its own loop, before its first line."""
        if not isinstance(item, pytest.Function):
            return (yield)
        hypothesis = getattr(item.obj, "hypothesis", None)
        holder, name = (item, "obj") if hypothesis is None else (hypothesis, "inner_test")
        function = getattr(holder, name, None)
        if not inspect.iscoroutinefunction(function):
            return (yield)
        path, line, _ = item.location
        instance = getattr(item.obj, "__self__", None)
        test = Made(item.name, "test", f"{path}:{(line or 0) + 1}", value=instance)

        def begin(arguments: Mapping[str, Any]) -> None:
            self._test_loop = self._hold(arguments, test, item)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(holder, name, _beginning_with(begin, function))
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the section to a report that has one of the three texts."""
        report = yield
        if call.excinfo is not None and report.failed and messages.is_obscure(call.excinfo.value):
            report.sections.append(("loop guard", self._state() if call.when != "teardown" else self._before_teardown))
        self._before_teardown = self._state()
        if call.when == "teardown":
            self._test_loop = None
        return report

    def _hold(self, arguments: Mapping[str, Any], user: Made, node: Any) -> asyncio.AbstractEventLoop | None:
        """The running loop. Fails where something given belongs to another."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # another library's loop
            return None
        if all(made.loop in {None, loop} for made in self._alive.values()):
            return loop
        ignored = self._ignored
        if marker := node.get_closest_marker("any_loop"):
            ignored |= frozenset(marker.args or [made.name for made in self._alive.values()])
        for made in given(self._newest_first(), arguments, user.value):
            if way := made.foreign_to(loop, ignored):
                pytest.fail(messages.of_another_loop(way, user, loop, self._scopes.values()), pytrace=False)
        return loop

    def _newest_first(self) -> list[Made]:
        return [*reversed(self._alive.values())]

    def _place(self, function: Function) -> str:
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is None:
            return "?"
        path = Path(code.co_filename)
        shown = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        return f"{shown}:{code.co_firstlineno}"

    def _state(self) -> str:
        return messages.of_state(self._alive.values(), self._test_loop, self._scopes.values())


def _is_async(function: Function) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _beginning_with(begin: Begin, function: Function) -> Function:
    """The same async function, method or async generator, which calls `begin` on its loop first."""
    plain = getattr(function, "__func__", function)

    @functools.wraps(plain)
    async def coroutine(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        begin(named)
        return await plain(*arguments, **named)

    @functools.wraps(plain)
    async def generator(*arguments: Any, **named: Any) -> AsyncIterator[Any]:
        __tracebackhide__ = True
        begin(named)
        async with aclosing(plain(*arguments, **named)) as values:
            async for value in values:
                yield value

    wrapped: Function = generator if inspect.isasyncgenfunction(plain) else coroutine
    return wrapped if plain is function else MethodType(wrapped, function.__self__)  # type: ignore[attr-defined]


def _loop_in(made: Made) -> asyncio.AbstractEventLoop | None:
    """The loop of a scope, where a fixture is what runs it: a loop, or pytest-asyncio's runner of one."""
    if isinstance(made.value, asyncio.Runner) and made.name.endswith("_scoped_runner"):
        return made.value.get_loop()
    return made.value if isinstance(made.value, asyncio.AbstractEventLoop) else None
