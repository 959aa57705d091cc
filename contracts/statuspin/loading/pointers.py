"""JSON pointers (RFC 6901) and their keys."""

from typing import Any
from urllib.parse import quote, unquote

Keys = tuple[str | int, ...]
Path = tuple[Any, str | int] | None
"""A path in a document during a walk: the path of the parent, and the key. None is the document."""

NESTED = frozenset({dict, list})
"""The types of JSON values that contain others. `type(value) in NESTED` is faster than isinstance in a long walk."""


def keys_of(path: Path) -> Keys:
    """Return the keys of a path, from the document downwards."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


def pointer_of(keys: Keys) -> str:
    """Return the reference to `keys`, such as `#/a/b`."""
    parts = (quote(str(key).replace("~", "~0").replace("/", "~1"), safe="~{}$!*'()+,;:@&=") for key in keys)
    return "".join(["#", *(f"/{part}" for part in parts)])


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """Return the keys of a reference such as `#/a/b`. Numbers stay text."""
    parts = pointer.removeprefix("#").split("/")[1:]
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in parts)


def step(node: Any, key: str | int) -> Any:
    """Return the value of a pointer's key in `node`. Raises KeyError if it does not exist."""
    try:
        return node[int(key)] if isinstance(node, list) else node[key]
    except (IndexError, ValueError, TypeError):
        raise KeyError(key) from None


def value_at(node: Any, keys: Keys) -> Any:
    """Return the value at some keys below `node`. Raises KeyError if it does not exist."""
    for key in keys:
        node = step(node, key)
    return node


def kind_of(node: Any) -> str:
    """Return the kind of a value, such as `a list`."""
    kinds = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number", bool: "a boolean"}
    return kinds.get(type(node), "nothing")


def path_of(keys: Keys) -> Path:
    """Return the path to `keys`, from the document downwards."""
    path: Path = None
    for key in keys:
        path = (path, key)
    return path
