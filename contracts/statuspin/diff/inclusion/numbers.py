"""Numbers: intervals, steps and formats."""

import math
import sys
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any, NamedTuple

from statuspin.diff.schema.keywords import NUMBER_FORMATS
from statuspin.diff.schema.schema import Schema

_MOST_VALUES = 256
_LARGEST_FLOAT = Fraction(sys.float_info.max)
INTEGER_RANGES = {
    name: (-(2**bits), 2**bits - 1) for name, bits in (("int8", 7), ("int16", 15), ("int32", 31), ("int64", 63))
} | {name: (0, 2**bits - 1) for name, bits in (("uint8", 8), ("uint16", 16), ("uint32", 32), ("uint64", 64))}
WIDEST = frozenset({"int64", "double"})
_WITHIN = {("float", "double")}

Point = tuple[Any, int]
"""A number, and -1, 0 or 1 for just below it, exactly at it, or just above it."""


class Interval(NamedTuple):
    """The numbers from the point `low` to the point `high`."""

    low: Point
    high: Point

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return self.low > self.high


@lru_cache(maxsize=4096, typed=True)
def exact(value: Any) -> Fraction:
    """Return a JSON number without the error of its binary form: 0.1 is 1/10."""
    if isinstance(value, int):
        return Fraction(value)
    return Fraction(str(value)) if math.isfinite(value) else Fraction(10) ** 400 * (1 if value > 0 else -1)


def as_json(value: Fraction) -> Any:
    """Return the JSON number of a fraction; the nearest integer if it is too large for a float."""
    if value.denominator == 1:
        return int(value)
    return float(value) if abs(value) < _LARGEST_FLOAT else round(value)


@lru_cache(maxsize=1024)
def interval_of(schema: Schema, ignored_formats: frozenset[str] = frozenset()) -> Interval:
    """Return the interval of a schema of numbers; that of integers ends at integers."""
    low: Point = (-math.inf, 0)
    high: Point = (math.inf, 0)
    if (bound := schema.bounds.get("minimum")) is not None:
        low = (exact(bound[0]), 1 if bound[1] else 0)
    if (bound := schema.bounds.get("maximum")) is not None:
        high = (exact(bound[0]), -1 if bound[1] else 0)
    for name in schema.formats & INTEGER_RANGES.keys() - ignored_formats:
        least, most = INTEGER_RANGES[name]
        low, high = max(low, (least, 0)), min(high, (most, 0))
    return Interval(_up(low), _down(high)) if is_whole(schema) else Interval(low, high)


def _up(point: Point) -> Point:
    value, side = point
    if value == -math.inf:
        return point
    return (math.floor(value) + 1 if side > 0 else math.ceil(value), 0)


def _down(point: Point) -> Point:
    value, side = point
    if value == math.inf:
        return point
    return (math.ceil(value) - 1 if side < 0 else math.floor(value), 0)


def is_whole(schema: Schema) -> bool:
    """Return whether only integers are accepted."""
    return "number" not in schema.types or any(exact(step).denominator == 1 for step in schema.steps)


def step_of(schema: Schema) -> Fraction | None:
    """Return the number that every accepted number is a multiple of, or None if any fraction is accepted."""
    steps = [exact(step) for step in schema.steps] + ([Fraction(1)] if is_whole(schema) else [])
    return reduce(_common_multiple, steps) if steps else None


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    denominator = math.lcm(one.denominator, other.denominator)
    return Fraction(math.lcm(int(one * denominator), int(other * denominator)), denominator)


def few_values(schema: Schema) -> list[Any] | None:
    """Return every number that a schema without an enum accepts, or None if there are many."""
    interval, steps = interval_of(schema), [exact(step) for step in schema.steps]
    if interval.is_empty:
        return []
    (low, _), (high, _) = interval
    step = max([*steps, Fraction(1)] if is_whole(schema) else steps, default=None)
    if step is None or low == -math.inf or high == math.inf or (high - low) / step > _MOST_VALUES:
        return [int(low)] if low == high and low == int(low) else None
    candidates = (each * step for each in range(math.ceil(low / step), math.floor(high / step) + 1))
    return [
        as_json(value)
        for value in candidates
        if interval.low <= (value, 0) <= interval.high and all((value / each).denominator == 1 for each in steps)
    ]


def is_covered(sub: Schema, sups: list[Schema], *, is_from_client: bool) -> bool:
    """Return whether every number that `sub` accepts is accepted by one of `sups`.

    is_from_client: assume that clients send no integer beyond 64 bits, unless the document says so.
    """
    assumed = WIDEST if is_from_client and not sub.formats & NUMBER_FORMATS else frozenset()
    intervals = [interval_of(sup, assumed) for sup in sups if _fits(sub, sup, assumed)]
    if not is_whole(sub):
        return _covers(interval_of(sub), intervals, 0)
    return _covers(interval_of(sub), [Interval(_up(each.low), _down(each.high)) for each in intervals], 1)


def _fits(sub: Schema, sup: Schema, assumed: frozenset[str]) -> bool:
    """Return whether steps and formats of `sup` refuse nothing that `sub` accepts."""
    if is_whole(sup) and not is_whole(sub):
        return False
    step = step_of(sub)
    if sup.steps and (step is None or any((step / exact(other)).denominator != 1 for other in sup.steps)):
        return False
    formats = sup.formats & NUMBER_FORMATS - INTEGER_RANGES.keys() - sub.formats - assumed
    return all(any((mine, name) in _WITHIN for mine in sub.formats) for name in formats)


def _covers(wanted: Interval, intervals: list[Interval], step: int) -> bool:
    """Return whether `intervals` together leave no gap in `wanted`. step: 1 for integers."""
    needed = wanted.low
    for low, high in sorted(intervals):
        if low <= needed <= high:
            needed = (high[0] + step, 0) if step else (high[0], high[1] + 1)
    return needed > wanted.high or (needed[0] == math.inf and wanted.high[0] == math.inf)
