"""The globals that a function refers to, also by way of the functions that it calls."""

import builtins
import inspect
import sys
import sysconfig
import types
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from pytest_loopguard.fixtures import Function
from pytest_loopguard.reach import is_plain

_DEPTH = 3
"""How many calls are followed."""

_BUILTINS = frozenset(vars(builtins))
_INSTALLED = (sysconfig.get_path("stdlib"), "site-packages", "dist-packages")


class Reference(NamedTuple):
    """A name in a namespace. owner: the module's or the class's name."""

    namespace: Mapping[str, object]
    name: str
    owner: str


class References:
    """Finds the references of functions, once for each function."""

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[Function, list[Reference]] = WeakKeyDictionary()

    def values(self, function: Function) -> Iterator[tuple[Reference, object]]:
        """Yield the references that hold something now, with their values. Plain values are left out."""
        function = getattr(function, "__func__", function)
        references = self._found.get(function)
        if references is None:
            plain = inspect.unwrap(function)
            references = list(_references(plain)) if isinstance(plain, types.FunctionType) else []
            self._found[function] = references
        for reference in references:
            value = reference.namespace.get(reference.name)
            if not is_plain(value) and not isinstance(value, types.FunctionType):
                yield reference, value


def _references(function: types.FunctionType) -> Iterator[Reference]:
    """Yield the references of a function and of the functions that it calls, up to _DEPTH calls away."""
    seen: set[tuple[int, str]] = set()
    functions = [(function, 0)]
    for each, depth in functions:
        names = frozenset(_names(each.__code__)) - _BUILTINS
        namespaces: list[tuple[Mapping[str, object], str]] = [(each.__globals__, str(each.__globals__.get("__name__")))]
        for namespace, owner in namespaces:
            # A global may be assigned later, so the function's own namespace keeps names that it lacks now.
            for name in names if namespace is each.__globals__ else names & namespace.keys():
                if (id(namespace), name) in seen:
                    continue
                seen.add((id(namespace), name))
                value = namespace.get(name)
                if isinstance(value, types.FunctionType):
                    if depth < _DEPTH and not _is_installed(value.__code__.co_filename):
                        functions.append((value, depth + 1))
                elif isinstance(value, (types.ModuleType, type)):
                    namespaces += _namespaces(value)
                else:
                    yield Reference(namespace, name, owner)


def _namespaces(value: types.ModuleType | type) -> list[tuple[Mapping[str, object], str]]:
    """Return the namespace of a module or class of the project, with its name. Empty if it is installed."""
    module = sys.modules.get(value.__module__) if isinstance(value, type) else value
    if _is_installed(getattr(module, "__file__", None)):
        return []
    return [(vars(value), value.__qualname__ if isinstance(value, type) else value.__name__)]


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the names of globals and attributes in a function, and in the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _is_installed(file: str | None) -> bool:
    """Return whether a file belongs to Python or to an installed package, or there is none."""
    return file is None or any(part in file for part in _INSTALLED)
