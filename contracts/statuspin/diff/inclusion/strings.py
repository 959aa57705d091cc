"""Strings: lengths, patterns, formats and content."""

from statuspin.diff.inclusion.numbers import Interval
from statuspin.diff.schema import patterns
from statuspin.diff.schema.keywords import NUMBER_FORMATS
from statuspin.diff.schema.schema import Schema

FORMATS_WITHIN = {
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("uri", "iri"),
    ("uri", "uri-reference"),
    ("uri", "iri-reference"),
    ("iri", "iri-reference"),
    ("uri-reference", "iri-reference"),
}
_LENGTHS: dict[str, tuple[int, int | None]] = {
    "date": (10, 10),
    "date-time": (20, None),
    "time": (9, None),
    "duration": (3, None),
    "email": (3, None),
    "idn-email": (3, None),
    "hostname": (1, 253),
    "ipv4": (7, 15),
    "ipv6": (2, 45),
    "uuid": (36, 36),
}
"""The lengths that texts of a format can have."""
HINTS = frozenset({"password"})
"""Formats that refuse no string."""


def lengths_of(schema: Schema) -> tuple[int, int | None]:
    """Return the least and the greatest length that bounds and formats leave."""
    least, most = schema.bounds.get("minLength"), schema.bounds.get("maxLength")
    low, high = (max(0, int(least[0])) if least else 0), (None if most is None else int(most[0]))
    for name in schema.formats & _LENGTHS.keys():
        shortest, longest = _LENGTHS[name]
        low, high = max(low, shortest), longest if high is None else high if longest is None else min(high, longest)
    return low, high


def is_covered(sub: Schema, sups: list[Schema]) -> bool:
    """Return whether every string that `sub` accepts is accepted by one of `sups`. No schema may have an enum."""
    fitting = [sup for sup in sups if formats_fit(sub, sup) and content_fits(sub, sup)]
    if any(_is_within(sub, sup) for sup in fitting):
        return True
    alike = [sup for sup in fitting if sup.patterns <= sub.patterns]
    return _lengths_covered(sub, alike)


def formats_fit(sub: Schema, sup: Schema) -> bool:
    """Return whether strings with the formats of `sub` also have those of `sup`."""
    wanted = sup.formats - NUMBER_FORMATS - HINTS - sub.formats
    return all(any((mine, name) in FORMATS_WITHIN for mine in sub.formats) for name in wanted)


def content_fits(sub: Schema, sup: Schema) -> bool:
    """Return whether the encoding and media type of `sub` satisfy `sup`. `*`, as in binary, is any media type."""
    mine = dict(sub.content)
    return all(
        mine.get(keyword) == text
        or (keyword == "contentMediaType" and keyword in mine and "*" in (text, mine[keyword]))
        for keyword, text in sup.content
    )


def _is_within(sub: Schema, sup: Schema) -> bool:
    missing = sup.patterns - sub.patterns
    mine, others = lengths_of(sub), lengths_of(sup)
    are_lengths_within = others[0] <= mine[0] and (others[1] is None or (mine[1] is not None and mine[1] <= others[1]))
    if are_lengths_within and all(patterns.implies(sub.patterns, mine, each) is True for each in missing):
        return True
    return bool(sub.patterns) and not are_lengths_within and _compare_automata(sub, mine, sup, others)


def _compare_automata(sub: Schema, mine: tuple[int, int | None], sup: Schema, others: tuple[int, int | None]) -> bool:
    return all(patterns.implies(sub.patterns, mine, each, others) is True for each in sup.patterns or {""})


def _lengths_covered(sub: Schema, sups: list[Schema]) -> bool:
    needed, end = lengths_of(sub)
    for interval in sorted(_interval(sup) for sup in sups):
        if interval.low[0] <= needed <= interval.high[0]:
            needed = interval.high[0] + 1
    return needed > (float("inf") if end is None else end) or needed == float("inf")


def _interval(schema: Schema) -> Interval:
    least, most = lengths_of(schema)
    return Interval((least, 0), (float("inf") if most is None else most, 0))


def is_unmatchable(schema: Schema) -> bool:
    """Return whether no string of the lengths can match all patterns."""
    lengths = lengths_of(schema)
    is_doubtful = len(schema.patterns) > 1 or (schema.patterns and lengths != (0, None))
    return bool(is_doubtful) and patterns.is_unmatchable(schema.patterns, lengths)
