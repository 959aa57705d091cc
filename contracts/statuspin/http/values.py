"""Values of pins.yaml made into what is sent: names that a state kept, and texts that YAML cannot write."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from statuspin.contract.environment import variable
from statuspin.errors import CannotRun

_NAME = re.compile(r"(?<!\$)\{([a-z_][a-z0-9_]*)\}")
_REFERENCE = re.compile(r"\$\{(?P<variable>[A-Za-z_][A-Za-z0-9_]*)\}|\{(?P<name>[a-z_][a-z0-9_]*)\}")


def fill(value: Any, kept: Mapping[str, Any]) -> Any:
    """`value` with every `{name}` and `${VARIABLE}` in its texts replaced, and every made value made.

    A text that is nothing but `{name}` becomes the kept value itself, whatever its type. Made values are objects with
    one member: `{$json: text}` is what the JSON text says (lone surrogates, huge numbers), `{$repeat: {text, times}}`
    a text repeated, `{$raw: text}` a text in which braces stay as they are. Raises CannotRun for names nobody kept.
    """
    if isinstance(value, str):
        return _filled_text(value, kept)
    if isinstance(value, list):
        return [fill(each, kept) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in _MAKERS:
        return _made(name, value[name])
    return {name: fill(each, kept) for name, each in value.items()}


def raw_bytes(raw: Any, kept: Mapping[str, Any]) -> bytes:
    """A raw body, a text or parts of one, as bytes; `\\udcXX` in it stands for the byte XX, as in surrogateescape."""
    parts = raw if isinstance(raw, list) else [raw]
    text = "".join(str(fill(each, kept)) for each in parts)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise CannotRun(f"pins.yaml: a raw body holds what is no byte: {text[:40]!r}") from None


def names_in(value: Any) -> set[str]:
    """Every `{name}` that `value` has to have filled in."""
    if isinstance(value, str):
        return set(_NAME.findall(value))
    if isinstance(value, list):
        return {name for each in value for name in names_in(each)}
    if isinstance(value, dict) and not (len(value) == 1 and next(iter(value)) in _MAKERS):
        return {name for each in value.values() for name in names_in(each)}
    return set()


def _made(name: str, described: Any) -> Any:
    try:
        return _MAKERS[name](described)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError):
        raise CannotRun(f"pins.yaml: {name} cannot be made of {repr(described)[:80]}") from None


def _filled_text(text: str, kept: Mapping[str, Any]) -> Any:
    whole = _NAME.fullmatch(text)
    if whole:
        return _kept(whole[1], kept)
    return _REFERENCE.sub(lambda found: _referred(found, kept), text)


def _referred(found: re.Match[str], kept: Mapping[str, Any]) -> str:
    name = found["variable"]
    return str(_kept(found["name"], kept)) if name is None else variable(name, "pins.yaml")


def _kept(name: str, kept: Mapping[str, Any]) -> Any:
    if name not in kept:
        known = ", ".join(sorted(kept)) or "nothing"
        raise CannotRun(f"pins.yaml: {{{name}}} is used, and no state kept it (there is: {known})")
    return kept[name]


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "$json": json.loads,
    "$repeat": lambda made: made["text"] * made["times"],
    "$raw": str,
}
