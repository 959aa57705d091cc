"""Arrays: length, elements, contains."""

from statuspin.diff.inclusion.proofs import Proofs
from statuspin.diff.schema.schema import Contains, Schema, SchemaNode

_INFINITE = float("inf")


def length_of(schema: Schema) -> tuple[float, float]:
    """Return the least and the greatest number of elements."""
    least, most = schema.bounds.get("minItems"), schema.bounds.get("maxItems")
    greatest = _INFINITE if most is None else most[0]
    if schema.items is not None and schema.items.raw is False:
        greatest = min(greatest, len(schema.prefix))
    return (least[0] if least else 0), greatest


def element(schema: Schema, place: int) -> SchemaNode | None:
    """Return the schema of one element, or None if any value will do."""
    return schema.prefix[place] if place < len(schema.prefix) else schema.items


def is_covered(sub: Schema, sup: Schema, inclusion: Proofs) -> bool:
    """Return whether `sup` accepts every array that `sub` accepts."""
    mine, others = length_of(sub), length_of(sup)
    mine = (mine[0], min(mine[1], _first_impossible(sub, inclusion)))
    if others[0] > mine[0] or others[1] < mine[1]:
        return False
    if sup.unique and not sub.unique and mine[1] > 1:
        return False
    places = max(len(sub.prefix), len(sup.prefix)) + 1
    if not all(_element_within(sub, sup, place, inclusion) for place in range(places) if place < mine[1]):
        return False
    return all(_contains_enough(sub, mine, each, inclusion) for each in sup.contains)


def _first_impossible(schema: Schema, inclusion: Proofs) -> float:
    """Return the place from which on there can be no element."""
    for place in range(len(schema.prefix) + 1):
        node = element(schema, place)
        if node is not None and inclusion.emptiness.is_node_empty(node):
            return place
    return _INFINITE


def _element_within(sub: Schema, sup: Schema, place: int, inclusion: Proofs) -> bool:
    mine, other = element(sub, place), element(sup, place)
    if other is None:
        return True
    return inclusion.includes(other, mine if mine is not None else other.reader.true)


def _contains_enough(sub: Schema, length: tuple[float, float], wanted: Contains, inclusion: Proofs) -> bool:
    least = wanted.minimum <= 0 or any(
        each.minimum >= wanted.minimum and inclusion.includes(wanted.schema, each.schema) for each in sub.contains
    )
    least = least or (length[0] >= wanted.minimum and _all_elements(sub, length, wanted.schema, inclusion))
    if wanted.maximum is None or not least:
        return least
    return length[1] <= wanted.maximum or any(
        each.maximum is not None and each.maximum <= wanted.maximum and inclusion.includes(each.schema, wanted.schema)
        for each in sub.contains
    )


def _all_elements(sub: Schema, length: tuple[float, float], node: SchemaNode, inclusion: Proofs) -> bool:
    places = [place for place in range(len(sub.prefix) + 1) if place < length[1]]
    return all(
        inclusion.includes(node, mine if (mine := element(sub, place)) is not None else node.reader.true)
        for place in places
    )
