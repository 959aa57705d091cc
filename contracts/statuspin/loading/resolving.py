"""Resolve references to values of files."""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from types import ModuleType
from typing import Any

from statuspin.loading.files import File
from statuspin.loading.pointers import Keys, parse_pointer, step


class Unresolved(Exception):
    """The target of a reference does not exist. The message has the reason, if known."""


@dataclass(frozen=True)
class Scope:
    """The context of a reference: its file, and the resolver of the enclosing schema with an $id.

    dynamic: the URIs that a $dynamicRef searches first, if the files have any.
    """

    file: File
    resolver: Any = None
    dynamic: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The target of a reference.

    scope: its context. inside: its keys in that file. is_plain: whether the reference is a pointer in its own file.
    """

    node: Any
    scope: Scope
    inside: Keys
    is_plain: bool = False


class Files:
    """The files of one document. Each is read once."""

    def __init__(self, root: File, load: Callable[[str], File], *, has_ids: bool) -> None:
        """root: the document. load: reads the file at a URI. has_ids: whether $id and anchors have a meaning."""
        self.root, self._read, self._has_ids = root, load, has_ids
        self._known: dict[str, File] = {}
        self._places: dict[int, tuple[File, Keys]] = {}
        self._found: dict[tuple[str, str], Found] = {}
        self._copies: dict[tuple[int, tuple[str, ...]], Any] = {}
        self._unchanged: dict[str, Any] = {}
        self._is_dynamic = False
        self._keep(root)

    def enter(self, scope: Scope, schema: dict[str, Any]) -> Scope:
        """Return the scope within a schema of the file of `scope`."""
        if not self._has_ids or not isinstance(schema.get("$id"), str):
            return scope
        resolver = scope.resolver or self._resolver(scope.file)
        return self._scope(scope.file, self._registry_module.enter(resolver, schema))

    def find(self, reference: str, scope: Scope) -> Found:
        """Return the target of `reference` from `scope`. Raises Unresolved."""
        if scope.resolver is not None:
            return self._find_in_schema(reference, scope)
        key = (scope.file.uri, reference)
        if key not in self._found:
            is_pointer = reference == "#" or reference.startswith("#/")
            is_plain = is_pointer and not (self._has_ids and scope.file.has_identifiers)
            self._found[key] = (self._find_in_file if is_plain else self._look_up)(reference, scope)
        return self._found[key]

    def _find_in_schema(self, reference: str, scope: Scope) -> Found:
        """Resolve by the schema's $id first, then as if it had none, which many documents assume."""
        try:
            return self._look_up(reference, scope)
        except Unresolved as error:
            try:
                return self.find(reference, Scope(scope.file))
            except Unresolved:
                raise error from None

    def _find_in_file(self, reference: str, scope: Scope) -> Found:
        node: Any = scope.file.data
        keys: Keys = ()
        for key in parse_pointer(reference):
            try:
                node, keys = step(node, key), (*keys, int(key) if isinstance(node, list) else key)
            except KeyError:
                raise Unresolved from None
        return Found(node, scope, keys, is_plain=True)

    def _look_up(self, reference: str, scope: Scope) -> Found:
        resolver = scope.resolver or self._resolver(scope.file)
        try:
            node, resolver = self._registry_module.look_up(resolver, reference)
        except LookupError as error:
            raise Unresolved(*error.args) from None
        if id(node) not in self._places:  # true, false or another scalar
            return Found(node, scope, parse_pointer(reference.partition("#")[2]))
        file, keys = self._places[id(node)]
        found = self._scope(file, resolver)
        return Found(self._copy(node, found.dynamic) if found.dynamic else node, found, keys)

    def _scope(self, file: File, resolver: Any) -> Scope:
        uris = [uri for uri, _ in resolver.dynamic_scope() if uri != self.root.uri] if self._is_dynamic else []
        return Scope(file, resolver, tuple(dict.fromkeys(reversed(uris))))

    def _copy(self, node: Any, dynamic: tuple[str, ...]) -> Any:
        """Return the copy of a value for one dynamic scope, in which its $dynamicRef has its own target."""
        if (id(node), dynamic) not in self._copies:
            file, keys = self._places[id(node)]
            original = self._unchanged.get(file.uri, file.data)
            for key in keys:
                original = step(original, key)
            self._copies[id(node), dynamic] = copy = deepcopy(original)
            self._note(copy, file, keys)
        return self._copies[id(node), dynamic]

    def _keep(self, file: File) -> None:
        """Keep an unchanged copy of a file whose parts may be needed again, because references are rewritten."""
        self._is_dynamic = self._has_ids and (self._is_dynamic or file.has_dynamic_references)
        if self._is_dynamic:
            self._unchanged[file.uri] = deepcopy(file.data)

    def _resolver(self, file: File) -> Any:
        return self._registry.resolver(base_uri=file.uri)

    @cached_property
    def _registry(self) -> Any:
        self._add(self.root)
        return self._registry_module.create_registry(self.root, self._load, has_ids=self._has_ids)

    @cached_property
    def _registry_module(self) -> ModuleType:
        from statuspin.loading import registry  # noqa: PLC0415 -- `referencing` is slow to import, and most documents do not need it

        return registry

    def _load(self, uri: str) -> File:
        if uri not in self._known:
            file = self._read(uri)
            self._keep(file)
            self._add(file)
            self._known[uri] = file  # a server may have redirected the URI
        return self._known[uri]

    def _add(self, file: File) -> None:
        self._known[file.uri] = file
        self._note(file.data, file, ())

    def _note(self, data: Any, file: File, start: Keys) -> None:
        """Record the place of every object and list in `data`."""
        waiting: list[tuple[Any, Keys]] = [(data, start)]
        while waiting:
            node, keys = waiting.pop()
            self._places[id(node)] = (file, keys)
            pairs: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
            waiting += [(child, (*keys, key)) for key, child in pairs if isinstance(child, dict | list)]


def choose_name(found: Found, taken: dict[str, Any]) -> str:
    """Return a name for a target from a file: its name there, with a number if that is taken."""
    texts = [key for key in found.inside if isinstance(key, str)] or [found.scope.file.stem]
    name = re.sub("[^A-Za-z0-9._-]", "_", texts[-1]) or "part"
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)
