"""An OpenAPI document: its operations, and what its references point to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from statuspin.contract.files import read_mapping
from statuspin.errors import CannotRun

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_MOST_HOPS = 100
_TEMPLATED = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Operation:
    """One method on one path. `raw` is the operation object, `item` the path item that holds it."""

    id: str
    path: str
    method: str
    raw: dict[str, Any]
    item: dict[str, Any]

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
    """An OpenAPI 3.0, 3.1 or 3.2 document. Raises CannotRun where `raw` is none."""

    def __init__(self, raw: dict[str, Any], name: str = "openapi.yaml") -> None:
        """raw: the document. name: what messages call it."""
        self.raw, self.name = raw, name
        version = str(raw.get("openapi", ""))
        if not version.startswith("3."):
            said = f"it says openapi: {version}" if version else "it has no member `openapi`"
            mend = "; convert it to 3.x first" if version or "swagger" in raw else ""
            raise CannotRun(f"{name}: no OpenAPI 3 document: {said}{mend}")
        if not isinstance(raw.get("paths", {}), dict) or not isinstance(raw.get("info", {}), dict):
            raise CannotRun(f"{name}: `paths` and `info` have to be objects")
        self.version = version

    @classmethod
    def read(cls, path: Path) -> "Document":
        """The document in a file, JSON or YAML, or in a contract folder's openapi.yaml (.yml, .json)."""
        return cls(read_mapping(found := _file(path)), str(found))

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

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Every operation by its id: its operationId, else `GET /path`. Raises CannotRun where two have one id."""
        found: dict[str, Operation] = {}
        for operation in self._operations():
            other = found.setdefault(operation.id, operation)
            if other is not operation:
                both = f"{other.label} and {operation.label}"
                raise CannotRun(f"{self.name}: {both} have one operationId, {operation.id!r}; give each its own")
        return found

    def _operations(self) -> Iterator[Operation]:
        for path, item in (self.raw.get("paths") or {}).items():
            resolved = self.resolve(item)
            if not path.startswith("/") or not isinstance(resolved, dict):
                continue
            for method in METHODS:
                raw = resolved.get(method)
                if isinstance(raw, dict):
                    name = str(raw.get("operationId") or f"{method.upper()} {path}")
                    yield Operation(name, path, method, raw, resolved)

    def at(self, pointer: str) -> Any:
        """What a JSON pointer such as `#/components/schemas/A` leads to; KeyError where it leads nowhere."""
        node: Any = self.raw
        for part in pointer.removeprefix("#").split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(key)] if isinstance(node, list) else node[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise KeyError(pointer) from None
        return node

    def resolve(self, node: Any) -> Any:
        """`node`, or what its $ref leads to in the end; what stands beside a $ref is left aside.

        A reference into another file, to nowhere or to itself resolves to an empty object: `statuspin lint` names it.
        """
        for _ in range(_MOST_HOPS):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            try:
                node = self.at(node["$ref"]) if node["$ref"].startswith("#") else {}
            except KeyError:
                return {}
        return {}


def covering(names: Iterable[str], status: int | str) -> str | None:
    """The name of the response that covers a status: exact, else its class (`4XX`), else `default`; else None.

    names: of an operation's responses, in any case. status: also a name itself, of another operation's response.
    """
    known = {name.upper(): name for name in names}
    found = (known.get(each) for each in (str(status).upper(), f"{str(status)[:1]}XX", "DEFAULT"))
    return next((name for name in found if name is not None), None)


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    for name in ("openapi.yaml", "openapi.yml", "openapi.json"):
        if (path / name).is_file():
            return path / name
    raise CannotRun(f"{path}: the folder holds no openapi.yaml")
