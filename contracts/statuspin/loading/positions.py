"""Find the line and column of a value in the text of a file."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from yaml import MappingNode, SequenceNode

from statuspin.loading.pointers import Keys
from statuspin.loading.yaml_loader import MERGE, compose

_SPACE = re.compile(r"[ \t\r\n]*")
_BLOCK = 2**12
_DECODER = JSONDecoder(strict=False)


def decode_octets(encoded: str) -> str:
    """Return the text whose UTF-8 bytes are the characters of `encoded`."""
    return encoded if encoded.isascii() else encoded.encode("latin-1").decode()


class Positions:
    """Lines and columns of the values of one text, counted from 1."""

    def __init__(self, encoded: str, *, is_json: bool) -> None:
        """encoded: valid JSON or YAML, its UTF-8 bytes as one character each."""
        self._text, self._is_json = encoded, is_json
        self._lines = [1]
        self._children: dict[int, tuple[dict[str | int, tuple[int, int]], Iterator[tuple[str | int, int, int]]]] = {}

    def find(self, keys: Keys) -> tuple[int, int]:
        """Return the line and column of a value's key, or of the nearest value around it."""
        if not self._is_json:
            return _find_in_yaml(self._nodes, keys)
        offset = self._find_in_json(keys)
        start = self._text.rfind("\n", 0, offset) + 1
        return self._line(offset), len(decode_octets(self._text[start:offset])) + 1

    @cached_property
    def _nodes(self) -> Any:
        return compose(decode_octets(self._text))

    def _line(self, offset: int) -> int:
        """Return the line of an offset, counted from the block that it is in."""
        block = offset // _BLOCK
        for known in range(len(self._lines), block + 1):
            before = self._text.count("\n", (known - 1) * _BLOCK, known * _BLOCK)
            self._lines.append(self._lines[-1] + before)
        return self._lines[block] + self._text.count("\n", block * _BLOCK, offset)

    def _find_in_json(self, keys: Keys) -> int:
        found = offset = _skip_space(self._text, 0)
        for key in keys:
            child = self._child(offset, key)
            if child is None:
                break
            found, offset = child
        return found

    def _child(self, offset: int, key: str | int) -> tuple[int, int] | None:
        """Return the offsets of a key and its value in the object or list at `offset`, and read no further."""
        known, rest = self._children.setdefault(offset, ({}, _json_children(self._text, offset)))
        while key not in known:
            following = next(rest, None)
            if following is None:
                return None
            known[following[0]] = following[1:]
        return known[key]


def _json_children(text: str, offset: int) -> Iterator[tuple[str | int, int, int]]:
    """Yield the key, its offset and the offset of the value for each child of the object or list at `offset`."""
    is_object = text[offset] == "{"
    if not is_object and text[offset] != "[":
        return
    here, number = _skip_space(text, offset + 1), 0
    while text[here] not in "}]":
        start = here
        key: str | int = number
        if is_object:
            key, here = _read_key(text, here)
            here = _skip_space(text, _skip_space(text, here) + 1)
        yield key, start, here
        here = _skip_space(text, _end_of_json(text, start, here))
        here = _skip_space(text, here + 1) if text[here] == "," else here
        number += 1


def _read_key(text: str, offset: int) -> tuple[str, int]:
    """Return the key that is written at an offset, and the offset behind it."""
    end = text.find('"', offset + 1)
    if "\\" not in text[offset:end]:
        return decode_octets(text[offset + 1 : end]), end + 1
    end = scanstring(text, offset + 1)[1]
    return str(json.loads(decode_octets(text[offset:end]))), end


def _end_of_json(text: str, key: int, value: int) -> int:
    """Return the end of the value at an offset, by the indentation of its last line if the text is indented."""
    closing = {"{": "}", "[": "]"}.get(text[value])
    indentation = text[text.rfind("\n", 0, key) + 1 : key]
    if closing and not indentation.strip() and text.startswith((f"\n{indentation} ", f"\n{indentation}\t"), value + 1):
        last = f"\n{indentation}{closing}"
        end = text.find(last, value) + len(last)
        if end >= len(last) and text[end : end + 1] in {",", "\n", ""}:
            return end
    return _DECODER.raw_decode(text, value)[1]


def _skip_space(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _find_in_yaml(node: Any, keys: Keys) -> tuple[int, int]:
    mark = node.start_mark
    for key in keys:
        pair = next((pair for pair in _pairs(node) if pair[0] == str(key)), None)
        if pair is None:
            break
        _, mark, node = pair
    return mark.line + 1, mark.column + 1


def _pairs(node: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the key, its mark and the value for each child of a node. Merged ones come last."""
    if isinstance(node, SequenceNode):
        yield from ((str(number), child.start_mark, child) for number, child in enumerate(node.value))
    if not isinstance(node, MappingNode):
        return
    yield from ((str(key.value), key.start_mark, child) for key, child in node.value if key.tag != MERGE)
    for key, child in node.value:
        if key.tag == MERGE:
            for part in child.value if isinstance(child, SequenceNode) else [child]:
                yield from _pairs(part)
