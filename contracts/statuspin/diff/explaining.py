"""Decide which changes explain the relation of two schemas, and which of them are reported."""

from statuspin.diff.pairs import Relation, SchemaPair
from statuspin.diff.rule import Change
from statuspin.diff.severities import Effect, effect_of, is_breaking


def add_general_changes(
    pairs: list[SchemaPair],
    above: dict[SchemaPair, list[SchemaPair]],
    relation: Relation,
) -> None:
    """Add a general change to pairs whose relation no rule explains, from the bottom up.

    above: the pairs that lead to a pair. relation: the least relation of the pairs to explain.
    """
    is_explained = _has_error if relation is Relation.BREAKING else _has_change
    concerned = [pair for pair in pairs if pair.relation >= relation and pair.relation is not Relation.CONTRADICTORY]
    explained: set[SchemaPair] = set()
    _spread([pair for pair in concerned if is_explained(pair)], above, relation, explained)
    for pair in reversed(concerned):
        if pair not in explained:
            pair.changes = (*(pair.changes or ()), _general_change(pair))
            _spread([pair], above, relation, explained)


def is_reported(change: Change, relation: Relation) -> bool:
    """Return whether a change is reported, given the proved relation of all values."""
    effect = effect_of(change.rule)
    if relation is Relation.EQUAL:
        return effect is Effect.ANNOTATION
    return relation >= Relation.CONTRADICTORY or effect is not Effect.BREAKING


def _explains(below: SchemaPair, pair: SchemaPair) -> bool:
    return not pair.is_settled or below.relation is Relation.COMPATIBLE


def relation_below(pair: SchemaPair, below: SchemaPair, relation: Relation) -> Relation:
    """Return the relation that counts for a pair below another one."""
    if not pair.is_settled:
        return min(relation, below.relation)
    return min(relation, Relation.COMPATIBLE) if below.relation is Relation.COMPATIBLE else Relation.EQUAL


def _has_error(pair: SchemaPair) -> bool:
    return any(is_breaking(change.rule) for change in pair.changes or ())


def _has_change(pair: SchemaPair) -> bool:
    return any(effect_of(change.rule) is not Effect.ANNOTATION for change in pair.changes or ())


def _spread(
    sources: list[SchemaPair],
    above: dict[SchemaPair, list[SchemaPair]],
    relation: Relation,
    explained: set[SchemaPair],
) -> None:
    """Add `sources`, and every pair of `relation` that leads to one, to `explained`."""
    waiting = list(sources)
    explained.update(sources)
    while waiting:
        below = waiting.pop()
        for pair in above.get(below, ()):
            if pair not in explained and pair.relation >= relation and _explains(below, pair):
                explained.add(pair)
                waiting.append(pair)


def _general_change(pair: SchemaPair) -> Change:
    is_narrower = pair.is_request is (pair.relation is Relation.BREAKING)
    return pair.change("values-narrowed" if is_narrower else "values-widened")
