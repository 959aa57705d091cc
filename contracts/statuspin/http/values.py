"""Fill in the values of pins.yaml: names that a state kept, and values that YAML cannot express."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from statuspin.contract.environment import variable
from statuspin.errors import CannotRun

_NAME = re.compile(r"(?<!\$)\{([a-z_][a-z0-9_]*)\}")
_REFERENCE = re.compile(r"\$\{(?P<variable>[A-Za-z_][A-Za-z0-9_]*)\}|\{(?P<name>[a-z_][a-z0-9_]*)\}")


def fill(value: Any, kept: Mapping[str, Any]) -> Any:
    """Return `value` with every `{name}`, `${VARIABLE}` and made value replaced.

    A string that consists only of `{name}` becomes the kept value, of any type. Made values are objects with one
    member: `{$json: text}` is parsed as JSON (for lone surrogates and huge numbers), `{$repeat: {text, times}}` repeats
    a string, and `{$raw: text}` is a string whose braces are kept. Raises CannotRun if a name was not kept.
    """
    if isinstance(value, str):
        return _fill_text(value, kept)
    if isinstance(value, list):
        return [fill(each, kept) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in _MAKERS:
        return _make(name, value[name])
    return {name: fill(each, kept) for name, each in value.items()}


def encode_raw(raw: Any, kept: Mapping[str, Any]) -> bytes:
    """Return a raw body, given as a string or a list of parts, as bytes.

    `\\udcXX` becomes the byte XX (surrogateescape).
    """
    parts = raw if isinstance(raw, list) else [raw]
    text = "".join(str(fill(each, kept)) for each in parts)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise CannotRun(f"pins.yaml: a raw body has a character that is not a byte: {text[:40]!r}") from None


def find_names(value: Any) -> set[str]:
    """Return every `{name}` in `value`."""
    if isinstance(value, str):
        return set(_NAME.findall(value))
    if isinstance(value, list):
        return {name for each in value for name in find_names(each)}
    if isinstance(value, dict) and not (len(value) == 1 and next(iter(value)) in _MAKERS):
        return {name for each in value.values() for name in find_names(each)}
    return set()


def literal(value: Any) -> Any:
    """Return `value` so that `fill` leaves every text in it unchanged."""
    if isinstance(value, str):
        return {"$raw": value} if _REFERENCE.search(value) else value
    if isinstance(value, list):
        return [literal(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)) in _MAKERS:
        return {"$json": json.dumps(value)}
    return {name: literal(each) for name, each in value.items()}


def _make(name: str, described: Any) -> Any:
    try:
        return _MAKERS[name](described)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError):
        raise CannotRun(f"pins.yaml: {name} has an invalid value: {repr(described)[:80]}") from None


def _fill_text(text: str, kept: Mapping[str, Any]) -> Any:
    whole = _NAME.fullmatch(text)
    if whole:
        return _find_kept(whole[1], kept)
    return _REFERENCE.sub(lambda found: _resolve_reference(found, kept), text)


def _resolve_reference(found: re.Match[str], kept: Mapping[str, Any]) -> str:
    name = found["variable"]
    return str(_find_kept(found["name"], kept)) if name is None else variable(name, "pins.yaml")


def _find_kept(name: str, kept: Mapping[str, Any]) -> Any:
    if name not in kept:
        known = ", ".join(sorted(kept)) or "nothing"
        raise CannotRun(f"pins.yaml: {{{name}}} is used, but no state keeps it (kept: {known})")
    return kept[name]


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "$json": json.loads,
    "$repeat": lambda made: made["text"] * made["times"],
    "$raw": str,
}
