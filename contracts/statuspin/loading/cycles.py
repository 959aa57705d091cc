"""Find values that contain themselves, and references that lead to themselves."""

from collections.abc import Iterable
from typing import Any

from statuspin.loading.pointers import parse_pointer, value_at
from statuspin.loading.shapes import is_reference

_MOST_HOPS = 100


def contains_itself(data: Any) -> bool:
    """Return whether a value contains itself."""
    waiting: list[Any] = [data]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if any(child is data for child in children):
            return True
        waiting += [child for child in children if id(child) not in seen]
        seen.update(map(id, children))
    return False


def find_cycle(root: Any, pointers: Iterable[str]) -> str | None:
    """Return the first of the pointers within `root` that leads to itself, or None."""
    for pointer in pointers:
        node: Any = {"$ref": pointer}
        for _ in range(_MOST_HOPS):
            if not is_reference(node):
                break
            node = value_at(root, parse_pointer(node["$ref"]))
        else:
            return pointer
    return None
