"""Rules for the elements of arrays."""

from statuspin.diff.inclusion.arrays import element
from statuspin.diff.pairs import SCHEMAS, SchemaPair
from statuspin.diff.rule import RuleResult


@SCHEMAS.rule()
def elements(pair: SchemaPair) -> RuleResult:
    """Compare the elements of prefixItems by position, and the others by `items`."""
    old, new = pair.old, pair.new
    for place in range(max(len(old.prefix), len(new.prefix))):
        yield pair.subschema(f"[{place}]", element(old, place), element(new, place))
    if (old.items is not None or new.items is not None) and all(
        "array" in each.types | each.misplaced for each in (old, new)
    ):
        yield pair.subschema("[]", old.items, new.items)
