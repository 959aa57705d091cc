"""Where in the text of a file a value stands."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, cached_property
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from yaml import MappingNode, SequenceNode

from statuspin.loading.pointers import Keys
from statuspin.loading.yaml_loader import MERGE, compose

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder(strict=False)


class Positions:
    """Lines and columns, from 1, of the values of one text."""

    def __init__(self, text: str, *, is_json: bool) -> None:
        """text: JSON or YAML that has been read before."""
        self._text, self._is_json = text, is_json

    def find(self, keys: Keys) -> tuple[int, int]:
        """Line and column of the key of a value, or of the nearest value around it that the text has."""
        if not self._is_json:
            return _find_in_yaml(self._nodes, keys)
        offset = self._find_in_json(keys)
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @cached_property
    def _nodes(self) -> Any:
        return compose(self._text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self._text))]

    def _find_in_json(self, keys: Keys) -> int:
        found = offset = _skip_space(self._text, 0)
        for key in keys:
            children = self._children(offset)
            if key not in children:
                break
            found, offset = children[key]
        return found

    @cache  # noqa: B019 - as long-lived as the text
    def _children(self, offset: int) -> dict[str | int, tuple[int, int]]:
        """The offsets of key and value of everything in the object or list at `offset`."""
        text = self._text
        found: dict[str | int, tuple[int, int]] = {}
        is_object = text[offset] == "{"
        if not is_object and text[offset] != "[":
            return {}
        here = _skip_space(text, offset + 1)
        while text[here] not in "}]":
            start = here
            key: str | int = len(found)
            if is_object:
                key, here = scanstring(text, here + 1)
                here = _skip_space(text, _skip_space(text, here) + 1)
            found[key] = (start, here)
            here = _skip_space(text, _DECODER.raw_decode(text, here)[1])
            here = _skip_space(text, here + 1) if text[here] == "," else here
        return found


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
    """Key, its mark and the value of everything in a node; what is merged into it comes last."""
    if isinstance(node, SequenceNode):
        yield from ((str(number), child.start_mark, child) for number, child in enumerate(node.value))
    if not isinstance(node, MappingNode):
        return
    yield from ((str(key.value), key.start_mark, child) for key, child in node.value if key.tag != MERGE)
    for key, child in node.value:
        if key.tag == MERGE:
            for part in child.value if isinstance(child, SequenceNode) else [child]:
                yield from _pairs(part)
