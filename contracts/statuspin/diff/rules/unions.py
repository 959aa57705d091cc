"""Rules for the variants of anyOf and oneOf."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from statuspin.diff import wording
from statuspin.diff.pairs import UNIONS, SchemaPair
from statuspin.diff.rule import Direction, RuleResult
from statuspin.diff.rules.constraints import constraint_change
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import TYPES, Schema, SchemaNode


@UNIONS.rule(
    *(f"{way}-variant-{kind}" for way in Direction for kind in ("added", "removed")),
)
def variants(pair: SchemaPair) -> RuleResult:
    """Match and compare variants. Report those without a counterpart as removed or added."""
    old, new = pair.old, pair.new
    if not old.unions and not new.unions:
        return
    if _accepts_everything(old) or _accepts_everything(new):
        kind = "type-narrowed" if _accepts_everything(old) else "type-widened"
        yield pair.change(kind, before=wording.types(old), after=wording.types(new))
    elif not (old.unions and new.unions) and not (old.is_bare_union or new.is_bare_union):
        texts = ("several schemas" if schema.unions else "no variants" for schema in (old, new))
        yield constraint_change(pair, *texts, is_added=bool(new.unions), is_removed=bool(old.unions))
    else:
        yield from _compare_variants(pair)


def _accepts_everything(schema: Schema) -> bool:
    return schema.types >= TYPES - {"null"} and not (schema.unions or schema.properties or schema.enum)


def _compare_variants(pair: SchemaPair) -> RuleResult:
    old, new = _variants(pair.old, pair.old_node), _variants(pair.new, pair.new_node)
    if _all_have_to_fit_one(pair) and not _is_one_of_them(old, new, pair):
        for one, other in product(old, new):
            yield pair.subschema(f"<{(one if len(old) > 1 else other).name}>", one.node, other.node)
        return
    for one, other in _match(old, new, pair):
        yield pair.subschema(f"<{other.name}>", one.node, other.node)
        old.remove(one)
        new.remove(other)
    for gone in old:
        yield pair.change("variant-removed", before=gone.name, after="removed")
    for fresh in new:
        yield pair.change("variant-added", before="not there", after=fresh.name)


def _all_have_to_fit_one(pair: SchemaPair) -> bool:
    """Return whether every variant has to fit the single schema of the other side."""
    return not pair.sup.unions


@dataclass(frozen=True, eq=False)
class _Variant:
    """One variant. `title`, `tags` and `kind` identify it on the other side."""

    node: SchemaNode
    reference: str
    title: str
    tags: frozenset[tuple[str, str]]
    kind: str
    name: str


def _is_one_of_them(old: list[_Variant], new: list[_Variant], pair: SchemaPair) -> bool:
    """Return whether the single schema is one of the variants. Tags that all of them have are ignored."""
    several = old if len(old) > 1 else new
    common = frozenset.intersection(*(variant.tags for variant in several))
    return any(
        (bool(one.reference) and one.reference == other.reference)
        or (bool(one.title) and one.title == other.title)
        or bool((one.tags & other.tags) - common)
        or pair.graph.accept_the_same(one.node, other.node)
        for one, other in product(old, new)
    )


def _variants(schema: Schema, node: SchemaNode) -> list[_Variant]:
    nodes = schema.unions[0].variants if schema.unions else (node,)
    return [_variant(each, place) for place, each in enumerate(nodes, 1) if each.schema.value_types]


def _variant(node: SchemaNode, place: int) -> _Variant:
    schema = node.schema
    title = str(node.raw.get("title", "")) if isinstance(node.raw, dict) else ""
    reference = node.reader.name_of(node)
    tags = _tags(schema)
    tag = " and ".join(value.strip('"') for _, value in sorted(tags))
    kind = wording.types(schema) if schema.types != TYPES else ""
    return _Variant(node, reference, title, tags, kind, reference or title or tag or kind or f"variant {place}")


def _tags(schema: Schema) -> frozenset[tuple[str, str]]:
    """Return the members with only one possible value, with that value."""
    enums = ((name, node.enum) for name, node in schema.properties.items())
    return frozenset(
        (name, text_of(value)) for name, enum in enums if enum and len(enum) == 1 for value in enum.values()
    )


def _match(old: list[_Variant], new: list[_Variant], pair: SchemaPair) -> Iterator[tuple[_Variant, _Variant]]:
    left, right = list(old), list(new)
    tests: list[Callable[[_Variant, _Variant], bool]] = [
        lambda one, other: bool(one.reference) and one.reference == other.reference,
        lambda one, other: pair.graph.accept_the_same(one.node, other.node),
        lambda one, other: bool(one.title) and one.title == other.title,
        lambda one, other: bool(one.tags & other.tags),
        lambda one, other: one.kind == other.kind and _is_unique(one, left) and _is_unique(other, right),
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


def _is_unique(variant: _Variant, others: list[_Variant]) -> bool:
    return sum(other.kind == variant.kind for other in others) == 1
