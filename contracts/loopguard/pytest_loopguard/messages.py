"""The messages of the guard."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_loopguard import advice
from pytest_loopguard.fixtures import Finding, Fixture, Function, LoopOfScope, User, find_place

OLDEST_PYTEST_ASYNCIO = (1, 1)

_OBSCURE = ("attached to a different loop", "is bound to a different event loop", "Event loop is closed")
_BUSY = "another operation is in progress"
_MISMATCH = re.compile(r"ScopeMismatch.*?\b_(\w+)_scoped_runner\b", re.DOTALL)


class Messages:
    """Formats the messages of the guard."""

    def __init__(self, root: Path) -> None:
        """root: paths are shown relative to it."""
        self._root = root

    def describe_finding(
        self,
        finding: Finding,
        user: User,
        loop: asyncio.AbstractEventLoop,
        scopes: Iterable[LoopOfScope],
        advised: str,
    ) -> str:
        """Return why a test or fixture may not use a value, and what to change.

        loop: the loop of `user`. advised: the advice.
        """
        fixture = finding.fixture
        if fixture is None:
            what, name = f"The {type(finding.value).__name__} in the {finding.through}", finding.through.split()[1]
            made = f"held by  {finding.through}"
        else:
            what, name = f"Fixture {fixture.name!r}", fixture.name
            made = f"set up   {self._title(fixture)}"
        through = f"\n             through {finding.through}" if fixture is not None and finding.through else ""
        return f"""\
{what} belongs to another event loop than the {user.kind} {user.name!r} that uses it.

    {made}
             on {describe_loop(finding.loop, scopes)}
    used by  {self._title(user)}{through}
             on {describe_loop(loop, scopes)}

{advised.rstrip()}

If {name!r} works on any loop, name it in loop_guard_ignore, or mark the test with any_loop."""

    def describe_scope_mismatch(self, fixture: Fixture, text: str) -> str | None:
        """Return why an async fixture cannot be set up on the loop of a narrower scope.

        text: the error of pytest. Return None if it is another error.
        """
        narrow = _MISMATCH.search(text)
        if narrow is None:
            return None
        return f"""\
Fixture {fixture.name!r} is kept for longer than the event loop that it would belong to.

    fixture  {self._title(fixture)}
    kept for the {fixture.scope}
    loop of  the {narrow[1]}

{advice.ONE_LOOP}"""

    def describe_state(
        self,
        fixtures: Iterable[Fixture],
        test_loop: asyncio.AbstractEventLoop | None,
        scopes: Iterable[LoopOfScope],
        advised: str,
    ) -> str:
        """Return a list of the async fixtures with their loops, the loop of the test, and the advice."""
        lines = [
            f"    {self._title(fixture)}\n        on {describe_loop(fixture.loop, scopes)}"
            for fixture in fixtures
            if fixture.loop is not None
        ]
        test = f"on {describe_loop(test_loop, scopes)}" if test_loop else "had not begun, or runs on no loop"
        return "\n".join(
            [
                "async fixtures that were set up, and their loops:",
                *(lines or ["    none"]),
                "the test itself:",
                f"    {test}",
                "",
                advised,
            ]
        )

    def _title(self, one: Fixture | User) -> str:
        scope = "" if one.scope is None else f", scope {one.scope}"
        return f"{one.name}{scope}, {find_place(one.function, self._root)}"

    def describe_fixture(self, name: str, scope: str, function: Function) -> str:
        """Return the name, scope and place of a sync fixture."""
        return f"{name}, scope {scope}, {find_place(function, self._root)}"


def describe_limits(version: str) -> str | None:
    """Return a message about the checks that this version of pytest-asyncio prevents, or None if all work."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers >= OLDEST_PYTEST_ASYNCIO:
        return None
    return (
        f"loop guard: pytest-asyncio {version} hides on which loops async fixtures are set up. The guard checks only"
        " what async tests reach without them. Install pytest-asyncio 1.1 or later"
    )


def describe_loop(loop: asyncio.AbstractEventLoop | None, scopes: Iterable[LoopOfScope]) -> str:
    """Return the scope of a loop, its representation and its address."""
    owners = (f"the {one.scope}'s loop" + (f" of {one.node}" if one.node else "") for one in scopes if one.loop is loop)
    return f"{next(owners, 'a loop of its own')}: {loop!r} at {id(loop):#x}"


def is_obscure(error: BaseException) -> bool:
    """Return whether an error, or one that it came from, is typical of a value on the wrong loop."""
    return any(
        any(text in str(each) for text in _OBSCURE)
        or (_BUSY in str(each) and type(each).__module__.partition(".")[0] == "asyncpg")
        for each in _related(error, set())
    )


def _related(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """Yield an error, its causes and contexts, and the members of groups."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    related = [error.__cause__, error.__context__]
    if isinstance(error, BaseExceptionGroup):
        related += error.exceptions
    for each in related:
        yield from _related(each, seen)
