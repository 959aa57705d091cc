"""Schemas: the variants of anyOf and oneOf."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from statuspin.diff import words
from statuspin.diff.changes import Direction, Said
from statuspin.diff.graph import UNIONS, Meeting
from statuspin.diff.shape import Shape, text_of
from statuspin.diff.view import View


@UNIONS.rule(
    *(f"{way}-variant-{kind}" for way in Direction for kind in ("added", "removed")),
)
def variants(meeting: Meeting) -> Said:
    """Variants are matched and compared; one that has no counterpart is gone or new."""
    old, new = meeting.old, meeting.new
    if old.variants is None and new.variants is None:
        return
    if _says_nothing(old) or _says_nothing(new):
        kind = "type-narrowed" if _says_nothing(old) else "type-widened"
        yield meeting.change(kind, before=words.types(old), after=words.types(new))
    elif None in (old.variants, new.variants) and not (old.is_bare_union or new.is_bare_union):
        before, after = ("several schemas" if shape.variants else "no variants" for shape in (old, new))
        yield meeting.change("schema-changed", before=before, after=after)
    else:
        yield from _compared(meeting)


def _says_nothing(shape: Shape) -> bool:
    return shape.types is None and shape.variants is None and not shape.properties


def _compared(meeting: Meeting) -> Said:
    old = _variants(meeting.graph.old, meeting.old, meeting.pair.old)
    new = _variants(meeting.graph.new, meeting.new, meeting.pair.new)
    if _all_have_to_fit_one(meeting) and not _is_one_of_them(old, new, meeting):
        for one, other in product(old, new):
            yield meeting.below(f"<{(one if len(old) > 1 else other).name}>", one.raw, other.raw)
        return
    for one, other in _matched(old, new, meeting):
        yield meeting.below(f"<{other.name}>", one.raw, other.raw)
        old.remove(one)
        new.remove(other)
    for gone in old:
        yield meeting.change("variant-removed", before=gone.name, after="gone")
    for fresh in new:
        yield meeting.change("variant-added", before="not there", after=fresh.name)


def _all_have_to_fit_one(meeting: Meeting) -> bool:
    """Whether one schema became several that may come, or several that may be sent became one: each is held to it."""
    single = meeting.old if meeting.direction is Direction.RESPONSE else meeting.new
    return single.variants is None


@dataclass(frozen=True, eq=False)
class _Variant:
    """One variant. `reference`, `title`, `tags` and `kind` are what it can be known by again."""

    raw: Any
    reference: str
    title: str
    tags: frozenset[tuple[str, str]]
    kind: str
    name: str


def _is_one_of_them(old: list[_Variant], new: list[_Variant], meeting: Meeting) -> bool:
    """Whether the single schema is known to be one of the several; tags that all of them have tell nothing."""
    several = old if len(old) > 1 else new
    common = frozenset.intersection(*(variant.tags for variant in several))
    return any(
        (bool(one.reference) and one.reference == other.reference)
        or (bool(one.title) and one.title == other.title)
        or bool((one.tags & other.tags) - common)
        or meeting.graph.same(one.raw, other.raw)
        for one, other in product(old, new)
    )


def _variants(view: View, shape: Shape, node: Any) -> list[_Variant]:
    raws = (node,) if shape.variants is None else shape.variants
    return [_variant(view, raw, place) for place, raw in enumerate(raws, 1)]


def _variant(view: View, raw: Any, place: int) -> _Variant:
    shape, node = view.shape(raw), view.node(raw)
    reference = str(raw.get("$ref", "")).rpartition("/")[2] if isinstance(raw, dict) else ""
    title = str(node.get("title", "")) if isinstance(node, dict) else ""
    tags = _tags(view, shape)
    tag = " and ".join(value.strip('"') for _, value in sorted(tags))
    kind = words.types(shape) if shape.types else ""
    return _Variant(raw, reference, title, tags, kind, reference or title or tag or kind or f"variant {place}")


def _tags(view: View, shape: Shape) -> frozenset[tuple[str, str]]:
    """The members that can have one value only, with that value."""
    below = ((name, view.shape(raw)) for name, raw in shape.properties.items())
    return frozenset(
        (name, text_of(each)) for name, one in below if one.enum and len(one.enum) == 1 for each in one.enum.values()
    )


def _matched(old: list[_Variant], new: list[_Variant], meeting: Meeting) -> Iterator[tuple[_Variant, _Variant]]:
    left, right = list(old), list(new)
    tests: list[Callable[[_Variant, _Variant], bool]] = [
        lambda one, other: bool(one.reference) and one.reference == other.reference,
        lambda one, other: meeting.graph.same(one.raw, other.raw),
        lambda one, other: bool(one.title) and one.title == other.title,
        lambda one, other: bool(one.tags & other.tags),
        lambda one, other: one.kind == other.kind and _is_alone(one, left) and _is_alone(other, right),
    ]
    for alike in tests:
        for one in list(left):
            other = next((other for other in right if alike(one, other)), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                yield one, other
    if len(left) == len(right) == 1:
        yield left[0], right[0]


def _is_alone(variant: _Variant, others: list[_Variant]) -> bool:
    return sum(other.kind == variant.kind for other in others) == 1
