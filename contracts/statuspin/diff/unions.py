"""anyOf and oneOf: what can be said without them, and which variant of one is which of the other."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from statuspin.diff.shape import ANY, Shape

_SCALARS = frozenset({"string", "boolean", "integer", "number"})
Variant = tuple[Any, Shape]


def split_null(variants: Sequence[Variant]) -> tuple[list[Variant], bool]:
    """The variants without those that accept null alone, and whether there was one."""
    others = [(raw, shape) for raw, shape in variants if not _is_null(shape)]
    return others, len(others) < len(variants)


def _is_null(shape: Shape) -> bool:
    return shape.types == frozenset() and shape.nullable


def collapsed(shapes: Sequence[Shape]) -> Shape | None:
    """One shape that says the same as any of `shapes`, where that can be said without a union."""
    if not shapes:
        return replace(ANY, types=frozenset())
    if len(shapes) == 1:
        return shapes[0]
    if not all(_is_plain_scalar(shape) for shape in shapes):
        return None
    return _one_of_each(shapes)


def _is_plain_scalar(shape: Shape) -> bool:
    return bool(shape.types) and shape.types <= _SCALARS and not (shape.enum or shape.variants or shape.rest)  # type: ignore[operator]


def _one_of_each(shapes: Sequence[Shape]) -> Shape | None:
    kinds: list[str] = []
    for shape in shapes:
        kinds += ["number" if kind == "integer" else kind for kind in shape.types or ()]
    if len(kinds) != len(set(kinds)):
        return None
    return replace(
        ANY,
        types=frozenset().union(*(shape.types or () for shape in shapes)),
        nullable=any(shape.nullable for shape in shapes),
        bounds={keyword: bound for shape in shapes for keyword, bound in shape.bounds.items()},
        patterns=frozenset().union(*(shape.patterns for shape in shapes)),
        formats=frozenset().union(*(shape.formats for shape in shapes)),
    )
