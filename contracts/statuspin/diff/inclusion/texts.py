"""Values written as text, as in a query, a path or a header."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from statuspin.diff.inclusion.numbers import is_whole
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import ANY, Schema

_INTEGER = r"^-?(0|[1-9][0-9]*)$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def as_text(schema: Schema) -> Schema | None:
    """Return the strings that an alternative of numbers, booleans or arrays is written as, or None for others."""
    kind = next(iter(schema.types))
    if kind in {"integer", "number"}:
        pattern = _INTEGER if is_whole(schema) else _NUMBER
        return replace(ANY, types=frozenset({"string"}), patterns=frozenset({pattern}))
    if kind == "array":
        return replace(ANY, types=frozenset({"string"}))
    return None


def readings(value: Any) -> Iterator[Any]:
    """Yield the values that a reader may parse from a value written as text."""
    if isinstance(value, str):
        yield from _parse(value)
    elif value is not None:
        yield text_of(value)


def _parse(text: str) -> Iterator[Any]:
    if text in {"true", "false"}:
        yield text == "true"
    try:
        yield int(text)
    except ValueError:
        try:
            yield float(text)
        except ValueError:
            return
