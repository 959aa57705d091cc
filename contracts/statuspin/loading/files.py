"""JSON and YAML files, or one line that says what is wrong with them."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from statuspin.errors import CannotRun
from statuspin.findings import Location
from statuspin.loading import yaml_loader
from statuspin.loading.pointers import Keys, kind_of
from statuspin.loading.positions import Positions

_DEEPEST = 200
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_IDENTIFIERS = ("$id", "$self", "$anchor", "$dynamicAnchor", "$dynamicRef")


@dataclass(frozen=True)
class File:
    """A file that was read.

    uri: its base for references. name: what messages call it. text: None if it was made in memory. revision: of git.
    """

    uri: str
    name: str
    data: Any
    text: str | None = None
    revision: str | None = None
    is_json: bool = False

    @property
    def stem(self) -> str:
        """The name without folder and suffix."""
        return PurePosixPath(unquote(urlsplit(self.uri).path)).stem

    @cached_property
    def has_identifiers(self) -> bool:
        """Whether schemas in it may have an $id or an anchor, so that references in it need a resolver."""
        return any(self._mentions(keyword) for keyword in _IDENTIFIERS)

    @cached_property
    def has_dynamic_references(self) -> bool:
        """Whether a $dynamicRef may be in it."""
        return self._mentions("$dynamicRef")

    def location(self, keys: Keys) -> Location:
        """Where the value at `keys` stands, or the nearest one around it."""
        path = self.name if self.revision is None else self.name.removeprefix(f"{self.revision}:")
        line, column = self._positions.find(keys) if self._positions else (None, None)
        return Location(path, line, column, self.revision)

    def place(self, keys: Keys) -> str:
        """Where a value stands, for a message: `openapi.yaml: line 3: paths → /x`."""
        number = self.location(keys).line
        line = [f"line {number}"] if number else []
        return ": ".join([self.name, *line, *([" → ".join(map(str, keys))] if keys else [])])

    @cached_property
    def _positions(self) -> Positions | None:
        return Positions(self.text, is_json=self.is_json) if self.text is not None else None

    def _mentions(self, keyword: str) -> bool:
        return keyword in (self._names if self.text is None else self.text)

    @cached_property
    def _names(self) -> set[str]:
        names: set[str] = set()
        waiting = [self.data]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                names.update(node)
                waiting += node.values()
            elif isinstance(node, list):
                waiting += node
        return names


def read_mapping(path: Path) -> dict[str, Any]:
    """The JSON or YAML object in `path`, with every key as text; CannotRun names what is wrong with it."""
    data = parsed(read_text(path), str(path))
    if not isinstance(data, dict):
        raise CannotRun(f"{path}: an object is expected at the top, not {kind_of(data)}")
    return data


def read_text(path: Path, name: str = "") -> str:
    """The text of `path`; CannotRun if it cannot be read. name: what messages call it, if not by its path."""
    try:
        return decoded(path.read_bytes(), name or str(path))
    except OSError as error:
        raise CannotRun(f"{name or path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise CannotRun(f"{name or str(path)!r}: not a path") from None


def decoded(content: bytes, name: str) -> str:
    """UTF-8 as text, with line breaks as Python has them. CannotRun names `name` if it is not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CannotRun(f"{name}: not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parsed(text: str, name: str) -> Any:
    """What `text`, JSON or YAML, says; keys are text. CannotRun names `name`, line and fault."""
    return _parse(text, name)[0]


def _parse(text: str, name: str) -> tuple[Any, bool]:
    """The same, and whether it is JSON."""
    try:
        if text.lstrip().startswith(("{", "[")):
            try:
                return _shallow(json.loads(text)), True
            except json.JSONDecodeError as error:
                if name.endswith(".json"):
                    raise CannotRun(f"{name}: line {error.lineno}: not JSON: {error.msg}") from None
        return _shallow(_as_json(yaml_loader.load(text))), False
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotRun(f"{name}: line {line}: not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise CannotRun(f"{name}: neither JSON nor YAML: nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        raise CannotRun(f"{name}: neither JSON nor YAML: {' '.join(str(error).split())}") from None


def opened(uri: str, name: str, text: str, revision: str | None = None) -> File:
    """The file of a document. Raises CannotRun as `parsed` does, and for half of a surrogate pair."""
    data, is_json = _parse(text, name)
    if _SURROGATE.search(text):
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = ascii(error.object[error.start]).strip("'")
            raise CannotRun(f"{name}: {half} is half of a surrogate pair, and no character") from None
    return File(uri, name, data, text, revision, is_json=is_json)


def _shallow(data: Any) -> Any:
    """`data` itself; ValueError where it is nested deeper than anything here follows."""
    level = [data]
    for _ in range(_DEEPEST):
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [child for children in inner for child in children if isinstance(child, dict | list)]
        if not level:
            return data
    raise ValueError(f"nested more than {_DEEPEST} levels deep")


def _as_json(node: Any) -> Any:
    """The value of a YAML text with text for keys. Raises ValueError if it holds what JSON cannot say."""
    if isinstance(node, dict):
        return {_as_text(key): _as_json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_json(value) for value in node]
    if isinstance(node, str | int | float | None):
        return node
    raise ValueError(f"it holds a {type(node).__name__}, which JSON has no value for")


def _as_text(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)
