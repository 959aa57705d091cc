"""Rules for the keywords that OpenAPI adds to JSON Schema: discriminator, xml, x-extensible-enum."""

from statuspin.diff import wording
from statuspin.diff.pairs import UNIONS, SchemaPair
from statuspin.diff.rule import Direction, RuleResult
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import Schema


@UNIONS.rule(*(f"{way}-discriminator-{kind}" for way in Direction for kind in ("added", "changed", "removed")))
def discriminator(pair: SchemaPair) -> RuleResult:
    """Report another discriminator, or another meaning of its values."""
    old, new = pair.old.discriminator, pair.new.discriminator
    if old is None or new is None:
        if old != new:
            kind = "added" if old is None else "removed"
            yield pair.change(f"discriminator-{kind}", before=_member(old), after=_member(new))
        return
    if old[0] != new[0]:
        yield pair.change("discriminator-changed", before=_member(old), after=_member(new))
    for value in sorted(old[1].keys() | new[1].keys()):
        before, after = (_target(each[1], value, pair) for each in (old, new))
        if value not in old[1] and before is None:
            yield pair.change("discriminator-added", before="not there", after=f"{value} for {after}")
        elif before != after:
            yield pair.change("discriminator-changed", before=f"{value} for {before}", after=f"{value} for {after}")


def _member(stated: tuple[str, dict[str, str]] | None) -> str:
    return "no discriminator" if stated is None else stated[0]


def _target(mapping: dict[str, str], value: str, pair: SchemaPair) -> str | None:
    """Return the schema that a value selects: by `mapping`, else the variant of that name."""
    names = {str(raw["$ref"]).rpartition("/")[2] for raw in _variants(pair) if "$ref" in raw}
    return mapping.get(value, value if value in names else None)


def _variants(pair: SchemaPair) -> list[dict[str, object]]:
    raws = [raw for node in (pair.old_node, pair.new_node) if isinstance(node.raw, dict) for raw in (node.raw,)]
    listed = [each for raw in raws for key in ("oneOf", "anyOf") for each in raw.get(key) or ()]
    return [each for each in listed if isinstance(each, dict)]


@UNIONS.rule(*(f"{way}-xml-changed" for way in Direction))
def xml(pair: SchemaPair) -> RuleResult:
    """Report another XML form of a value."""
    before, after = (text_of(schema.xml) for schema in (pair.old, pair.new))
    if before != after:
        yield pair.change("xml-changed", before=wording.short(before), after=wording.short(after))


@UNIONS.rule(*(f"{way}-extensible-enum-{kind}" for way in Direction for kind in ("narrowed", "widened")))
def extensible_enum(pair: SchemaPair) -> RuleResult:
    """Report values that are added to or removed from x-extensible-enum."""
    old, new = _known_values(pair.old), _known_values(pair.new)
    if (gone := old.keys() - new.keys()) and pair.new.extensible_enum is not None:
        yield pair.change("extensible-enum-narrowed", before=f"with {wording.names(gone)}", after="without")
    if fresh := new.keys() - old.keys() if pair.old.extensible_enum is not None else set():
        yield pair.change("extensible-enum-widened", before="without", after=f"with {wording.names(fresh)}")


def _known_values(schema: Schema) -> dict[str, object]:
    return schema.extensible_enum or {}
