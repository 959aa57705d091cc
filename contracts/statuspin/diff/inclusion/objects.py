"""Compare objects by their members."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce

from statuspin.diff.inclusion.proofs import Proofs
from statuspin.diff.inclusion.values import possible_values
from statuspin.diff.rule import Direction
from statuspin.diff.schema.merging import member_schemas
from statuspin.diff.schema.schema import Reader, Schema, SchemaNode

_INFINITE = float("inf")
_MOST_MIXED = 8
_MOST_SPLIT = 16


def is_hidden(node: SchemaNode, direction: Direction) -> bool:
    """Return whether a member is never sent in this direction: readOnly in requests, writeOnly in responses."""
    return node.is_read_only if direction is Direction.REQUEST else node.is_write_only


def select_visible(schema: Schema, direction: Direction) -> Schema:
    """Return `schema` without the members that are never sent in this direction."""
    return schema.of_requests if direction is Direction.REQUEST else schema.of_responses


def clash(one: Schema, other: Schema) -> bool:
    """Return whether one member shows that no object can match both."""
    tags = other.tags
    return bool(tags) and any(name in tags and not values & tags[name] for name, values in one.tags.items())


def close(
    schema: Schema, others: Iterable[Schema], reader: Reader, inclusion: Proofs, *, is_from_client: bool = False
) -> Schema:
    """Return `schema` with only the described members, if it lists some and does not mention others.

    others: the other alternatives. Members that they describe are allowed if one object can match both.
    is_from_client: an object with the members of another variant of a oneOf may match `schema` instead.
    """
    is_open = schema.additional is None and not schema.pattern_properties and schema.enum is None
    if schema.types != {"object"} or not is_open or not schema.properties:
        return schema
    named = schema.required.union(
        *schema.dependent_required.values(), schema.dependent_required, schema.dependent_schemas
    )
    mixed = dict.fromkeys(named - schema.properties.keys(), reader.true)
    free: dict[str, SchemaNode] = {}
    for other in list(others)[:_MOST_MIXED]:
        names = other.properties.keys() - schema.properties.keys() if other.types == {"object"} else set()
        if other is schema or not names:
            continue
        if is_from_client and _may_match_instead(schema, other, inclusion, reader):
            hidden = {name for name in names if is_hidden(other.properties[name], inclusion.direction)}
            free |= dict.fromkeys(names - hidden, reader.true)
        elif not inclusion.emptiness.is_empty(reader.merge(schema, other)):
            mixed |= {name: other.properties[name] for name in names}
    return replace(schema, properties=mixed | free | schema.properties, additional=reader.false)


def _may_match_instead(schema: Schema, other: Schema, inclusion: Proofs, reader: Reader) -> bool:
    """Return whether an object with only the members of `other` may match `schema` because `other` refuses a value.

    Both are variants of a oneOf that neither a discriminator nor a member with few values distinguishes.
    """
    if not schema.excluded or schema.discriminator or not schema.required <= other.properties.keys():
        return False
    for name in schema.properties.keys() & other.properties.keys():
        values = [node.enum for node in (schema.properties[name], other.properties[name]) if node.enum is not None]
        if len(values) > 1 and not values[0].keys() & values[1].keys():
            return False
    both = reader.merge(*(replace(each, excluded=()) for each in (schema, other)))
    return not inclusion.emptiness.is_empty(both)


def is_covered(sub: Schema, sup: Schema, inclusion: Proofs) -> bool:
    """Return whether `sup` accepts every object that `sub` accepts."""
    sub, sup = select_visible(sub, inclusion.direction), select_visible(sup, inclusion.direction)
    return (
        sup.required <= sub.required
        and _counts_within(sub, sup)
        and all(_member_within(sub, sup, name, inclusion) for name in sorted(sub.properties.keys() | sup.properties))
        and _others_within(sub, sup, inclusion)
        and all(_names_within(sub, node, inclusion) for node in sup.property_names)
        and all(_dependents_there(sub, name, names, inclusion) for name, names in sup.dependent_required.items())
        and all(_dependent_within(sub, name, node, inclusion) for name, node in sup.dependent_schemas.items())
    )


def _counts_within(sub: Schema, sup: Schema) -> bool:
    least, most = sup.bounds.get("minProperties"), sup.bounds.get("maxProperties")
    mine, greatest = sub.bounds.get("minProperties", (0, False))[0], sub.bounds.get("maxProperties")
    upper = _INFINITE if greatest is None else greatest[0]
    if is_closed(sub):
        upper = min(upper, len(sub.properties))
    is_enough = least is None or least[0] <= max(mine, len(sub.required))
    return is_enough and (most is None or most[0] >= upper)


def is_closed(schema: Schema) -> bool:
    """Return whether an object can only have the members that are named."""
    return schema.additional is not None and schema.additional.raw is False and not schema.pattern_properties


def member(schema: Schema, name: str) -> SchemaNode | None:
    """Return one node for all schemas of a member, or None if any value will do."""
    nodes = member_schemas(schema, name)
    return reduce(lambda one, other: one.reader.both(one, other), nodes) if nodes else None


def is_possible(schema: Schema, name: str, inclusion: Proofs) -> bool:
    """Return whether an object can have a member."""
    node = member(schema, name)
    return node is None or not inclusion.emptiness.is_node_empty(node)


def _member_within(sub: Schema, sup: Schema, name: str, inclusion: Proofs) -> bool:
    mine, other = member(sub, name), member(sup, name)
    if other is None or other.raw is True:
        return True
    if mine is None:
        return inclusion.includes(other, other.reader.true)
    return inclusion.includes(other, mine) or inclusion.emptiness.is_node_empty(mine)


def _others_within(sub: Schema, sup: Schema, inclusion: Proofs) -> bool:
    """Return whether the members that no side names, patterns included, are within."""
    for mine, is_pattern, pattern in _open_members(sub):
        targets = [node for other, node in sup.pattern_properties.items() if other not in sub.pattern_properties]
        if is_pattern and pattern in sup.pattern_properties:
            targets.append(sup.pattern_properties[pattern])
        elif sup.additional is not None:
            targets.append(sup.additional)
        for other in targets:
            if not inclusion.includes(other, mine if mine is not None else other.reader.true):
                return False
    return True


def _open_members(schema: Schema) -> Iterator[tuple[SchemaNode | None, bool, str]]:
    for pattern, node in schema.pattern_properties.items():
        yield node, True, pattern
    if schema.additional is None or schema.additional.raw is not False:
        yield schema.additional, False, ""


def _names_within(sub: Schema, wanted: SchemaNode, inclusion: Proofs) -> bool:
    if any(inclusion.includes(wanted, mine) for mine in sub.property_names):
        return True
    if not is_closed(sub):
        return inclusion.includes(wanted, wanted.reader.true)
    names = [name for name in sub.properties if is_possible(sub, name, inclusion)]
    return inclusion.accepts_all(wanted, names)


def _dependents_there(sub: Schema, name: str, names: frozenset[str], inclusion: Proofs) -> bool:
    there = sub.required | sub.dependent_required.get(name, frozenset()) | {name}
    return names <= there or not is_possible(sub, name, inclusion)


def _dependent_within(sub: Schema, name: str, node: SchemaNode, inclusion: Proofs) -> bool:
    if not is_possible(sub, name, inclusion):
        return True
    if name in sub.dependent_schemas and inclusion.includes(node, sub.dependent_schemas[name]):
        return True
    return inclusion.covers(node, replace(sub, required=sub.required | {name}))


def split(sub: Schema, candidates: list[Schema]) -> list[Schema]:
    """Return `sub` as several schemas: by the values of a member that tells `candidates` apart, or by its presence."""
    if sub.types != {"object"} or len(candidates) < 2:
        return []
    for name, node in sub.properties.items():
        alternatives = node.alternatives if name in sub.required else None
        if alternatives is None or not _distinguishes(name, candidates):
            continue
        parts = [_with_member(sub, name, node, {"enum": [value]}) for value in _values(alternatives)]
        if len(parts) > 1:
            return parts
    reader = next((node.reader for node in sub.properties.values()), None)
    everywhere = frozenset.intersection(*(each.required for each in candidates))
    for name in sorted({name for each in candidates for name in each.required} - sub.required - everywhere):
        if reader is not None and name in sub.properties:
            absent = replace(sub, properties=sub.properties | {name: reader.false})
            return [replace(sub, required=sub.required | {name}), absent]
    return []


def _distinguishes(name: str, candidates: list[Schema]) -> bool:
    nodes = (each.properties.get(name) for each in candidates)
    enums = {frozenset(node.enum or ()) if node is not None else None for node in nodes}
    return len(enums) > 1


def _values(alternatives: Iterable[Schema]) -> list[object]:
    found: list[object] = []
    for each in alternatives:
        values = possible_values(each)
        if values is None or len(found) + len(values) > _MOST_SPLIT:
            return []
        found += values
    return found


def _with_member(sub: Schema, name: str, node: SchemaNode, raw: dict[str, object]) -> Schema:
    return replace(sub, properties=sub.properties | {name: node.reader.node(raw)})
