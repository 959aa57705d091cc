"""Read JSON and YAML files. Errors are one line with the file, the line and the fault."""

import json
import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from pydantic_core import from_json

from statuspin.errors import CannotRun
from statuspin.findings import Location
from statuspin.loading import yaml_loader
from statuspin.loading.pointers import NESTED, Keys, kind_of
from statuspin.loading.positions import Positions, decode_octets

_DEEPEST = 200
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_IDENTIFIERS = ("$id", "$self", "$anchor", "$dynamicAnchor", "$dynamicRef")


@dataclass(frozen=True)
class File:
    """A file that was read.

    uri: its base for references. name: its name in messages. encoded: the UTF-8 bytes of its text as one character
    each, which take a quarter of the memory of a str with emojis, or None if it was made in memory. revision: of git.
    """

    uri: str
    name: str
    data: Any
    encoded: str | None = None
    revision: str | None = None
    is_json: bool = False

    @property
    def stem(self) -> str:
        """The file name without folder and suffix."""
        return PurePosixPath(unquote(urlsplit(self.uri).path)).stem

    @property
    def text(self) -> str | None:
        """The text, or None if the file was made in memory."""
        return None if self.encoded is None else decode_octets(self.encoded)

    @cached_property
    def has_identifiers(self) -> bool:
        """Whether its schemas may have an $id or an anchor, so that references need a resolver."""
        return any(self._mentions(keyword) for keyword in _IDENTIFIERS)

    @cached_property
    def has_dynamic_references(self) -> bool:
        """Whether it may have a $dynamicRef."""
        return self._mentions("$dynamicRef")

    def location(self, keys: Keys) -> Location:
        """Return the place of the value at `keys`, or of the nearest value around it."""
        path = self.name if self.revision is None else self.name.removeprefix(f"{self.revision}:")
        line, column = self._positions.find(keys) if self._positions else (None, None)
        return Location(path, line, column, self.revision)

    def place(self, keys: Keys) -> str:
        """Return the place of a value for a message, such as `openapi.yaml: line 3: paths → /x`."""
        number = self.location(keys).line
        line = [f"line {number}"] if number else []
        return ": ".join([self.name, *line, *([" → ".join(map(str, keys))] if keys else [])])

    @cached_property
    def _positions(self) -> Positions | None:
        return Positions(self.encoded, is_json=self.is_json) if self.encoded is not None else None

    def _mentions(self, keyword: str) -> bool:
        return keyword in (self._names if self.encoded is None else self.encoded)

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
    """Return the JSON or YAML object in `path`, with keys as text. Raises CannotRun with the fault."""
    data = parse(read_text(path), str(path))
    if not isinstance(data, dict):
        raise CannotRun(f"{path}: an object is expected at the top, not {kind_of(data)}")
    return data


def read_text(path: Path, name: str = "") -> str:
    """Return the text of `path`. Raises CannotRun if it cannot be read. name: its name in messages, else its path."""
    return decode(read_content(path, name), name or str(path))


def read_content(path: Path, name: str = "") -> bytes:
    """Return the bytes of `path`. Raises CannotRun if it cannot be read. name: its name in messages, else its path."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRun(f"{name or path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise CannotRun(f"{name or str(path)!r}: not a path") from None


def decode(content: bytes, name: str) -> str:
    """Return UTF-8 as text with newlines normalized. Raises CannotRun, with `name`, if it is not UTF-8."""
    try:
        return _normalize(content).decode()
    except UnicodeDecodeError:
        raise CannotRun(f"{name}: not UTF-8 text") from None


def _normalize(content: bytes) -> bytes:
    """Return UTF-8 without a byte order mark, and with newlines normalized."""
    content = content.removeprefix(BOM_UTF8)
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content


def parse(text: str, name: str) -> Any:
    """Return the value in a JSON or YAML document, with strings as keys. Raises CannotRun with name, line and fault."""
    return _parse_text(text, name)[0]


def _parse_text(text: str, name: str) -> tuple[Any, bool]:
    """Return the value in a document, and whether the document is JSON."""
    try:
        if text.lstrip().startswith(("{", "[")):
            try:
                return _ensure_shallow(json.loads(text)), True
            except json.JSONDecodeError as error:
                if name.endswith(".json"):
                    raise CannotRun(f"{name}: line {error.lineno}: not JSON: {error.msg}") from None
        return _ensure_shallow(_as_json(yaml_loader.load(text))), False
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotRun(f"{name}: line {line}: not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise CannotRun(f"{name}: neither JSON nor YAML: nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        raise CannotRun(f"{name}: neither JSON nor YAML: {' '.join(str(error).split())}") from None


def parse_file(uri: str, name: str, content: bytes, revision: str | None = None) -> File:
    """Return the parsed file of a document. Raises CannotRun as `parse` does, and for a lone surrogate."""
    content = _normalize(content)
    data, is_json = _parse_json(content), True
    if data is None:
        data, is_json = _parse_unusual(content, name)
    return File(uri, name, data, content.decode("latin-1"), revision, is_json=is_json)


def _parse_json(content: bytes) -> Any:
    """Return the value of valid JSON, or None for everything that `_parse_unusual` has to explain or to read.

    A document of 12 MB takes 0.15 s. Its text would take 0.4 s and, with one emoji in it, four times the memory.
    """
    if not content.lstrip().startswith((b"{", b"[")):
        return None
    try:
        return _ensure_shallow(from_json(content))
    except ValueError:
        return None


def _parse_unusual(content: bytes, name: str) -> tuple[Any, bool]:
    text = decode(content, name)
    data, is_json = _parse_text(text, name)
    if _SURROGATE.search(text):
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = ascii(error.object[error.start]).strip("'")
            raise CannotRun(f"{name}: {half} is half of a surrogate pair, not a character") from None
    return data, is_json


def _ensure_shallow(data: Any) -> Any:
    """Return `data`. Raises ValueError if it is nested too deep."""
    level = [data] if type(data) in NESTED else []
    for _ in range(_DEEPEST):
        if not level:
            return data
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in NESTED
        ]
    raise ValueError(f"nested more than {_DEEPEST} levels deep")


def _as_json(node: Any) -> Any:
    """Return YAML data with keys as text. Raises ValueError if JSON has no equivalent."""
    if isinstance(node, dict):
        return {_as_text(key): _as_json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_json(value) for value in node]
    if isinstance(node, str | int | float | None):
        return node
    raise ValueError(f"it has a {type(node).__name__}, which JSON does not support")


def _as_text(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)
