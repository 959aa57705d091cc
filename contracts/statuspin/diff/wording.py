"""Describe parts of a contract in a few words."""

from collections.abc import Iterable
from typing import Any

from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import TYPES, Bound, Schema

_LONGEST = 80


def types(schema: Schema) -> str:
    """Return the types of a schema, such as `string`, `integer or null` or `any type`."""
    if schema.is_bare_union:
        return "one of several schemas"
    if schema.types == TYPES:
        return "any type"
    names = sorted(schema.value_types) + (["null"] if schema.is_nullable else [])
    return " or ".join(names) or "nothing"


def bound(keyword: str, value: Bound | None) -> str:
    """Return a bound, such as `maxLength 5000` or `no maxLength`."""
    if value is None:
        return f"no {keyword}"
    name = f"exclusive{keyword.capitalize()}" if value[1] else keyword
    return f"{name} {text_of(value[0])}"


def values(named: Iterable[Any]) -> str:
    """Return JSON values, `"a", "b"`; a long list is cut."""
    return short(", ".join(text_of(value) for value in named))


def names(several: Iterable[str], none: str = "none") -> str:
    """Return names in order, `a, b`; `none` for an empty list."""
    return short(", ".join(sorted(several))) or none


def short(text: str) -> str:
    """Return `text`, cut if it is longer than a person reads."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
