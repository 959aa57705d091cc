"""Create numbers and strings: boundary values of all bounds, and examples of formats and patterns."""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from statuspin.diff.inclusion import numbers, strings
from statuspin.diff.inclusion.numbers import INTEGER_RANGES, exact
from statuspin.diff.inclusion.values import accepts_scalar
from statuspin.diff.schema import patterns
from statuspin.diff.schema.json_values import is_number
from statuspin.diff.schema.schema import Schema

_LONGEST = 20_000
_EXAMPLES = {
    "date": ("2024-02-29",),
    "date-time": ("2024-02-29T12:30:00Z",),
    "time": ("12:30:00Z",),
    "duration": ("P1D",),
    "email": ("a@example.com",),
    "idn-email": ("ä@example.com", "a@example.com"),
    "hostname": ("example.com",),
    "idn-hostname": ("ä.example", "example.com"),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "uri": ("https://example.com/a",),
    "uri-reference": ("/a", "https://example.com/a"),
    "iri": ("https://example.com/ä", "https://example.com/a"),
    "iri-reference": ("/ä", "/a"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "abcdefab-cdef-abcd-efab-cdefabcdefab"),
    "uri-template": ("/a/{b}",),
    "json-pointer": ("/a",),
    "relative-json-pointer": ("0/a",),
    "regex": ("a*",),
}
_ALPHABET = ("a", "0", "A", " ", "-", "_", ".", "/", "é", "\n")


def numbers_of(schema: Schema, guides: Iterable[Schema], *, is_from_client: bool) -> Iterator[Any]:
    """Yield numbers that `schema` accepts; those around the bounds of `guides` first.

    is_from_client: only integers of 64 bits, unless the schema states a format.
    """
    least, most = INTEGER_RANGES["int64"]
    for point in _numbers_near(schema, guides):
        value = numbers.as_json(point)
        is_sent = not is_from_client or schema.formats or least <= value <= most
        if is_sent and accepts_scalar(schema, value):
            yield value


def _numbers_near(schema: Schema, guides: Iterable[Schema]) -> Iterator[Fraction]:
    """Yield numbers around every bound, whole ones and fractions."""
    step = numbers.step_of(schema) or Fraction(1)
    points = [Fraction(0)] if schema.bounds.keys().isdisjoint(("minimum", "maximum")) else []
    for each in (*guides, schema):
        for point in _points(each):
            nearest = math.floor(point / step) * step
            points += (nearest, nearest + step, nearest - step, point)
    points += (Fraction(0), step, -step, 7 * step, Fraction(2**31), Fraction(2**63))
    yield from points
    if not numbers.is_whole(schema):
        yield from (point + Fraction(part, 4) for part in (2, 1, 3) for point in points)


def _points(schema: Schema) -> Iterator[Fraction]:
    for keyword in ("minimum", "maximum"):
        if keyword in schema.bounds:
            yield exact(schema.bounds[keyword][0])
    for name in schema.formats & INTEGER_RANGES.keys():
        yield from map(Fraction, INTEGER_RANGES[name])
    for step in schema.steps:
        yield exact(step)
    yield from (exact(value) for value in (schema.enum or {}).values() if is_number(value))


def texts_of(schema: Schema, guides: list[Schema]) -> Iterator[str]:
    """Yield strings that `schema` accepts; those around the lengths, patterns and formats of `guides` first."""
    return (text for text in _texts_near(schema, guides) if accepts_scalar(schema, text))


def _texts_near(schema: Schema, guides: list[Schema]) -> Iterator[str]:
    lengths = strings.lengths_of(schema)
    for guide in guides:
        yield from (value for value in (guide.enum or {}).values() if isinstance(value, str))
        if schema.patterns or guide.patterns:
            yield from _example(
                patterns.example_outside(schema.patterns, lengths, guide.patterns, strings.lengths_of(guide))
            )
    starts = [text for name in sorted(schema.formats) for text in _EXAMPLES.get(name, ())]
    if schema.patterns:
        starts += _example(patterns.example_of(schema.patterns, lengths))
    yield from starts
    for length in _lengths(schema, guides):
        yield from ((character * length)[:length] for character in _ALPHABET)
        yield from ((start * (length // max(1, len(start)) + 1))[:length] for start in starts)
    for guide in guides:
        yield from (text for name in sorted(guide.formats) for text in _EXAMPLES.get(name, ()))


def _example(text: str | None) -> list[str]:
    return [] if text is None else [text]


def _lengths(schema: Schema, guides: list[Schema]) -> list[int]:
    found: dict[int, None] = {}
    for each in (*guides, schema):
        least, most = strings.lengths_of(each)
        found |= dict.fromkeys((least, least - 1, least + 1))
        if most is not None:
            found |= dict.fromkeys((most + 1, most, most - 1))
    found |= dict.fromkeys((0, 1, 2, 3))
    return [length for length in found if 0 <= length <= _LONGEST]
