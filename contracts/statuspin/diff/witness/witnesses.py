"""Prove findings with a value in a sentence."""

import json
from dataclasses import replace
from time import process_time
from typing import Any

from statuspin.diff.graph import SchemaGraph
from statuspin.diff.pairs import PlacedChange, Relation, SchemaPair
from statuspin.diff.rule import Change
from statuspin.diff.severities import is_breaking
from statuspin.diff.witness.lifting import lift, sides
from statuspin.diff.witness.search import WitnessSearch

USUAL_WITNESS_MS = 800
NO_EXAMPLE = "no example found"
_UNDECIDED = "-pattern-undecided"
_LONGEST = 300
_LONGEST_WHOLE = 160
_LONGEST_TEXT = 60


class Witnesses:
    """Searches for values for a limited time. milliseconds: CPU time; 0 disables the search."""

    def __init__(self, graph: SchemaGraph, milliseconds: int) -> None:
        self._graph = graph
        self._search = WitnessSearch()
        self._budget = self._left = milliseconds / 1000
        self._known: dict[SchemaPair, list[Any]] = {}

    def prove(self, placed: PlacedChange) -> tuple[Change, str]:
        """Return a change, and a sentence with a value that proves it, empty without a search.

        An undecided change of a pattern becomes a change if such a value exists.
        """
        change = placed.change
        if self._budget == 0 or not is_breaking(change.rule) or placed.pair.relation is not Relation.BREAKING:
            return change, ""
        value = self._value(placed)
        if value is None:
            is_by_value = "-property-removed" not in change.rule
            return change, NO_EXAMPLE if is_by_value else ""
        if change.rule.endswith(_UNDECIDED):
            change = replace(change, rule=change.rule.removesuffix(_UNDECIDED) + "-pattern-changed")
        verdict = "was accepted and is refused" if placed.pair.is_request else "is possible and was not"
        return change, f"`{_format(value[0])}` {verdict}"

    def _value(self, placed: PlacedChange) -> tuple[Any] | None:
        """Return a value of the whole body, parameter or header if it proves the change there, else of the place."""
        start = process_time()
        try:
            fitting = [value for value in self._values(placed.pair) if _concerns(placed.change, value)]
            if not fitting:
                return None
            value = min(fitting, key=lambda each: len(json.dumps(each)))
            return (self._lift(placed, value),)
        finally:
            self._left -= process_time() - start

    def _values(self, pair: SchemaPair) -> list[Any]:
        if pair not in self._known:
            if self._left <= 0:
                return []
            self._known[pair] = self._search.find_all(*sides(pair), self._graph.inclusion(pair))
        return self._known[pair]

    def _lift(self, placed: PlacedChange, value: Any) -> Any:
        if not placed.trail or self._left <= 0:
            return value
        root = placed.trail[0][0]
        try:
            whole = lift(value, placed.trail, self._search.candidates(self._graph.inclusion(root)))
        except LookupError:
            return value
        is_short = len(json.dumps(whole)) <= _LONGEST_WHOLE
        return whole if is_short and self._search.holds(whole, *sides(root), self._graph.inclusion(root)) else value


def _concerns(change: Change, value: Any) -> bool:
    """Return whether a value has or lacks the member of a change, as the change requires."""
    if not change.at.startswith(".") or not isinstance(value, dict):
        return True
    name = change.at[1:]
    lacking = ("-newly-required", "-property-optional", "required-property-added", "-property-removed")
    if change.rule.endswith(lacking):
        return name not in value
    return name in value or not change.rule.endswith(("-refused", "-unexpected", "-read-only"))


def _format(value: Any) -> str:
    """Return a value as JSON. Long texts are cut and followed by their length."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else json.dumps(_cut(value), ensure_ascii=False)


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [_cut(each) for each in value]
    return {name: _cut(each) for name, each in value.items()} if isinstance(value, dict) else value
