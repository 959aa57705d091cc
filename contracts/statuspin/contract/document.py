"""An OpenAPI document: its operations, and what its references point to."""

import re
from collections.abc import Callable, Iterable, Iterator
from copy import copy, deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from statuspin.errors import CannotRun
from statuspin.findings import Location
from statuspin.loading.bundling import bundle
from statuspin.loading.files import File
from statuspin.loading.pointers import Keys, parse_pointer, step
from statuspin.loading.sources import Source, open_source
from statuspin.loading.versions import openapi_version

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_TEMPLATED = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    raw: the operation object. item: the path item that holds it. keys: where the document has it. media_types: of the
    request body, in the order of the document.
    """

    id: str
    path: str
    method: str
    raw: dict[str, Any]
    item: dict[str, Any]
    keys: Keys = ()
    media_types: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`GET /path`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def bare_path(self) -> str:
        """The path with its parameters' names left out: `/items/{}`."""
        return _TEMPLATED.sub("{}", self.path)

    @property
    def path_parameters(self) -> list[str]:
        """The names of the path's parameters, in order."""
        return _TEMPLATED.findall(self.path)


class Document:
    """An OpenAPI 3.0, 3.1 or 3.2 document whose shape was checked and whose references are all pointers within it."""

    def __init__(self, raw: dict[str, Any], name: str = "openapi.yaml") -> None:
        """A document that refers to no other file. Raises CannotRun if it is malformed, naming the place.

        raw: the document. name: what messages call it.
        """
        file = File(f"file:///{quote(name)}", name, raw)
        self._take(replace(file, data=deepcopy(raw)) if file.has_identifiers else file, _no_file)

    @classmethod
    def read(cls, place: Path | str, *, allow_remote: bool = False) -> "Document":
        """The document at a place that `open_source` knows. Raises CannotRun.

        allow_remote: whether references may lead to other servers.
        """
        return cls.from_source(open_source(place, allow_remote=allow_remote))

    @classmethod
    def from_source(cls, source: Source) -> "Document":
        """The document of a source, with what it refers to. Raises CannotRun."""
        document = cls.__new__(cls)
        document._take(source.document(), source.load)  # noqa: SLF001 -- another way to make one
        return document

    def _take(self, file: File, load: Callable[[str], File]) -> None:
        self.version = openapi_version(file)
        self._bundle = bundle(file, load)
        self.raw, self.name = self._bundle.root.data, file.name
        self.duplicates: list[tuple[Operation, Operation]] = []
        self.operations = self._named(self._operations())

    @property
    def is_3_0(self) -> bool:
        """Whether schemas are those of OpenAPI 3.0: `nullable`, boolean exclusive bounds."""
        return self.version.startswith("3.0")

    @property
    def title(self) -> str:
        """`info.title`."""
        return str(self.raw.get("info", {}).get("title", ""))

    @property
    def release(self) -> str:
        """`info.version`."""
        return str(self.raw.get("info", {}).get("version", ""))

    @property
    def empty(self) -> list[Keys]:
        """The keys of every value that has nothing behind its name, and is read as if it were not there."""
        return self._bundle.empty

    def location(self, keys: Keys) -> Location:
        """Where the value at `keys` was written."""
        return self._bundle.location(keys)

    def select(self, rename: Callable[[str], str | None]) -> "Document":
        """The same document with fewer operations. rename: the path under which those of a path go, None for none."""
        part = copy(self)
        renamed = ((operation, rename(operation.path)) for operation in self.operations.values())
        part.duplicates = []
        part.operations = part._named(  # noqa: SLF001 -- its own
            replace(each, path=path) for each, path in renamed if path is not None
        )
        return part

    def _named(self, operations: Iterable[Operation]) -> dict[str, Operation]:
        """Every operation by its id: its operationId if it is the first of that name, else `GET /path`."""
        found: dict[str, Operation] = {}
        seen: dict[tuple[str, str], Operation] = {}
        for operation in operations:
            other = seen.setdefault((operation.method, operation.bare_path), operation)
            if other is not operation:
                place = self._bundle.place(operation.keys[:2])
                raise CannotRun(f"{place}: the same path as {other.path}, with {operation.method.upper()} in both")
            named = operation
            if operation.id in found:
                self.duplicates.append((found[operation.id], operation))
                named = replace(operation, id=operation.label)
            found[named.id] = named
        return found

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.raw.get("paths", {}).items():
            if not path.startswith("/"):
                continue
            resolved = self.resolve(item)
            for method, raw in operations_of(resolved).items():
                operation = self.resolve(raw)
                name = operation.get("operationId") or f"{method.upper()} {path}"
                keys, media_types = ("paths", path, method), self._media_types(operation)
                yield Operation(name, path, method, operation, resolved, keys, media_types)

    def _media_types(self, operation: dict[str, Any]) -> tuple[str, ...]:
        body = self.resolve(operation.get("requestBody"))
        content = body.get("content") if isinstance(body, dict) else None
        return tuple(map(str, content)) if isinstance(content, dict) else ()

    def at(self, pointer: str) -> Any:
        """What a JSON pointer such as `#/components/schemas/A` leads to; KeyError if it leads nowhere."""
        node: Any = self.raw
        for key in parse_pointer(pointer):
            node = step(node, key)
        return node

    def resolve(self, node: Any) -> Any:
        """`node`, or what its $ref leads to in the end; what stands beside a $ref is left aside."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = self.at(node["$ref"])
        return node


def operations_of(item: dict[str, Any]) -> dict[str, Any]:
    """The operation objects of a path item by method; those of additionalOperations as they are written."""
    additional: dict[str, Any] = item.get("additionalOperations", {})
    return {method: item[method] for method in METHODS if method in item} | additional


def covering(names: Iterable[str], status: int | str) -> str | None:
    """The name of the response that covers a status: exact, else its class (`4XX`), else `default`; else None.

    names: of an operation's responses, in any case. status: also a name itself, of another operation's response.
    """
    known = {name.upper(): name for name in names}
    found = (known.get(each) for each in (str(status).upper(), f"{str(status)[:1]}XX", "DEFAULT"))
    return next((name for name in found if name is not None), None)


def _no_file(uri: str) -> File:
    del uri
    raise CannotRun("a document in memory reads no files")
