"""The rule: an async test or fixture may not reach an object that belongs to another event loop than its own."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pytest_loopguard.fixtures import Finding, Fixture, Function
from pytest_loopguard.reach import find_bound, find_loops, is_plain, may_reach_bound
from pytest_loopguard.references import References


class LoopChecker:
    """Checks the objects that a test or fixture can reach: arguments, the test's instance, and named globals."""

    def __init__(self) -> None:
        self._references = References()
        self._first_loop: asyncio.AbstractEventLoop | None = None
        self._several_loops = False
        self._checked: set[tuple[str, int]] = set()

    def find(
        self,
        loop: asyncio.AbstractEventLoop,
        function: Function,
        arguments: Mapping[str, Any],
        fixtures: Collection[Fixture],
        ignored: Collection[str],
    ) -> Finding | None:
        """Return a value that belongs to another loop than `loop`, or None.

        function: the test or fixture, with its arguments. fixtures: the async ones that are set up, the oldest first.
        ignored: names of fixtures and globals that work on any loop.
        """
        self._note(loop)
        same, foreign = set(), []
        for fixture in fixtures:
            if fixture.loop is loop:
                same.add(id(fixture.value))
            elif fixture.loop is not None and fixture.name not in ignored and not is_plain(fixture.value):
                foreign.append(fixture)
        due = [
            (name, through, value)
            for name, through, value in self._reachable(function, arguments)
            if name not in ignored and id(value) not in same and self._is_due(name, value)
        ]
        if not due or not may_reach_bound([value for _, _, value in due]):
            return None
        for name, through, value in due:
            finding = _find_foreign(loop, value, foreign)
            if finding:
                direct = finding.fixture is not None and finding.fixture.name == name and name in arguments
                return finding._replace(through="" if direct else through)
        return None

    def _note(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._first_loop is None:
            self._first_loop = loop
        elif loop is not self._first_loop:
            self._several_loops = True

    def _is_due(self, name: str, value: object) -> bool:
        """Return whether to check a value. While there has been only one loop, each value is checked once."""
        if self._several_loops:
            return True
        key = (name, id(value))
        due = key not in self._checked
        self._checked.add(key)
        return due

    def _reachable(self, function: Function, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, object]]:
        """Yield the name, the path and the value of each object that the function can reach, without plain values."""
        for name, value in arguments.items():
            if not is_plain(value):
                yield name, f"argument {name}", value
        instance = getattr(function, "__self__", None)
        for name, value in getattr(instance, "__dict__", {}).items():
            if not is_plain(value):
                yield name, f"self.{name}", value
        for reference, value in self._references.values(function):
            yield reference.name, f"global {reference.name} of {reference.owner}", value


def _find_foreign(loop: asyncio.AbstractEventLoop, value: object, foreign: Collection[Fixture]) -> Finding | None:
    reached = find_bound(value)
    if not reached:
        return None
    loops = {id(each): find_loops(each) for each in reached}
    # An object works if it is bound to this loop already, or to a loop that runs in another thread. An unbound object
    # will be bound to that loop, too: for example in an application that a TestClient runs.
    in_thread = any(one.is_running() and one is not loop for each in loops.values() for one in each)
    suspects = [
        each
        for each in reached
        if (loops[id(each)] or not in_thread) and not any(one is loop or one.is_running() for one in loops[id(each)])
    ]
    ids = {id(each) for each in suspects}
    for fixture in sorted(foreign, key=lambda fixture: fixture.value is not value):
        for made in find_bound(fixture.value) if ids else ():
            if id(made) in ids:
                return Finding(fixture, made, fixture.loop, "")
    for each in suspects:
        # A loop or its runner is a tool that a test may hold. Other objects fail if their loop does not run.
        if loops[id(each)] and not isinstance(each, (asyncio.AbstractEventLoop, asyncio.Runner)):
            return Finding(None, each, loops[id(each)][0], "")
    return None
