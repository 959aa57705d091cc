"""Compare JSON values as JSON Schema does: 1 equals 1.0, and true does not equal 1."""

import json
from typing import Any


def text_of(value: Any) -> str:
    """Return `value` as JSON text that is equal for equal values, such as 1 and 1.0."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return value


def type_of(value: Any) -> str:
    """Return the JSON type of a value. Numbers without a fraction are `integer`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    kinds = {int: "integer", float: "integer", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def is_number(value: Any) -> bool:
    """Return whether `value` is a JSON number. Booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
