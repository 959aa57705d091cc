"""Match regular expressions, and decide whether one implies another.

ECMA-262 patterns search, but the automata match the whole text, so anchors are translated.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs

from statuspin.diff.schema.automata import Lengths, Undecided, example_between
from statuspin.diff.schema.expressions import translate


@lru_cache(maxsize=4096)
def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern finds a match in `text`. False if the pattern is invalid."""
    validator = _validator(pattern)
    return validator is not None and validator.is_valid(text)


@lru_cache(maxsize=1024)
def _validator(pattern: str) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return None


def implies(patterns: Iterable[str], lengths: Lengths, pattern: str, other_lengths: Lengths = (0, None)) -> bool | None:
    """Return whether every text that all `patterns` and `lengths` accept is one that `pattern` and `other_lengths`
    accept.

    lengths: the least and the greatest length in characters. None if it is not decided.
    """
    try:
        return _example(patterns, lengths, [pattern] if pattern else [], other_lengths) is None
    except Undecided:
        return None


def is_unmatchable(patterns: Iterable[str], lengths: Lengths) -> bool:
    """Return whether no text matches all `patterns` with these lengths. False if it is undecided."""
    try:
        return _example(patterns, lengths, None) is None
    except Undecided:
        return False


def example_outside(
    patterns: Iterable[str], lengths: Lengths, others: Iterable[str], other_lengths: Lengths
) -> str | None:
    """Return a string that `patterns` and `lengths` accept and the others do not, or None if none is known."""
    try:
        return _example(patterns, lengths, others, other_lengths)
    except Undecided:
        return None


def example_of(patterns: Iterable[str], lengths: Lengths) -> str | None:
    """Return a string that all `patterns` and `lengths` accept, or None if none is known."""
    try:
        return _example(patterns, lengths, None)
    except Undecided:
        return None


def _example(
    patterns: Iterable[str], lengths: Lengths, others: Iterable[str] | None, other_lengths: Lengths = (0, None)
) -> str | None:
    unwanted = None if others is None else tuple(translate(each) for each in sorted(others))
    return _cached_example(tuple(translate(each) for each in sorted(patterns)), lengths, unwanted, other_lengths)


@lru_cache(maxsize=1024)
def _cached_example(
    wanted: tuple[str, ...], lengths: Lengths, unwanted: tuple[str, ...] | None, other_lengths: Lengths
) -> str | None:
    return example_between(wanted or (".*",), lengths, unwanted, other_lengths)


@lru_cache(maxsize=4096)
def has_format(name: str, text: str) -> bool:
    """Return whether `text` has a format. Formats that JSON Schema does not define accept every text."""
    return bool(_format_validator(name).is_valid(text))


@cache
def _format_validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)


def is_valid(pattern: str) -> bool:
    """Return whether a pattern can be compiled."""
    return _validator(pattern) is not None
