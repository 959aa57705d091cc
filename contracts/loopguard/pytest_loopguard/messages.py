"""What the guard says."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_loopguard.made import Made

MEND = """\
Give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

    asyncio_default_fixture_loop_scope = session
    asyncio_default_test_loop_scope = session

and no other loop_scope on the fixture or on the test."""

_OBSCURE = ("attached to a different loop", "is bound to a different event loop", "Event loop is closed")
_BUSY = "another operation is in progress"
_MISMATCH = re.compile(r"ScopeMismatch.*?\b_(\w+)_scoped_runner\b", re.DOTALL)


class LoopOfScope(NamedTuple):
    """A loop, and the scope that it lasts for: its name, and the node's id."""

    scope: str
    node: str
    loop: asyncio.AbstractEventLoop


def of_another_loop(way: list[Made], user: Made, loop: asyncio.AbstractEventLoop, scopes: Iterable[LoopOfScope]) -> str:
    """Why a test or fixture may not be given this. way: from what it was given to what belongs to another loop."""
    fixture, kind = way[-1], "test" if user.scope == "test" else "fixture"
    through = "".join(f"\n             through {_title(made)}" for made in way[:-1])
    return f"""\
Fixture {fixture.name!r} belongs to another event loop than the {kind} {user.name!r} that uses it.

    set up   {_title(fixture)}
             on {_loop(fixture.loop, scopes)}
    used by  {_title(user)}{through}
             on {_loop(loop, scopes)}

{MEND}
If {fixture.name!r} works on any loop, name it in loop_guard_ignore, or mark the test with any_loop."""


def of_scope_mismatch(made: Made, text: str) -> str | None:
    """Why an async fixture cannot be set up on the loop of a narrower scope; None if `text` tells of something else."""
    if (narrow := _MISMATCH.search(text)) is None:
        return None
    return f"""\
Fixture {made.name!r} is kept for longer than the event loop that it would belong to.

    fixture  {_title(made)}
    kept for the {made.scope}
    loop of  the {narrow[1]}

{MEND}"""


def of_state(alive: Iterable[Made], test: asyncio.AbstractEventLoop | None, scopes: Iterable[LoopOfScope]) -> str:
    """Which async fixtures are alive on which loops, and on which the test runs."""
    fixtures = [f"    {_title(made)}\n        on {_loop(made.loop, scopes)}" for made in alive if made.loop is not None]
    return "\n".join(
        [
            "async fixtures that were alive, and the loops that they were set up on:",
            *(fixtures or ["    none"]),
            "the test itself:",
            "    had not begun, or runs on no loop" if test is None else f"    on {_loop(test, scopes)}",
            "",
            MEND,
        ]
    )


def is_obscure(error: BaseException) -> bool:
    """Whether an error, or one that it came from, is what a value on the wrong loop looks like."""
    return any(
        any(text in str(one) for text in _OBSCURE)
        or (_BUSY in str(one) and type(one).__module__.partition(".")[0] == "asyncpg")
        for one in _family(error, set())
    )


def _family(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    relatives = [error.__cause__, error.__context__]
    if isinstance(error, BaseExceptionGroup):
        relatives += error.exceptions
    for relative in relatives:
        yield from _family(relative, seen)


def _title(made: Made) -> str:
    scope = "" if made.scope == "test" else f", scope {made.scope}"
    return f"{made.name}{scope}, {made.place}"


def _loop(loop: asyncio.AbstractEventLoop | None, scopes: Iterable[LoopOfScope]) -> str:
    """A loop in words: whose it is, what it is, which it is."""
    owners = (f"the {one.scope}'s loop" + (f" of {one.node}" if one.node else "") for one in scopes if one.loop is loop)
    return f"{next(owners, 'a loop of its own')}: {loop!r} at {id(loop):#x}"
