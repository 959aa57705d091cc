"""A schema with every spelling of one meaning made the same; what lies below it is still as it was written."""

import json
from dataclasses import dataclass, field
from typing import Any

LOWER = ("minimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")

Bound = tuple[float, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What one schema says about a value.

    types: JSON types without null; None is any, an empty set is none. nullable: whether null is accepted.
    enum: values by their JSON text, without null. bounds: (value, exclusive) by keyword.
    additional: the schema of members that are not named. items: the schema of elements behind `prefix`.
    variants: those of anyOf or oneOf. rest: keywords that are only ever compared as a whole.
    """

    types: frozenset[str] | None = None
    nullable: bool = True
    enum: dict[str, Any] | None = None
    bounds: dict[str, Bound] = field(default_factory=dict)
    patterns: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    properties: dict[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Any = True
    pattern_properties: dict[str, Any] = field(default_factory=dict)
    items: Any = True
    prefix: tuple[Any, ...] = ()
    variants: tuple[Any, ...] | None = None
    rest: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    default: str | None = None

    @property
    def is_bare_union(self) -> bool:
        """Whether variants are all that is said."""
        return self.variants is not None and self.types is None and not (self.properties or self.required or self.enum)


ANY = Shape()
NEVER = Shape(types=frozenset(), nullable=False)


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
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    kinds = {int: "integer", float: "integer", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")
