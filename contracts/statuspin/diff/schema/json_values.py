"""JSON values compared as JSON Schema compares them: 1 equals 1.0, and true is not 1."""

import json
from typing import Any


def text_of(value: Any) -> str:
    """`value` as JSON, equal for equal values: 1 and 1.0 are one."""
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
    """The JSON type of a value; `integer` for numbers without a fraction."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    kinds = {int: "integer", float: "integer", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def is_number(value: Any) -> bool:
    """Whether `value` is a JSON number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
