"""JSON pointers (RFC 6901), and the keys that they are made of."""

from typing import Any
from urllib.parse import quote, unquote

Keys = tuple[str | int, ...]
Path = tuple[Any, str | int] | None
"""A way into a document while it is walked: the way to the parent, and the key; None is the document itself."""


def keys_of(path: Path) -> Keys:
    """The keys of a way, from the document downwards."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return tuple(reversed(keys))


def pointer_of(keys: Keys) -> str:
    """The reference `#/a/b` that leads to `keys`."""
    parts = (quote(str(key).replace("~", "~0").replace("/", "~1"), safe="~{}$!*'()+,;:@&=") for key in keys)
    return "".join(["#", *(f"/{part}" for part in parts)])


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The keys of a reference `#/a/b`; numbers stay text."""
    parts = pointer.removeprefix("#").split("/")[1:]
    return tuple(unquote(part).replace("~1", "/").replace("~0", "~") for part in parts)


def step(node: Any, key: str | int) -> Any:
    """What a key of a pointer leads to in `node`; KeyError if that is nothing."""
    try:
        return node[int(key)] if isinstance(node, list) else node[key]
    except (IndexError, ValueError, TypeError):
        raise KeyError(key) from None


def kind_of(node: Any) -> str:
    """What kind of value `node` is, in words: `a list`."""
    kinds = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean"}
    return kinds.get(type(node), "nothing")


def path_of(keys: Keys) -> Path:
    """The way to `keys`, from the document downwards."""
    path: Path = None
    for key in keys:
        path = (path, key)
    return path
