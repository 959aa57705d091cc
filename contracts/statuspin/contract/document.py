"""An OpenAPI document: its operations and its references."""

import json
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
from statuspin.loading.pointers import Keys, parse_pointer, value_at
from statuspin.loading.sources import Source, open_source
from statuspin.loading.versions import openapi_version

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_TEMPLATED = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    raw: the operation object. item: its path item. keys: its place in the document. media_types: those of the request
    body, in the order of the document.
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
        """The path without the names of its parameters, such as `/items/{}`."""
        return _TEMPLATED.sub("{}", self.path)

    @property
    def path_parameters(self) -> list[str]:
        """The names of the path's parameters, in order."""
        return _TEMPLATED.findall(self.path)


class Document:
    """An OpenAPI 3.0, 3.1 or 3.2 document of checked shape. All its references are pointers within the document."""

    def __init__(self, raw: dict[str, Any], name: str = "openapi.yaml") -> None:
        """Create a document that refers to no other file.

        raw: the document. name: its name in messages. Raises CannotRun, with the place, if the document is malformed.
        """
        file = File(f"file:///{quote(name)}", name, raw)
        self._load(replace(file, data=deepcopy(raw)) if file.has_identifiers else file, _refuse_file)

    @classmethod
    def read(cls, place: Path | str, *, allow_remote: bool = False) -> "Document":
        """Return the document at a place that `open_source` accepts. Raises CannotRun if it cannot be read.

        allow_remote: whether references to other servers are followed.
        """
        return cls.from_source(open_source(place, allow_remote=allow_remote))

    @classmethod
    def from_source(cls, source: Source) -> "Document":
        """Return the document of a source, with everything it refers to. Raises CannotRun if it cannot be read."""
        document = cls.__new__(cls)
        document._load(source.document(), source.load)  # noqa: SLF001 -- an alternative constructor
        return document

    def _load(self, file: File, load: Callable[[str], File]) -> None:
        self.version = openapi_version(file)
        self._bundle = bundle(file, load)
        self.raw, self.name = self._bundle.root.data, file.name
        self.duplicates: list[tuple[Operation, Operation]] = []
        self.operations = self._index(self._operations())

    @property
    def is_3_0(self) -> bool:
        """Whether schemas follow OpenAPI 3.0, with `nullable` and boolean exclusive bounds."""
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
        """The keys of all values that are null by mistake. They are treated as missing."""
        return self._bundle.empty

    def location(self, keys: Keys) -> Location:
        """Return the file and line of the value at `keys`."""
        return self._bundle.location(keys)

    def as_one_file(self) -> tuple[str, str]:
        """Return a file name and the text, which is unchanged unless the document refers to other files."""
        file = self._bundle.root
        if self._bundle.origins or file.text is None:
            return "openapi.json", f"{json.dumps(self.raw, indent=2, ensure_ascii=False)}\n"
        return ("openapi.json" if file.is_json else "openapi.yaml"), file.text

    def select(self, rename: Callable[[str], str | None]) -> "Document":
        """Return the document with only some operations. rename: returns the new path of a path, or None to drop it."""
        part = copy(self)
        renamed = ((operation, rename(operation.path)) for operation in self.operations.values())
        part.duplicates = []
        part.operations = part._index(  # noqa: SLF001 -- of the same class
            replace(each, path=path) for each, path in renamed if path is not None
        )
        return part

    def _index(self, operations: Iterable[Operation]) -> dict[str, Operation]:
        """Return operations by id: the operationId if it is the first with that name, else `GET /path`."""
        found: dict[str, Operation] = {}
        seen: dict[tuple[str, str], Operation] = {}
        for operation in operations:
            other = seen.setdefault((operation.method, operation.bare_path), operation)
            if other is not operation:
                place = self._bundle.place(operation.keys[:2])
                raise CannotRun(f"{place}: is the same path as {other.path}, and both have {operation.method.upper()}")
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
        """Return the value at a JSON pointer such as `#/components/schemas/A`. Raises KeyError if it does not exist."""
        return value_at(self.raw, parse_pointer(pointer))

    def resolve(self, node: Any) -> Any:
        """Return the final target of a $ref, or `node` if it has none. Siblings of a $ref are ignored."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            node = self.at(node["$ref"])
        return node


def operations_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return the operation objects of a path item by method. additionalOperations keep their spelling."""
    additional: dict[str, Any] = item.get("additionalOperations", {})
    return {method: item[method] for method in METHODS if method in item} | additional


def find_response(names: Iterable[str], status: int | str) -> str | None:
    """Return the name of the response that covers a status: exact, else its class (`4XX`), else `default`, else None.

    names: the names of an operation's responses, in any case. status: a status, or a name of a response.
    """
    known = {name.upper(): name for name in names}
    found = (known.get(each) for each in (str(status).upper(), f"{str(status)[:1]}XX", "DEFAULT"))
    return next((name for name in found if name is not None), None)


def _refuse_file(uri: str) -> File:
    del uri
    raise CannotRun("a document in memory cannot refer to files")
