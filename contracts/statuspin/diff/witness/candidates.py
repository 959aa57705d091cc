"""Create values of a schema, always the same: boundary values, each enum value, members present and absent.

`guides` are the schemas that may refuse a value. Their bounds and names suggest values.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from statuspin.diff.inclusion import arrays, objects
from statuspin.diff.inclusion.inclusion import Inclusion
from statuspin.diff.schema import patterns
from statuspin.diff.schema.json_values import text_of
from statuspin.diff.schema.schema import Schema, SchemaNode
from statuspin.diff.witness.scalars import numbers_of, texts_of

_NUMBERS = frozenset({"integer", "number"})
_ANYTHING: tuple[Any, ...] = ("a", 0, True, None, [], {}, 1.5, -1, "", "aaaaaaaaaaaaaaaaaaaa")
_MOST_OF_NODE = 240
_MOST_OF_MEMBER = 40
_MOST_ELEMENTS = 40
_DEEPEST = 6


class Candidates:
    """Creates values of the side whose values the other side has to accept.

    inclusion: knows which members may be sent.
    """

    def __init__(self, inclusion: Inclusion) -> None:
        self._inclusion = inclusion
        self._bases: dict[SchemaNode, list[Any]] = {}
        self._depth = 0

    def of(self, node: SchemaNode | None, guide: SchemaNode | None, most: int = _MOST_OF_NODE) -> list[Any]:
        """Return at most `most` values of `node`, each once, small ones first within their kind."""
        if self._depth > _DEEPEST:
            return []
        self._depth += 1
        try:
            return _distinct(islice(self._node_values(node, guide), most * 2), most)
        finally:
            self._depth -= 1

    def base(self, node: SchemaNode | None) -> list[Any]:
        """Return the simplest value of `node` in a list; an empty list if none exists."""
        if node is None or node.raw is True:
            return [_ANYTHING[0]]
        if node not in self._bases:
            self._bases[node] = []
            self._bases[node] = self.of(node, None, 1)
        return self._bases[node]

    def _is_settled(self, node: SchemaNode | None, guides: Iterable[SchemaNode | None]) -> bool:
        """Return whether it is proved that every guide accepts all values of `node`."""
        stated = [guide for guide in guides if guide is not None]
        return all(self._inclusion.includes(guide, node or guide.reader.true) for guide in stated)

    def _node_values(self, node: SchemaNode | None, guide: SchemaNode | None) -> Iterator[Any]:
        guides = () if guide is None else guide.alternatives or ()
        if node is None or node.raw is True:
            for each in guides:
                yield from islice(self._guide_values(each), _MOST_OF_MEMBER)
            yield from _ANYTHING
            return
        alternatives = self._inclusion.find_doubtful(node, guide)
        streams = [
            self._alternative_values(each, [one for one in guides if _may_share(each, one)]) for each in alternatives
        ]
        yield from _interleave(streams)
        mixed = [each for each in alternatives if each.types == {"object"}]
        if len(mixed) > 1:
            yield from self._mix(mixed)

    def _guide_values(self, guide: Schema) -> Iterator[Any]:
        """Yield values just outside the range of a guide, for a schema that accepts everything."""
        kind = next(iter(guide.types))
        free = Schema(types=frozenset({"number" if kind in _NUMBERS else kind}))
        yield from self._alternative_values(free, [guide])

    def _alternative_values(self, schema: Schema, guides: list[Schema]) -> Iterator[Any]:
        kind = next(iter(schema.types))
        if schema.enum is not None:
            known = {text for guide in guides if guide.enum is not None for text in guide.enum}
            yield from sorted(schema.enum.values(), key=lambda value: text_of(value) in known)
        elif kind == "null":
            yield None
        elif kind == "boolean":
            yield from (True, False)
        elif kind in _NUMBERS:
            yield from numbers_of(schema, guides, is_from_client=self._inclusion.is_from_client)
        elif kind == "string":
            yield from texts_of(schema, guides)
        elif kind == "array":
            yield from self._arrays(schema, guides)
        else:
            yield from self._objects(schema, guides)

    def _arrays(self, schema: Schema, guides: list[Schema]) -> Iterator[list[Any]]:
        lengths = _lengths(schema, guides)
        simple = [self._elements(schema, guides, place, 3) for place in range(max(lengths, default=0))]
        yield from (made for length in lengths if (made := self._array(schema, simple, length)) is not None)
        place_count = max(len(schema.prefix), *(len(guide.prefix) for guide in guides), 0) + 1
        for place in range(place_count):
            for length in (each for each in lengths if each > place):
                base = self._array(schema, simple, length)
                if base is not None:
                    values = self._elements(schema, guides, place, _MOST_OF_MEMBER)
                    yield from ([*base[:place], value, *base[place + 1 :]] for value in values)
                break
        for contained in schema.contains:
            for value in self.of(contained.schema, None, 4):
                yield from ([value] * length for length in lengths if length)
        for length in lengths:
            if simple and length > 1 and simple[0]:
                yield [simple[0][0]] * length

    def _elements(self, schema: Schema, guides: list[Schema], place: int, most: int) -> list[Any]:
        node, others = arrays.element(schema, place), [arrays.element(each, place) for each in guides]
        if self._is_settled(node, others):
            return self.of(node, None, 2)
        return self.of(node, next((each for each in others if each is not None), None), most)

    def _array(self, schema: Schema, elements: list[list[Any]], length: int) -> list[Any] | None:
        made: list[Any] = []
        for place in range(length):
            choices = elements[place]
            if schema.unique:
                if place >= len(schema.prefix):
                    choices = self.of(arrays.element(schema, place), None, _MOST_ELEMENTS)
                choices = [value for value in choices if all(text_of(value) != text_of(each) for each in made)]
            if not choices:
                return None
            made.append(choices[0])
        return made

    def _objects(self, schema: Schema, guides: list[Schema]) -> Iterator[dict[str, Any]]:
        schema = objects.select_visible(schema, self._inclusion.direction)
        names = self._names(schema, guides)
        simple = {name: values[0] for name in names if (values := self._simple(schema, name))}
        required = {name: simple[name] for name in sorted(schema.required) if name in simple}
        if schema.required - simple.keys():
            return
        base = self._fill(schema, required, simple)
        yield base
        yield self._trim(schema, simple | base)
        yield from (base | {name: value} for name, value in simple.items() if name not in base)
        for name in names:
            yield from (base | {name: value} for value in self._member(schema, guides, name, _MOST_OF_MEMBER))
        optional = [name for name in simple if name not in schema.required]
        yield from (_without(simple, {name}) for name in optional)
        dependents = (needed for guide in guides for needed in guide.dependent_required.values())
        yield from (_without(simple, needed - schema.required) for needed in dependents)

    def _names(self, schema: Schema, guides: list[Schema]) -> list[str]:
        """Return useful names of members, those of `schema` first."""
        names = dict.fromkeys([*sorted(schema.required), *schema.properties])
        for each in (schema, *guides):
            examples = (patterns.example_of((pattern,), (0, None)) for pattern in each.pattern_properties)
            names |= dict.fromkeys(name for name in examples if name is not None)
        if not objects.is_closed(schema):
            for guide in guides:
                names |= dict.fromkeys([*guide.properties, *sorted(guide.required), *guide.dependent_required])
            names |= dict.fromkeys(("extra", "Extra0", ""))
        return list(names)

    def _simple(self, schema: Schema, name: str) -> list[Any]:
        node = objects.member(schema, name)
        return [] if node is not None and node.raw is False else self.base(node)

    def _member(self, schema: Schema, guides: list[Schema], name: str, most: int) -> list[Any]:
        node = objects.member(schema, name)
        if node is not None and node.raw is False:
            return []
        others = [objects.member(each, name) for each in guides]
        if self._is_settled(node, others):
            return self.base(node)
        return self.of(node, next((each for each in others if each is not None), None), most)

    @staticmethod
    def _fill(schema: Schema, base: dict[str, Any], simple: dict[str, Any]) -> dict[str, Any]:
        """Return `base` with members that depend on others, and as many as there have to be."""
        made = dict(base)
        for _ in range(len(schema.dependent_required) + 1):
            needed = {each for name in made for each in schema.dependent_required.get(name, ())}
            made |= {name: simple[name] for name in sorted(needed - made.keys()) if name in simple}
        least = int(schema.bounds.get("minProperties", (0, False))[0])
        optional = [name for name in simple if name not in made]
        return made | {name: simple[name] for name in optional[: max(0, least - len(made))]}

    @staticmethod
    def _trim(schema: Schema, full: dict[str, Any]) -> dict[str, Any]:
        most = schema.bounds.get("maxProperties")
        if most is None or len(full) <= most[0]:
            return full
        optional = [name for name in full if name not in schema.required][: int(most[0]) - len(schema.required)]
        return {name: value for name, value in full.items() if name in schema.required or name in optional}

    def _mix(self, alternatives: list[Schema]) -> Iterator[dict[str, Any]]:
        """Yield objects that fit several alternatives."""
        bases = [base for each in alternatives[:6] for base in islice(self._objects(each, []), 2)]
        for place, one in enumerate(bases):
            yield from (one | other for other in bases[:place])


def _lengths(schema: Schema, guides: list[Schema]) -> list[int]:
    least, most = arrays.length_of(schema)
    found: dict[float, None] = {}
    for each in (*guides, schema):
        low, high = arrays.length_of(each)
        found |= dict.fromkeys((low, low - 1, high + 1, high, low + 1))
        found |= dict.fromkeys(each.minimum for each in each.contains)
        found |= dict.fromkeys(each.maximum + 1 for each in each.contains if each.maximum is not None)
    found |= dict.fromkeys((0, 1, 2, len(schema.prefix) + 1))
    return [int(length) for length in found if least <= length <= min(most, _MOST_ELEMENTS)]


def _without(value: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name not in names}


def _may_share(one: Schema, other: Schema) -> bool:
    return bool(one.types & other.types) or (one.types <= _NUMBERS and other.types <= _NUMBERS)


def _interleave(streams: list[Iterator[Any]]) -> Iterator[Any]:
    """Yield the first of each stream, then the second of each, and so on."""
    while streams:
        remaining = []
        for stream in streams:
            for value in islice(stream, 1):
                yield value
                remaining.append(stream)
        streams = remaining


def _distinct(values: Iterable[Any], most: int) -> list[Any]:
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(text_of(value), value)
        if len(found) >= most:
            break
    return list(found.values())
