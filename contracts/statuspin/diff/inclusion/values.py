"""Check single values against alternatives, and list the values of alternatives that have few."""

from typing import Any

from statuspin.diff.inclusion import numbers, strings
from statuspin.diff.inclusion.numbers import exact
from statuspin.diff.schema.json_values import text_of, type_of
from statuspin.diff.schema.keywords import NUMBER_FORMATS, has_type
from statuspin.diff.schema.patterns import has_format, matches
from statuspin.diff.schema.schema import Schema, SchemaNode

_SCALARS = frozenset({"null", "boolean", "integer", "number", "string"})


def few_values(schema: Schema) -> list[Any] | None:
    """Return every scalar that an alternative accepts, ignoring its `nots`, or None if it has many or other values."""
    kind = next(iter(schema.types))
    if schema.enum is not None:
        values = list(schema.enum.values())
    elif kind == "null":
        values = [None]
    elif kind == "boolean":
        values = [False, True]
    elif kind in {"integer", "number"}:
        return numbers.few_values(schema)
    else:
        return None
    return [value for value in values if accepts_scalar(schema, value)] if kind in _SCALARS else values


def possible_values(schema: Schema) -> list[Any] | None:
    """Return `few_values` without those that a `not` or another variant of a oneOf excludes."""
    values = few_values(schema)
    refusing = (*schema.nots, *schema.excluded)
    if values is None or not refusing:
        return values
    return [
        value
        for value in values
        if isinstance(value, dict | list) or not any(accepts(node, value) for node in refusing)
    ]


def accepts_scalar(schema: Schema, value: Any) -> bool:
    """Return whether an alternative accepts a scalar, apart from its `nots`."""
    if not has_type(value, schema.types):
        return False
    if schema.enum is not None and text_of(value) not in schema.enum:
        return False
    if isinstance(value, str):
        return _accepts_text(schema, value)
    if type_of(value) in {"integer", "number"}:
        return _accepts_number(schema, value)
    return True


def _accepts_text(schema: Schema, value: str) -> bool:
    least, most = strings.lengths_of(schema)
    if len(value) < least or (most is not None and len(value) > most):
        return False
    return all(matches(pattern, value) for pattern in schema.patterns) and all(
        has_format(name, value) for name in schema.formats - NUMBER_FORMATS
    )


def _accepts_number(schema: Schema, value: Any) -> bool:
    number, interval = exact(value), numbers.interval_of(schema)
    return interval.low <= (number, 0) <= interval.high and all(
        (number / exact(step)).denominator == 1 for step in schema.steps
    )


def accepts(node: SchemaNode, value: Any, above: frozenset[SchemaNode] = frozenset()) -> bool:
    """Return whether a node accepts a scalar; False if it has too many alternatives, or contradicts itself.

    above: nodes whose answer depends on this one, for a schema that is its own `not`.
    """
    if node in above:
        return False
    below = above | {node}
    return any(
        accepts_scalar(alternative, value)
        and not any(accepts(other, value, below) for other in (*alternative.nots, *alternative.excluded))
        for alternative in node.alternatives or ()
    )
