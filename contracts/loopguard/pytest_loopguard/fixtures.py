"""Records of async fixtures, of the tests and fixtures that use them, and of findings."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

Function = Callable[..., Any]


@dataclass(eq=False, slots=True)
class Fixture:
    """An async fixture. loop: the asyncio loop on which it was set up, or None for another library's loop."""

    name: str
    scope: str
    function: Function
    loop: asyncio.AbstractEventLoop | None = None
    value: Any = None


class User(NamedTuple):
    """A test or an async fixture that runs. scope: None for a test."""

    name: str
    scope: str | None
    function: Function

    @property
    def kind(self) -> str:
        """`test` or `fixture`."""
        return "test" if self.scope is None else "fixture"


class LoopOfScope(NamedTuple):
    """An event loop of pytest-asyncio, and the scope that it lasts for. node: its id, empty for the session."""

    scope: str
    node: str
    loop: asyncio.AbstractEventLoop


class Finding(NamedTuple):
    """A value on the wrong loop. through: how the user reaches it, empty for an argument with the fixture's name.

    fixture: the one that created the value, or None. value: the object that belongs to `loop`.
    """

    fixture: Fixture | None
    value: object
    loop: asyncio.AbstractEventLoop | None
    through: str


def find_place(function: Function, root: Path) -> str:
    """Return the file and line of a function, relative to `root` if it is below it."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    if code is None:
        return "?"
    path = Path(code.co_filename)
    return f"{path.relative_to(root) if path.is_relative_to(root) else path}:{code.co_firstlineno}"
