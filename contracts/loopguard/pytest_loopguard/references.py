"""Find the globals that a function uses, directly or through the functions that it calls."""

import builtins
import functools
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
"""The number of calls that are followed."""

_BUILTINS = frozenset(vars(builtins))
_MISSING = object()
_INSTALLED = (sysconfig.get_path("stdlib"), "site-packages", "dist-packages")


class Reference(NamedTuple):
    """A name in a namespace. owner: the module's or the class's name."""

    namespace: Mapping[str, object]
    name: str
    owner: str


class References:
    """Finds the references of functions, once for each function."""

    def __init__(self) -> None:
        self._direct: WeakKeyDictionary[types.FunctionType, tuple[list[Reference], list[types.FunctionType]]]
        self._direct = WeakKeyDictionary()
        self._all: WeakKeyDictionary[Function, list[Reference]] = WeakKeyDictionary()

    def values(self, function: Function) -> Iterator[tuple[Reference, object]]:
        """Yield the references with their current values. Plain values are left out."""
        function = getattr(function, "__func__", function)
        references = self._all.get(function)
        if references is None:
            references = self._all[function] = self._collect(inspect.unwrap(function))
        for reference in references:
            value = reference.namespace.get(reference.name)
            if not is_plain(value) and not isinstance(value, types.FunctionType):
                yield reference, value

    def _collect(self, function: Function) -> list[Reference]:
        """Return the references of a function and of the functions that it calls, up to _DEPTH calls away."""
        references: list[Reference] = []
        seen = {function}
        level = [function] if isinstance(function, types.FunctionType) else []
        for _ in range(_DEPTH + 1):
            called: list[types.FunctionType] = []
            for each in level:
                direct = self._direct.get(each)
                if direct is None:
                    direct = self._direct[each] = _find_direct(each)
                references += direct[0]
                called += direct[1]
            level = [each for each in dict.fromkeys(called) if each not in seen]
            seen.update(level)
        return references


def _find_direct(function: types.FunctionType) -> tuple[list[Reference], list[types.FunctionType]]:
    """Return the direct references of a function, and the functions of the project that it calls."""
    names = _names(function.__code__)
    own = function.__globals__
    references: list[Reference] = []
    called: list[types.FunctionType] = []
    namespaces: list[tuple[Mapping[str, object], str]] = [(own, str(own.get("__name__")))]
    for namespace, owner in namespaces:
        for name in names:
            value = namespace.get(name, _MISSING)
            if isinstance(value, types.FunctionType):
                if not _is_installed(value.__code__.co_filename):
                    called.append(value)
            elif isinstance(value, (types.ModuleType, type)):
                namespaces += _namespaces(value)
            # A global may be assigned later, so the function's own namespace keeps names that it lacks now.
            elif value is not _MISSING or (namespace is own and name not in _BUILTINS):
                references.append(Reference(namespace, name, owner))
    return references, called


def _namespaces(value: types.ModuleType | type) -> list[tuple[Mapping[str, object], str]]:
    """Return the namespace of a module or class of the project, with its name. Empty if it is installed."""
    module = sys.modules.get(value.__module__) if isinstance(value, type) else value
    if _is_installed(getattr(module, "__file__", None)):
        return []
    return [(vars(value), value.__qualname__ if isinstance(value, type) else value.__name__)]


def _names(code: types.CodeType) -> set[str]:
    """Return the names of globals and attributes in a function, and in the functions inside it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _names(constant)
    return names


@functools.cache
def _is_installed(file: str | None) -> bool:
    """Return whether a file belongs to Python or to an installed package, or is unknown."""
    return file is None or any(part in file for part in _INSTALLED)
