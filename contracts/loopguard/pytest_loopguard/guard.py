"""The hooks: record the loop on which each async fixture is set up, and check the values that are used."""

import asyncio
from collections.abc import Collection, Generator, Mapping
from typing import Any
from unittest import IsolatedAsyncioTestCase

import pytest

from pytest_loopguard import advice
from pytest_loopguard.calling import is_async, wrap_function
from pytest_loopguard.checking import LoopChecker
from pytest_loopguard.fixtures import Finding, Fixture, Function, LoopOfScope, User
from pytest_loopguard.messages import Messages, is_obscure

_RUNNER = "_scoped_runner"
"""The end of the names of pytest-asyncio's fixtures that run a loop."""


class LoopGuard:
    """The plugin object. It holds the async fixtures that are currently set up, and their loops."""

    def __init__(self, config: pytest.Config) -> None:
        self._messages = Messages(config.rootpath)
        self._checker = LoopChecker()
        self._ignored: frozenset[str] = frozenset(config.getini("loop_guard_ignore"))
        self._fixtures: dict[pytest.FixtureDef[Any], Fixture] = {}
        self._scopes: dict[pytest.FixtureDef[Any], LoopOfScope] = {}
        self._sync: dict[str, pytest.FixtureDef[Any]] = {}
        self._test_loop: asyncio.AbstractEventLoop | None = None
        self._before_teardown: tuple[Fixture, ...] = ()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Record the loop and the value of an async fixture, and check the values that it uses."""
        function = fixturedef.func
        if not is_async(function):
            value = yield
            self._record_sync(fixturedef, request, value)
            return value
        fixture = Fixture(fixturedef.argname, fixturedef.scope, function)

        def begin(arguments: Mapping[str, Any]) -> None:
            __tracebackhide__ = True
            fixture.loop = self._check(function, fixture.name, fixture.scope, request, arguments)

        # pytest-asyncio wraps this function in a sync function.
        fixturedef.func = wrap_function(begin, function)  # type: ignore[misc]
        try:
            fixture.value = yield
        except pytest.fail.Exception as error:
            message = self._messages.describe_scope_mismatch(fixture, str(error))
            if message is None:
                raise
            failure = pytest.fail.Exception(message, pytrace=False)
            # pytest caches other failures of a fixture in the same way, so that the next test gets the same message.
            fixturedef.cached_result = (None, fixturedef.cache_key(request), (failure, None))  # type: ignore[arg-type]
            raise failure from None
        finally:
            fixturedef.func = function  # type: ignore[misc]
        self._fixtures[fixturedef] = fixture
        return fixture.value

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Forget a fixture and its value."""
        self._scopes.pop(fixturedef, None)
        fixture = self._fixtures.pop(fixturedef, None)
        if fixture is not None:
            fixture.value = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Check an async test on its own loop, before its first line."""
        if not isinstance(item, pytest.Function):
            return (yield)
        hypothesis = getattr(item.obj, "hypothesis", None)
        holder, name = (item, "obj") if hypothesis is None else (hypothesis, "inner_test")
        function = getattr(holder, name, None)
        if function is None or not is_async(function):
            return (yield)
        method = item.obj if hypothesis is not None else function

        def begin(arguments: Mapping[str, Any]) -> None:
            __tracebackhide__ = True
            self._test_loop = self._check(function, item.name, None, item, arguments, method)

        setattr(holder, name, wrap_function(begin, function))
        try:
            return (yield)
        finally:
            setattr(holder, name, function)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add a section to the report of a failure that is typical of a value on the wrong loop."""
        report = yield
        if call.excinfo is not None and report.failed and is_obscure(call.excinfo.value):
            fixtures = tuple(self._fixtures.values()) if call.when != "teardown" else self._before_teardown
            report.sections.append(("loop guard", self._describe_state(item, call, fixtures)))
        if call.when == "call":
            self._before_teardown = tuple(self._fixtures.values())
        elif call.when == "teardown":
            self._test_loop = None
        return report

    def _record_sync(self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest, value: object) -> None:
        """Record the loops of pytest-asyncio, and sync fixtures that may hold a value of an async fixture."""
        loop = value
        if isinstance(value, asyncio.Runner) and fixturedef.argname.endswith(_RUNNER):
            loop = value.get_loop()
        if isinstance(loop, asyncio.AbstractEventLoop):
            self._scopes[fixturedef] = LoopOfScope(fixturedef.scope, request.node.nodeid, loop)
        if self._fixtures:
            self._sync[fixturedef.argname] = fixturedef

    def _check(
        self,
        function: Function,
        name: str,
        scope: str | None,
        request: Any,
        arguments: Mapping[str, Any],
        method: Function | None = None,
    ) -> asyncio.AbstractEventLoop | None:
        """Return the running asyncio loop, or None. Fail the test if a value that it uses belongs to another loop.

        request: the fixture's request, or the test's item. method: the bound method, if `function` is not bound.
        """
        __tracebackhide__ = True
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # the loop of another library, such as trio
            return None
        ignored: Collection[str] = self._ignored
        if marker := getattr(request, "node", request).get_closest_marker("any_loop"):
            if not marker.args:
                return loop
            ignored = {*ignored, *marker.args}
        finding = self._checker.find(loop, method or function, arguments, self._fixtures.values(), ignored)
        if finding is not None:
            pytest.fail(self._describe_finding(finding, User(name, scope, function), loop), pytrace=False)
        return loop

    def _describe_finding(self, finding: Finding, user: User, loop: asyncio.AbstractEventLoop) -> str:
        sync = self._sync.get(finding.through.removeprefix("argument "))
        if sync is not None and finding.through.startswith("argument "):
            through = self._messages.describe_fixture(sync.argname, sync.scope, sync.func)
            finding = finding._replace(through=through)
        same_plugin = self._is_pytest_asyncio(loop) == self._is_pytest_asyncio(finding.loop)
        advised = advice.advise_on_finding(finding, same_plugin=same_plugin)
        return self._messages.describe_finding(finding, user, loop, self._scopes.values(), advised)

    def _is_pytest_asyncio(self, loop: asyncio.AbstractEventLoop | None) -> bool:
        return any(one.loop is loop for one in self._scopes.values())

    def _describe_state(self, item: pytest.Item, call: pytest.CallInfo[None], fixtures: Collection[Fixture]) -> str:
        loops = {fixture.loop for fixture in fixtures if fixture.loop is not None}
        function = getattr(item, "obj", None)
        advised = advice.advise_on_failure(
            call.excinfo.value.__traceback__ if call.excinfo else None,
            same_plugin=self._test_loop is None or self._is_pytest_asyncio(self._test_loop),
            is_async=call.when != "call" or function is None or is_async(function),
            is_test_case=issubclass(getattr(item, "cls", None) or object, IsolatedAsyncioTestCase),
            shares_loop=self._test_loop is not None and loops == {self._test_loop},
        )
        return self._messages.describe_state(fixtures, self._test_loop, self._scopes.values(), advised)
